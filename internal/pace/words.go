package pace

import (
	"fmt"
	"strings"
	"time"
)

// Short is the days with runs drawn together, from Monday on: "mon-fri", "mon, wed-fri";
// empty for every day.
func (d Days) Short() string {
	if d == EveryDay {
		return ""
	}
	day := func(i int) time.Weekday { return time.Weekday((i + 1) % 7) }
	var runs []string
	for i := 0; i < 7; i++ {
		first := i
		for i < 7 && d.Has(day(i)) {
			i++
		}
		switch i - first {
		case 0:
		case 1:
			runs = append(runs, dayNames[day(first)])
		case 2:
			runs = append(runs, dayNames[day(first)], dayNames[day(i-1)])
		default:
			runs = append(runs, dayNames[day(first)]+"-"+dayNames[day(i-1)])
		}
	}
	return strings.Join(runs, ", ")
}

// String is the window as ParseWindows reads it: "mon-fri 09:00-17:00", "08:00-20:00".
func (w Window) String() string {
	times := w.From.String() + "-" + w.To.String()
	days := w.Days.Short()
	switch {
	case days == "":
		return times
	case w.From == 0 && w.To == EndOfDay:
		return days
	}
	return days + " " + times
}

// WindowsText is windows as ParseWindows reads them: "mon-fri 09:00-12:00; sat 10:00-12:00".
func WindowsText(windows []Window) string {
	texts := make([]string, len(windows))
	for i, window := range windows {
		texts[i] = window.String()
	}
	return strings.Join(texts, "; ")
}

// LengthText is a length of time as ParseLength reads it: 90s, 5m, 2h, 1h30m.
func LengthText(d time.Duration) string {
	switch {
	case d <= 2*time.Minute, d < 10*time.Minute && d%time.Minute != 0:
		return fmt.Sprintf("%ds", d/time.Second)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d < time.Hour && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return strings.TrimSuffix(d.String(), "0s")
}

// String is the rules in words: "90s gap and up to 30s more, 400 a day, 08:00-20:00,
// Europe/Brussels"; empty when there are none.
func (r AccountRules) String() string {
	var parts []string
	switch {
	case r.Gap > 0 && r.Jitter > 0:
		parts = append(parts, LengthText(r.Gap)+" gap and up to "+LengthText(r.Jitter)+" more")
	case r.Gap > 0:
		parts = append(parts, LengthText(r.Gap)+" gap")
	}
	if r.PerDay > 0 {
		parts = append(parts, fmt.Sprintf("%d a day", r.PerDay))
	}
	if r.Ramp != (Ramp{}) {
		parts = append(parts, fmt.Sprintf("%d on the first day and %d more on each further one", r.Ramp.Start, r.Ramp.Add))
	}
	if len(r.Hours) > 0 {
		parts = append(parts, WindowsText(r.Hours))
	}
	if r.Zone != "" {
		parts = append(parts, r.Zone)
	}
	switch r.Order {
	case FIFO:
		parts = append(parts, "first come, first served")
	case FollowUpsFirst:
		parts = append(parts, "follow-ups first")
	}
	return strings.Join(parts, ", ")
}

// String is the rules in words: "mon-fri 09:00-17:00, in each recipient's zone"; empty when
// there are none.
func (r CampaignRules) String() string {
	var parts []string
	if len(r.Windows) > 0 {
		parts = append(parts, WindowsText(r.Windows))
	}
	switch {
	case r.InRecipientZone():
		parts = append(parts, "in each recipient's zone")
	case r.Zone != "":
		parts = append(parts, r.Zone)
	}
	if r.IgnoreHolidays {
		parts = append(parts, "on holidays too")
	}
	return strings.Join(parts, ", ")
}

// String is the holidays in words: "BE, also 2026-12-24, not 2026-07-21"; empty when there
// are none.
func (h Holidays) String() string {
	var parts []string
	if h.Country != "" {
		parts = append(parts, h.Country)
	}
	for _, of := range []struct {
		word  string
		dates []Date
	}{{"also ", h.Add}, {"not ", h.Remove}} {
		for i, date := range of.dates {
			if i == 0 {
				parts = append(parts, of.word+date.String())
			} else {
				parts = append(parts, date.String())
			}
		}
	}
	return strings.Join(parts, ", ")
}
