package workspace

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/pace"
)

// timezone reads the zone of the workspace; empty when the file does not speak of it.
func (r *reader) timezone(n *node) string {
	return r.zone(n, "timezone")
}

// holidays reads those of the workspace; nil when the file does not speak of them.
func (r *reader) holidays(n *node) *pace.Holidays {
	if n == nil {
		return nil
	}
	const path = "holidays"
	before := len(r.problems)
	got := r.mapping(n, path, "country", "add", "remove")
	holidays := &pace.Holidays{
		Country: strings.ToUpper(strings.TrimSpace(r.text(got["country"], path+".country"))),
		Add:     list(r, got["add"], path+".add", r.date),
		Remove:  list(r, got["remove"], path+".remove", r.date),
	}
	if len(r.problems) == before {
		r.wrongs(n, path, holidays.CheckAll())
	}
	return holidays
}

func (r *reader) date(n *node, path string) pace.Date {
	return parsed(r, n, path, pace.ParseDate)
}

// pace reads what an account sends at most; the zero value when it is missing.
func (r *reader) pace(n *node, path string) (rules pace.AccountRules) {
	if n == nil {
		return rules
	}
	before := len(r.problems)
	got := r.mapping(n, path, "gap", "jitter", "per_day", "ramp", "hours", "timezone", "order")
	rules.Gap = r.length(got["gap"], path+".gap")
	rules.Jitter = r.length(got["jitter"], path+".jitter")
	rules.PerDay = r.count(got["per_day"], path+".per_day")
	rules.Ramp = r.ramp(got["ramp"], path+".ramp")
	rules.Hours = r.hours(got["hours"], path+".hours")
	rules.Zone = r.zone(got["timezone"], path+".timezone")
	if order := got["order"]; order != nil {
		rules.Order = parsed(r, order, path+".order", func(text string) (pace.Order, error) {
			orders := []string{string(pace.FollowUpsFirst), string(pace.FIFO)}
			of, err := pace.ParseOrder(text)
			if err != nil {
				return of, fmt.Errorf("%q is no order%s; expected %s", text, meant(text, orders), listed(orders))
			}
			return of, nil
		})
	}
	if len(r.problems) == before {
		r.wrongs(n, path, rules.Check())
	}
	return rules
}

// ramp reads {start: 20, add: 10}.
func (r *reader) ramp(n *node, path string) (ramp pace.Ramp) {
	if n == nil {
		return ramp
	}
	got := r.mapping(n, path, "start", "add")
	if got == nil {
		return ramp
	}
	for _, part := range []struct {
		key, what string
		to        *int
	}{{"start", "how many leave on the first day", &ramp.Start}, {"add", "how many more leave on each further day", &ramp.Add}} {
		if got[part.key] == nil {
			r.add(n.line, path+"."+part.key, "missing; expected %s", part.what)
			continue
		}
		*part.to = r.count(got[part.key], path+"."+part.key)
	}
	return ramp
}

// hours reads one window or a list of them. One that names no day is of every day.
func (r *reader) hours(n *node, path string) []pace.Window {
	switch {
	case n == nil:
		return nil
	case n.kind == aList:
		if len(n.items) == 0 {
			r.add(n.line, path, "empty; expected at least one {from: \"08:00\", to: \"20:00\"}, or no hours")
		}
		return list(r, n, path, func(n *node, path string) pace.Window { return r.oneWindow(n, path, pace.EveryDay) })
	}
	return []pace.Window{r.oneWindow(n, path, pace.EveryDay)}
}

// window reads when a campaign may send; the zero value when it is missing. Times that
// name no day are of Monday to Friday.
func (r *reader) window(n *node, path string) (rules pace.CampaignRules) {
	if n == nil {
		return rules
	}
	before := len(r.problems)
	got := r.mapping(n, path, "days", "from", "to", "times", "timezone", "holidays")
	own := got["days"] != nil || got["from"] != nil || got["to"] != nil
	switch times := got["times"]; {
	case times != nil && own:
		r.add(times.line, path+".times", "given beside days, from or to; expected either one window or a list of them under times")
	case times != nil && times.kind == aList && len(times.items) == 0:
		r.add(times.line, path+".times", "empty; expected at least one {days: [mon], from: \"09:00\", to: \"17:00\"}")
	case times != nil:
		rules.Windows = list(r, times, path+".times", func(n *node, path string) pace.Window { return r.oneWindow(n, path, pace.Weekdays) })
	case own:
		rules.Windows = []pace.Window{r.readWindow(got, n, path, pace.Weekdays)}
	}
	if zone := got["timezone"]; zone != nil && zone.text == pace.RecipientZone {
		rules.Zone = pace.RecipientZone
	} else {
		rules.Zone = r.zone(zone, path+".timezone", pace.RecipientZone)
	}
	if holidays := got["holidays"]; holidays != nil {
		if rules.IgnoreHolidays = holidays.text == "none"; !rules.IgnoreHolidays {
			r.add(holidays.line, path+".holidays", "this is %s; expected none, to send on the workspace's holidays too", shown(holidays))
		}
	}
	if len(r.problems) == before {
		r.wrongs(n, path, rules.Check())
	}
	return rules
}

