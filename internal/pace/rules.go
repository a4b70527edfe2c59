package pace

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // a container may have none
)

// Calendar is what a workspace says of its days.
type Calendar struct {
	// Zone is an IANA name: the zone of whatever names none of its own. Empty is UTC.
	Zone     string   `json:"zone,omitempty"`
	Holidays Holidays `json:"holidays,omitzero"`
}

// RecipientZone is the Zone of a campaign that sends in each recipient's own.
const RecipientZone = "recipient"

// CampaignRules say when a campaign's messages may leave. The zero value: at any time but
// on the workspace's holidays.
type CampaignRules struct {
	Windows []Window `json:"windows,omitempty"`
	// Zone is an IANA name, RecipientZone, or empty for the workspace's.
	Zone string `json:"zone,omitempty"`
	// IgnoreHolidays lets messages leave on the workspace's holidays.
	IgnoreHolidays bool `json:"ignoreHolidays,omitempty"`
}

// InRecipientZone is true when each recipient's own zone counts.
func (r CampaignRules) InRecipientZone() bool { return r.Zone == RecipientZone }

// AlwaysOpen is true of rules that hold no message back.
func (r CampaignRules) AlwaysOpen(calendar Calendar) bool {
	return len(r.Windows) == 0 && (r.IgnoreHolidays || calendar.Holidays.none())
}

// Hours are the rules in one zone; recipient is the recipient's, which counts when the
// rules say so, and the workspace's when it is empty. The error names an unknown zone.
func (r CampaignRules) Hours(calendar Calendar, recipient string) (Hours, error) {
	zone := r.Zone
	if r.InRecipientZone() {
		zone = recipient
	}
	location, err := calendar.location(zone)
	if err != nil {
		return Hours{}, err
	}
	hours := Hours{Windows: r.Windows, Zone: location}
	if !r.IgnoreHolidays {
		hours.Holidays = calendar.Holidays
	}
	return hours, nil
}

// Order is who leaves first among those who wait for one account.
type Order string

// The orders. Within each, first come is first served, over all campaigns.
const (
	FollowUpsFirst Order = "follow-ups-first"
	FIFO           Order = "fifo"
)

// AccountRules are the pace of an email account as it is set. The zero value is free.
type AccountRules struct {
	Gap    time.Duration `json:"gap,omitempty"`
	Jitter time.Duration `json:"jitter,omitempty"`
	PerDay int           `json:"perDay,omitempty"`
	Ramp   Ramp          `json:"ramp,omitzero"`
	Hours  []Window      `json:"hours,omitempty"`
	// Zone is an IANA name, or empty for the workspace's. The limit's day begins at its midnight.
	Zone string `json:"zone,omitempty"`
	// Order is FollowUpsFirst when empty.
	Order Order `json:"order,omitempty"`
}

// Account is the rules ready to reckon with. The error names an unknown zone.
func (r AccountRules) Account(calendar Calendar) (Account, error) {
	location, err := calendar.location(r.Zone)
	if err != nil {
		return Account{}, err
	}
	return Account{
		Gap: r.Gap, Jitter: r.Jitter, PerDay: r.PerDay, Ramp: r.Ramp,
		Hours: Hours{Windows: r.Hours, Zone: location},
	}, nil
}

// Free is true of an account that limits nothing.
func (r AccountRules) Free() bool {
	return r.Gap == 0 && r.PerDay == 0 && r.Ramp == Ramp{} && len(r.Hours) == 0
}

// location is that of a zone's name, of the calendar's own when it is empty.
func (c Calendar) location(zone string) (*time.Location, error) {
	if zone == "" {
		zone = c.Zone
	}
	if zone == "" {
		return time.UTC, nil
	}
	return Zone(zone)
}

// Zone is the location of an IANA name. The error says what was expected.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is no time zone; expected an IANA name such as Europe/Brussels", name)
	}
	if loaded, ok := loadedZones.Load(name); ok {
		if location, ok := loaded.(*time.Location); ok {
			return location, nil
		}
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone; expected an IANA name such as Europe/Brussels", name)
	}
	loadedZones.Store(name, location)
	return location, nil
}

// loadedZones keeps the locations by their names, which are some hundreds: time.LoadLocation
// reads a file each time, and a look at a mail asks for several.
var loadedZones sync.Map
