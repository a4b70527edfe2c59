package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// usualGap is that of a sender with a pace; no shorter one can be set.
const usualGap = time.Second

// clockTimes are the hours of a day, such as 09:00 and 17:00: open from the one up to the other.
type clockTimes struct{ from, to string }

// open is true of a moment in the hours; always, without any.
func (c clockTimes) open(at time.Time) bool {
	clock := at.Format("15:04")
	return c == clockTimes{} || c.from <= clock && clock < c.to
}

// paceRule is what a sender may send, or, with hours alone, when a campaign may.
type paceRule struct {
	gap    time.Duration
	perDay int // 0: no limit
	zone   *time.Location
	hours  clockTimes
}

// inForce is a rule with the time in which it may have counted: from before the command that
// set it, until the command was done that set another.
type inForce struct {
	paceRule
	from, until time.Time // until is zero while it counts
}

func (f inForce) at(from, to time.Time) bool {
	return !f.from.After(to) && (f.until.IsZero() || !f.until.Before(from))
}

// paces are the rules of all lanes, of senders and of campaigns.
type paces struct {
	mutex    sync.Mutex
	accounts map[string][]*inForce
	windows  map[string][]*inForce
}

func newPaces() *paces {
	return &paces{accounts: map[string][]*inForce{}, windows: map[string][]*inForce{}}
}

func (p *paces) begin(lane string, rule paceRule)       { p.add(p.accounts, lane, rule) }
func (p *paces) beginWindow(lane string, rule paceRule) { p.add(p.windows, lane, rule) }

func (p *paces) add(to map[string][]*inForce, lane string, rule paceRule) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	to[lane] = append(to[lane], &inForce{paceRule: rule, from: time.Now()})
}

// over ends all rules but the last: the command is done.
func (p *paces) over(rules []*inForce) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, rule := range rules[:len(rules)-1] {
		if rule.until.IsZero() {
			rule.until = time.Now()
		}
	}
}

// between are the rules that may have counted at some moment of a time.
func between(rules []*inForce, from, to time.Time) (some []paceRule) {
	for _, rule := range rules {
		if rule.at(from, to) {
			some = append(some, rule.paceRule)
		}
	}
	return some
}

// setPace gives the command, and writes down what it has set; settings is the whole of it.
func (o *operator) setPace(ctx context.Context, lane string, rule paceRule) {
	o.paces.begin(lane, rule)
	perDay, hours := "none", "none"
	if rule.perDay > 0 {
		perDay = fmt.Sprint(rule.perDay)
	}
	if rule.hours != (clockTimes{}) {
		hours = rule.hours.from + "-" + rule.hours.to
	}
	if o.run(ctx, "", "email-account", "pace", accountOf(lane), "--gap", rule.gap.String(), "--timezone", rule.zone.String(), "--per-day", perDay, "--hours", hours) {
		o.paces.over(o.paces.accounts[lane])
	}
}

var atAnyTime = paceRule{gap: usualGap, zone: time.UTC}

// paceIsEdited makes the gap longer, and shorter again.
func paceIsEdited(ctx context.Context, o *operator, _ string) {
	for _, one := range o.lanes.that(isPaced) {
		rule := atAnyTime
		rule.gap = time.Duration(2+o.random.IntN(2)) * time.Second
		o.setPace(ctx, one.name, rule)
		pause(ctx, 5*time.Second)
		o.setPace(ctx, one.name, atAnyTime)
	}
}

// farZones have other dates than UTC for most of its day.
var farZones = []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"}

// theDayIsFull sets a limit that is reached at once, moves the sender to another zone, whose
// day has no second budget, and takes the limit away.
func theDayIsFull(ctx context.Context, o *operator, _ string) {
	for _, one := range o.lanes.that(isPaced) {
		mails, err := o.mails()
		if err != nil {
			o.failed = true
			return
		}
		rule := atAnyTime
		today := 0
		for _, mail := range mails {
			if mail.From == accountOf(one.name) && mail.Time.UTC().Format(time.DateOnly) == time.Now().UTC().Format(time.DateOnly) {
				today++
			}
		}
		rule.perDay = today + 2
		o.setPace(ctx, one.name, rule)
		pause(ctx, 4*time.Second)
		zone, err := time.LoadLocation(farZones[o.random.IntN(len(farZones))])
		if err != nil {
			panic(err)
		}
		rule.zone = zone
		o.setPace(ctx, one.name, rule)
		pause(ctx, 2*time.Second)
		o.setPace(ctx, one.name, atAnyTime)
	}
}

// hoursEnd gives a sender hours that end, or begin, at the next full minute.
func hoursEnd(ctx context.Context, o *operator, _ string) {
	for _, one := range o.lanes.that(isPaced) {
		rule := atAnyTime
		var minute time.Time
		rule.hours, minute = aroundNextMinute(time.Now().UTC())
		o.setPace(ctx, one.name, rule)
		pause(ctx, time.Until(minute)+3*time.Second)
		o.setPace(ctx, one.name, atAnyTime)
	}
}

// aroundNextMinute are hours that end at the next full minute when that is near, or begin then
// when it is not far; else they are over, for as long as they are not taken away. Around midnight they
// are those of the whole day.
func aroundNextMinute(now time.Time) (clockTimes, time.Time) {
	minute := now.Truncate(time.Minute).Add(time.Minute)
	text := minute.Format("15:04")
	switch {
	case text <= "00:01" || text >= "23:58":
		return clockTimes{"00:00", "24:00"}, now
	case minute.Sub(now) < 12*time.Second:
		return clockTimes{"00:00", text}, minute
	case minute.Sub(now) < 25*time.Second:
		return clockTimes{text, "24:00"}, minute
	}
	return clockTimes{"00:00", now.Format("15:04")}, now.Add(2 * time.Second)
}

// windowRule reads the hours of a campaign's window as closeWindows writes them.
func windowRule(window string) paceRule {
	rule := paceRule{zone: time.UTC}
	if window == "" {
		return rule
	}
	_, from, _ := strings.Cut(window, `from: "`)
	_, to, _ := strings.Cut(window, `to: "`)
	rule.hours = clockTimes{from[:5], to[:5]}
	return rule
}
