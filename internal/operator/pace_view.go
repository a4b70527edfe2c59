package operator

import (
	"strconv"
	"strings"

	"relance/internal/pace"
)

// Pace is what an email account sends at most.
type Pace struct {
	// Gap and Jitter are 90s, 5m or 1h30m.
	Gap    string `json:"gap,omitempty"`
	Jitter string `json:"jitter,omitempty"`
	PerDay int    `json:"perDay,omitempty"`
	Ramp   *Ramp  `json:"ramp,omitempty"`
	// Hours are when it sends; it always may when there are none.
	Hours []Window `json:"hours"`
	// Timezone is its own, else the workspace's.
	Timezone string     `json:"timezone"`
	Order    pace.Order `json:"order"`

	rules pace.AccountRules
}

// Ramp is how an account that is new begins.
type Ramp struct {
	Start int `json:"start"`
	Add   int `json:"add"`
}

// Window is when messages leave on some days of the week.
type Window struct {
	// Days are mon to sun.
	Days []string `json:"days"`
	// From and To are times of day, 09:00; To is before From when it goes over midnight.
	From string `json:"from"`
	To   string `json:"to"`
}

// SendWindow is when a campaign's messages leave.
type SendWindow struct {
	// Times are always when there are none.
	Times []Window `json:"times"`
	// Timezone is an IANA name, or recipient for each recipient's own.
	Timezone string `json:"timezone"`
	// OnHolidays is true when they leave on the workspace's holidays too.
	OnHolidays bool `json:"onHolidays"`

	rules pace.CampaignRules
}

// Shown is the rules as they are set, in words: what PaceSettings.Shown compares.
func (p *Pace) Shown() string {
	if p == nil {
		return ""
	}
	return p.rules.String()
}

// Text is the pace in words, in its zone; empty for none.
func (p *Pace) Text() string {
	if p == nil {
		return ""
	}
	rules := p.rules
	rules.Zone = p.Timezone
	return rules.String()
}

// TypedPace is a pace as PaceSettings reads it: what a form begins with.
type TypedPace struct{ Gap, Jitter, PerDay, Ramp, Hours, Timezone, Order string }

// Typed is the pace for a form; the zero value for none.
func (p *Pace) Typed() TypedPace {
	if p == nil {
		return TypedPace{}
	}
	typed := TypedPace{Gap: p.Gap, Jitter: p.Jitter, Hours: pace.WindowsText(p.rules.Hours), Timezone: p.rules.Zone, Order: string(p.rules.Order)}
	if p.PerDay > 0 {
		typed.PerDay = strconv.Itoa(p.PerDay)
	}
	if p.Ramp != nil {
		typed.Ramp = p.rules.Ramp.String()
	}
	return typed
}

// Text is the window in words, in its zone; empty when the campaign always sends, but on
// holidays.
func (w *SendWindow) Text() string {
	if w == nil {
		return ""
	}
	rules := w.rules
	rules.Zone = w.Timezone
	return rules.String()
}

func paceOf(rules pace.AccountRules, calendar pace.Calendar) *Pace {
	if rules.String() == "" {
		return nil
	}
	shown := &Pace{PerDay: rules.PerDay, Hours: windowsOf(rules.Hours), Timezone: zoneOf(rules.Zone, calendar), Order: rules.Order, rules: rules}
	if rules.Gap > 0 {
		shown.Gap = pace.LengthText(rules.Gap)
	}
	if rules.Jitter > 0 {
		shown.Jitter = pace.LengthText(rules.Jitter)
	}
	if rules.Ramp != (pace.Ramp{}) {
		shown.Ramp = &Ramp{rules.Ramp.Start, rules.Ramp.Add}
	}
	if shown.Order == "" {
		shown.Order = pace.FollowUpsFirst
	}
	return shown
}

func windowOf(rules pace.CampaignRules, calendar pace.Calendar) *SendWindow {
	if rules.String() == "" {
		return nil
	}
	return &SendWindow{Times: windowsOf(rules.Windows), Timezone: zoneOf(rules.Zone, calendar), OnHolidays: rules.IgnoreHolidays, rules: rules}
}

func windowsOf(windows []pace.Window) []Window {
	shown := []Window{}
	for _, window := range windows {
		shown = append(shown, Window{strings.Split(window.Days.String(), ", "), window.From.String(), window.To.String()})
	}
	return shown
}

// zoneOf is the zone that counts.
func zoneOf(zone string, calendar pace.Calendar) string {
	for _, name := range []string{zone, calendar.Zone} {
		if name != "" {
			return name
		}
	}
	return "UTC"
}