func (r *reader) oneWindow(n *node, path string, days pace.Days) pace.Window {
	got := r.mapping(n, path, "days", "from", "to")
	if got == nil {
		return pace.Window{}
	}
	return r.readWindow(got, n, path, days)
}

// readWindow reads days, from and to: the days when they are not given, a begin and an end
// of the day when those are not.
func (r *reader) readWindow(got map[string]*node, n *node, path string, days pace.Days) pace.Window {
	window := pace.Window{Days: days, To: pace.EndOfDay}
	before := len(r.problems)
	if of := got["days"]; of != nil {
		window.Days = 0
		for _, day := range list(r, of, path+".days", func(n *node, path string) pace.Days {
			day := parsed(r, n, path, pace.ParseDay)
			return pace.On(day)
		}) {
			window.Days |= day
		}
	}
	if got["from"] != nil {
		window.From = parsed(r, got["from"], path+".from", pace.ParseClock)
	}
	if got["to"] != nil {
		window.To = parsed(r, got["to"], path+".to", pace.ParseClock)
	}
	if err := window.Check(); err != nil && len(r.problems) == before {
		at := n
		for _, key := range []string{"from", "days"} {
			if got[key] != nil {
				at = got[key]
			}
		}
		r.add(at.line, path, "%v", err)
	}
	return window
}

// zone reads an IANA name, or one of the other words that the caller knows; empty when
// it is missing.
func (r *reader) zone(n *node, path string, other ...string) string {
	if n == nil {
		return ""
	}
	name := r.text(n, path)
	if name == "" && n.kind != aText {
		return ""
	}
	if _, err := pace.Zone(name); err != nil {
		expected := "an IANA name such as Europe/Brussels"
		if len(other) > 0 {
			expected = listed(other) + ", or " + expected
		}
		near := ""
		if len(r.problems) < maxProblems { // further ones are not shown
			near = meant(name, append(pace.ZoneNames(), other...))
		}
		r.add(n.line, path, "%q is no time zone%s; expected %s", name, near, expected)
	}
	return name
}

func (r *reader) length(n *node, path string) time.Duration {
	if n == nil {
		return 0
	}
	if n.kind == aNumber {
		r.add(n.line, path, "%s has no unit; expected for example 90s, 5m or 1h30m", n.text)
		return 0
	}
	return parsed(r, n, path, pace.ParseLength)
}

// count reads how many messages: a number, 1 at least.
func (r *reader) count(n *node, path string) int {
	if n == nil {
		return 0
	}
	count, err := pace.ParseCount(n.text)
	if n.kind != aNumber || err != nil {
		r.add(n.line, path, "%s is no number of messages; expected a whole number from 1 to %d", value(n), pace.MostMessages)
		return 0
	}
	return count
}

// parsed reads a text that must be there with a function whose error says what was expected.
func parsed[T any](r *reader, n *node, path string, read func(string) (T, error)) T {
	var zero T
	before := len(r.problems)
	text := strings.TrimSpace(r.text(n, path))
	if len(r.problems) > before {
		return zero
	}
	got, err := read(text)
	if err != nil {
		r.add(n.line, path, "%v", err)
		return zero
	}
	return got
}

// wrongs reports what rules cannot be, each at the line of its part.
func (r *reader) wrongs(n *node, path string, wrong []*pace.Wrong) {
	for _, one := range wrong {
		r.add(lineAt(n, one.Field), path+"."+one.Field, "%s", one.Text)
	}
}

// lineAt is the line of a field, jitter or hours[1], within a mapping; its own when it
// has no such field.
func lineAt(n *node, field string) int {
	key, index, _ := strings.Cut(field, "[")
	for _, e := range n.entries {
		if e.key != key {
			continue
		}
		var i int
		if _, err := fmt.Sscanf(index, "%d]", &i); err == nil && i < len(e.value.items) {
			return e.value.items[i].line
		}
		return e.line
	}
	return n.line
}
