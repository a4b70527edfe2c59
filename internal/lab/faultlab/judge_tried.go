package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The rules that law 8 is made of.
const (
	byGap    = "gap"
	byJitter = "jitter of the gap"
	byLimit  = "limit of the day"
	byRamp   = "ramp"
	byDate   = "date of another zone"
	byHours  = "hours"
	byWindow = "window"
	byOrder  = "order"
	byTurns  = "turns of campaigns"
	byFIFO   = "fifo"
)

var rulesOfLaw8 = []string{byGap, byJitter, byLimit, byRamp, byDate, byHours, byWindow, byOrder, byTurns, byFIFO}

// tried is on what a rule was judged.
type tried struct {
	// Mails are those that came while it was in force.
	Mails int `json:"mails"`
	// Edges are the moments at which it began or ceased to hold mail back while somebody waited
	// in the line; Before and After are those of them with a mail shortly before it began, and
	// shortly after it ceased.
	Edges  int `json:"edges"`
	Before int `json:"mailBefore"`
	After  int `json:"mailAfter"`
}

func (t *tried) edge(before, after bool) {
	t.Edges++
	t.Before += btoi(before)
	t.After += btoi(after)
}

// shortBefore and shortAfter are how near to an edge a mail has to have come: the giver looks
// once a second, and a gap can have begun.
const shortBefore, shortAfter = 3 * time.Second, 5 * time.Second

// span is a time in which a rule let nothing go, whichever of those counted that may have.
type span struct{ from, to time.Time }

// leastSpan is the shortest that is counted: one gap lets nothing go either.
const leastSpan = 1500 * time.Millisecond

// closedSpans finds them: between two marks nothing changes but at an edit, whose times are
// marks as well.
func closedSpans(rules []*inForce, marks []time.Time, closed func(rule paceRule, at time.Time) bool) (spans []span) {
	for _, rule := range rules {
		marks = append(marks, rule.from)
		if !rule.until.IsZero() {
			marks = append(marks, rule.until)
		}
	}
	slices.SortFunc(marks, time.Time.Compare)
	for i, mark := range marks {
		if i == len(marks)-1 {
			break // nobody has set anything else
		}
		middle := mark.Add(marks[i+1].Sub(mark) / 2)
		some := between(rules, middle, middle)
		if len(some) == 0 || slices.ContainsFunc(some, func(rule paceRule) bool { return !closed(rule, middle) }) {
			continue
		}
		if last := len(spans) - 1; last >= 0 && spans[last].to.Equal(mark) {
			spans[last].to = marks[i+1]
			continue
		}
		spans = append(spans, span{mark, marks[i+1]})
	}
	return slices.DeleteFunc(spans, func(one span) bool { return one.to.Sub(one.from) < leastSpan })
}

// came is true when one of the mails came in a time.
func came(mails []departure, from, to time.Time) bool {
	return slices.ContainsFunc(mails, func(mail departure) bool { return !mail.dot.Before(from) && mail.dot.Before(to) })
}

// countEdges counts the two edges of each time in which a rule let nothing go.
func (v *verdict) countEdges(count *tried, key string, spans []span, mails []departure) {
	for _, one := range spans {
		if v.lab.waited(key, one.from) {
			count.edge(came(mails, one.from.Add(-shortBefore), one.from.Add(prompt)), false)
		}
		if v.lab.waited(key, one.to) {
			count.edge(false, came(mails, one.to, one.to.Add(shortAfter)))
		}
	}
}

// countHours counts how often hours, or a window, ended and began.
func (v *verdict) countHours(by, key string, rules []*inForce, mails []departure) {
	var marks []time.Time
	for _, rule := range rules {
		for _, edge := range rule.edges() {
			if rule.at(edge, edge) {
				marks = append(marks, edge)
			}
		}
	}
	v.countEdges(v.Pace.Tried[by], key, closedSpans(rules, marks, func(rule paceRule, at time.Time) bool { return !rule.open(at) }), mails)
}

// edges are when hours may begin or end, on the dates around the command that set them.
func (f inForce) edges() (all []time.Time) {
	if f.hours == (clockTimes{}) {
		return nil
	}
	date := f.from.In(f.zone)
	for _, clock := range []string{f.hours.from, f.hours.to} {
		var hour, minute int
		if _, err := fmt.Sscanf(clock, "%d:%d", &hour, &minute); err != nil {
			panic(err)
		}
		for day := range 2 {
			all = append(all, time.Date(date.Year(), date.Month(), date.Day()+day, hour, minute, 0, 0, f.zone))
		}
	}
	return all
}

