package pace

import (
	"strings"
	"time"
)

// Recipient is whose clock a message to somebody goes by, and how that is known. It is
// reckoned anew at every look, from what the contact says then, and never stored as a fact.
type Recipient struct {
	// Zone is an IANA name, or empty when nothing that is known of the recipient says one:
	// the campaign's then counts, see CampaignRules.Hours.
	Zone string `json:"zone,omitempty"`
	By   By     `json:"by"`
}

// By is what a recipient's zone was taken from.
type By string

// What says a recipient's zone, the surest first.
const (
	ByField    By = "field"    // a field with a time zone
	ByPlace    By = "place"    // country, and state or city
	ByPhone    By = "phone"    // the phone number
	ByCountry  By = "country"  // a country of one zone
	ByDomain   By = "domain"   // the country of the mail domain
	ByCampaign By = "campaign" // nothing: the campaign's zone
)

// String is the words for people, to stand behind a time: "09:10 in Brussels (by country)".
func (b By) String() string {
	switch b {
	case ByField:
		return "by the contact's time zone field"
	case ByPlace:
		return "by country and state or city"
	case ByPhone:
		return "by phone number"
	case ByCountry:
		return "by country"
	case ByDomain:
		return "by the country of the mail domain"
	case ByCampaign:
		return "by the campaign's zone"
	}
	return string(b)
}

// RecipientOf finds the zone of somebody with these custom fields, by the names and in the
// words that exports have for them; phone and email are the contact's, or empty. An answer
// is given only where all that it could mean have one clock at now and a week later, so that
// it may change with the time of year, and with the fields.
func RecipientOf(fields map[string]string, phone, email string, now time.Time) Recipient {
	known := whereabouts(fields)
	for _, text := range known[zoneField] {
		if zone := zoneNamed(text); zone != "" {
			return Recipient{zone, ByField}
		}
	}
	country := ""
	for _, text := range known[countryField] {
		if country = countryNamed(text); country != "" {
			break
		}
	}
	if country != "" {
		if zone := placeZone(country, known[stateField], known[cityField]); zone != "" {
			return Recipient{zone, ByPlace}
		}
	}
	if zone := phoneZone(phone, country, now); zone != "" {
		return Recipient{zone, ByPhone}
	}
	if country != "" {
		if zone := countryZone(country, now); zone != "" {
			return Recipient{zone, ByCountry}
		}
	}
	if zone := countryZone(domainCountry(email), now); zone != "" {
		return Recipient{zone, ByDomain}
	}
	return Recipient{By: ByCampaign}
}

// sold are the endings of two letters that are sold to everybody, or nearly: a domain under
// them says nothing of a country.
var sold = set("ac ad ag ai am as bi bz cc cd cf ch co cx dj fm ga gd gg gl gq gs hn im in io is je la lc li ly md me ml mn ms mu mw nf nu pm pn pw re rs sc sh si so sr st su sx tc tf tk tl to tv vc vg vu wf ws yt")

// domainCountry is the country of an address's domain by its ending; empty when that is of none.
func domainCountry(email string) string {
	ending := strings.ToLower(strings.TrimSpace(email[strings.LastIndexByte(email, '.')+1:]))
	switch {
	case len(ending) != 2 || sold[ending]:
		return ""
	case ending == "uk":
		return "GB"
	}
	return strings.ToUpper(ending)
}

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}
