package pace

import (
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// phoneZone is the zone of a phone number, when all those in which it may be answered have
// one clock now and in a week; +1 800 is answered in 42. country is that of a number that is
// written without it; empty when it is not known.
func phoneZone(phone, country string, now time.Time) string {
	phone = strings.TrimSpace(phone)
	if phone == "" || len(phone) > longestName {
		return ""
	}
	if rest, ok := strings.CutPrefix(phone, "00"); ok {
		phone = "+" + rest
	}
	number, err := phonenumbers.Parse(phone, country)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return ""
	}
	zones, err := phonenumbers.GetTimezonesForNumber(number)
	if err != nil || len(zones) == 0 || !oneClock(zones, now) {
		return ""
	}
	// The numbers' data is content with any zone of the right clock, Bucharest for Estonia.
	own := countryZone(phonenumbers.GetRegionCodeForNumber(number), now)
	if own != "" && oneClock([]string{zones[0], own}, now) {
		return own
	}
	return slices.Min(zones)
}