// countLimits counts how often the limit of a day was reached, and how often it was while the
// date became another: by another zone, which has no budget of its own, or at midnight.
func (v *verdict) countLimits(r *records, address string, rules []*inForce, mails []departure) {
	var marks, midnights []time.Time
	for _, mail := range mails {
		marks = append(marks, mail.dot)
	}
	for _, rule := range rules {
		date := rule.from.In(rule.zone)
		midnight := time.Date(date.Year(), date.Month(), date.Day()+1, 0, 0, 0, 0, rule.zone)
		if rule.limit(0) > 0 && rule.at(midnight, midnight) {
			midnights = append(midnights, midnight)
		}
	}
	spent := spending{mails, doubts(r, address)}
	full := func(rule paceRule, at time.Time) bool {
		left, limited := spent.left(rule, at)
		return limited && left <= 0
	}
	marks = append(marks, midnights...)
	for by, isRamp := range map[string]bool{byLimit: false, byRamp: true} {
		v.countEdges(v.Pace.Tried[by], address, closedSpans(rules, marks, func(rule paceRule, at time.Time) bool {
			return isRamp == (rule.ramp != rampRule{}) && full(rule, at)
		}), mails)
	}
	spans := closedSpans(rules, marks, full)
	count := v.Pace.Tried[byDate]
	for _, one := range spans {
		for i, rule := range rules {
			if i > 0 && rule.from.After(one.from) && rule.from.Before(one.to) && rule.limit(0) > 0 && rule.zone != rules[i-1].zone && v.lab.waited(address, rule.from) {
				count.edge(true, true) // and nothing came
			}
		}
		for _, midnight := range midnights {
			if one.to.Equal(midnight) && v.lab.waited(address, midnight) {
				count.edge(came(mails, one.from.Add(-shortBefore), midnight), came(mails, midnight, midnight.Add(shortAfter)))
				v.Pace.Midnights++
				v.Pace.Quarters += btoi(midnight.Equal(midnight.Truncate(quarter)))
			}
		}
	}
}

// spending is what a sender has spent of its days: the mails that came, and those that count although they did not.
type spending struct {
	mails    []departure
	doubtful []delivery
}

// left is how many more a rule lets go on the date of a moment; false when it sets no limit.
func (s spending) left(rule paceRule, at time.Time) (left int, limited bool) {
	if rule.limit(0) == 0 {
		return 0, false
	}
	limit := rule.limit(sendingDays(rule, s.mails, s.doubtful, at))
	for _, mail := range s.mails {
		limit -= btoi(!mail.dot.After(at) && rule.date(mail.dot) == rule.date(at))
	}
	for _, d := range s.doubtful {
		limit -= btoi(!d.WireAt.After(at) && rule.date(*d.WireAt) == rule.date(at) && (d.State == "uncertain" || d.SettledAt != nil && d.SettledAt.After(at)))
	}
	return limit, true
}

// sendingDays counts the dates of a rule's zone, before that of a moment, on which a sender had mails: what a ramp grows by.
func sendingDays(rule paceRule, mails []departure, doubtful []delivery, at time.Time) int {
	today, dates := rule.date(at), map[string]bool{}
	add := func(when time.Time) {
		if date := rule.date(when); date < today {
			dates[date] = true
		}
	}
	for _, mail := range mails {
		add(mail.dot)
	}
	for _, d := range doubtful {
		add(*d.WireAt)
	}
	return len(dates)
}

// doubts are the mails of a sender that a limit counts although the inbox has not accepted them:
// their answers were lost, until a person said that they were not sent.
func doubts(r *records, address string) (some []delivery) {
	for _, d := range r.deliveries {
		if d.Account == address && d.Kind == "email" && d.WireAt != nil && len(r.byMessageID[d.MessageID]) == 0 && (d.State == "uncertain" || d.AssumedBy != "") {
			some = append(some, d)
		}
	}
	return some
}

// doubtThePaces says which rule of law 8 was not tried, or not on both sides of its edges.
func (v *verdict) doubtThePaces() {
	if len(v.lab.lanes.that(isPaced)) == 0 {
		return
	}
	for _, rule := range rulesOfLaw8 {
		if t := v.Pace.Tried[rule]; t.Mails == 0 || t.Edges < 2 || t.Before == 0 || t.After == 0 {
			v.weak("law 8: %s: %s", rule, t)
		}
	}
	if v.Pace.Grown == 0 {
		v.weak("law 8: no mail left on a further date of a ramp")
	}
	if quarter := nextQuarter(v.lab.from); v.lab.to.Sub(quarter) > time.Minute && quarter.Sub(v.lab.from) > time.Minute && v.Pace.Quarters == 0 {
		v.weak("law 8: a midnight of real zones fell into the run, and nobody waited for it at a limit")
	}
	for _, f := range v.lab.chosen {
		switch {
		case f.kind == killGiver && v.Faults[f.kind] > 0 && v.Pace.Givers.Struck == 0:
			v.weak("%s: no turn was there", f.kind)
		case f.kind == twoGivers && v.Faults[f.kind] > 0 && v.Pace.Givers.Both == 0:
			v.weak("%s: no two gave turns", f.kind)
		}
	}
}

func (t *tried) String() string {
	return fmt.Sprintf("%d mails judged, %d edges met while somebody waited, %d with a mail shortly before and %d shortly after", t.Mails, t.Edges, t.Before, t.After)
}

// text is what is printed of law 8; nothing without a sender that has a pace.
func (p pacing) text() string {
	if p.Tried[byGap] == nil || p.Tried[byGap].Mails == 0 {
		return ""
	}
	var text strings.Builder
	fmt.Fprintf(&text, "pace: %d edits of paces and windows, the shortest gap %.2f s, %d mails held up behind their gates, %d midnights at a reached limit (%d of real zones), %d mails of a ramp that had grown\n", p.Edits, p.Shortest, p.HeldUp, p.Midnights, p.Quarters, p.Grown)
	fmt.Fprintf(&text, "  %d looks found a turn out; a giver at work gave none to a line that could move for %d s at most\n", p.Out, p.Idle)
	for _, rule := range rulesOfLaw8 {
		fmt.Fprintf(&text, "  %s: %s\n", rule, p.Tried[rule])
	}
	g := p.Givers
	fmt.Fprintf(&text, "givers: %d killed with %d turns committed and not signalled, %d more with their workers; two at once in %d of %d seconds, %d changes\n", g.Kills, g.Struck, g.Workers, g.Both, g.Seconds, g.Changes)
	return text.String()
}
