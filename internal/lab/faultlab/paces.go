package main

import (
	"context"
	"fmt"
	"slices"
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

// morning ends and afternoon begins at noon: of a zone in which that is when it is wanted.
var morning, afternoon = clockTimes{"00:00", "12:00"}, clockTimes{"12:00", "24:00"}

// paceRule is what a sender may send, or, with hours alone, when a campaign may.
type paceRule struct {
	gap, jitter time.Duration
	perDay      int // 0: no limit
	ramp        rampRule
	zone        *time.Location
	hours       clockTimes
	fifo        bool // first come, first served, follow-ups or not
	// divided is true when a midnight has divided a quarter of an hour: counted anew, the day is another.
	divided bool
}

// rampRule is how many mails leave on the first date that has some, and how many more on each further one.
type rampRule struct{ start, add int }

// limit is that of a date before which so many had mails; 0 is none.
func (r paceRule) limit(before int) int {
	if r.ramp == (rampRule{}) {
		return r.perDay
	}
	most := r.ramp.start + before*r.ramp.add
	if r.perDay > 0 {
		most = min(most, r.perDay)
	}
	return most
}

// atAnyTime is the pace of a sender when nothing is tried, inAnyHour the window of a campaign.
var atAnyTime, inAnyHour = paceRule{gap: usualGap, zone: time.UTC}, paceRule{zone: time.UTC}

func (r paceRule) date(at time.Time) string { return at.In(r.zone).Format(time.DateOnly) }
func (r paceRule) open(at time.Time) bool   { return r.hours.open(at.In(r.zone)) }

// inForce is a rule with the time in which it may have counted: from before the command that
// set it, until the command was done that set another.
type inForce struct {
	paceRule
	from, until time.Time // until is zero while it counts
}

func (f inForce) at(from, to time.Time) bool {
	return !f.from.After(to) && (f.until.IsZero() || !f.until.Before(from))
}

// outage is a time in which a sender could not send: it was in error or removed for sure from
// broken to repaired, and perhaps from began on and up to over.
type outage struct {
	began, broken, repaired, over time.Time
}

// paces are the rules of senders and campaigns, and the outages of senders, by their keys.
type paces struct {
	mutex   sync.Mutex
	rules   map[string][]*inForce
	outages map[string][]*outage
	moves   []*move
	// lines are who stood in the lines, about three times a second.
	lines []lineLook
	// claims are who had a turn, and atWork the seconds in which somebody gave turns, as PostgreSQL wrote it down.
	claims []claim
	gates  []gate
	atWork []time.Time
}

// lineLook is who stood in the lines of senders with a pace, as PostgreSQL said between two moments.
type lineLook struct {
	begin, end time.Time
	places     []place
	away       []string // the accounts that were not connected, or rested
}

// place is one who stands in a line: of an account, or of a campaign of several senders.
type place struct {
	EnrollmentID int64
	StepID       string
	Campaign     string
	Account      *string
	Since        time.Time
	State        string
	Turn         int64
	GrantedAt    *time.Time // when it was given its turn, or claimed with it
	Version      string     // of its row: the same in two looks when nothing has changed it in between
}

// waits is true of one that waits for a turn of a sender that no other has.
func (p place) waits(account string) bool {
	return p.State == "waiting" && p.Account != nil && *p.Account == account
}

// waitsStill is true when a later look shows it wait for the same turn: it has waited all the time.
func (p place) waitsStill(later *lineLook) bool {
	return slices.ContainsFunc(later.places, func(one place) bool {
		return one.EnrollmentID == p.EnrollmentID && one.State == "waiting" && one.Turn == p.Turn && one.Version == p.Version && one.StepID == p.StepID
	})
}

func (p place) first() bool { return p.StepID == firstStep }

// out is true of one that has the turn of a sender.
func (p place) out(account string) bool {
	return (p.State == "granted" || p.State == "claimed") && p.Account != nil && *p.Account == account
}

// mayHave is true of one that waits for a turn of a sender, which another one of its campaign may give it as well.
func (p place) mayHave(account string, of lanes) bool {
	return p.waits(account) || p.State == "waiting" && p.Account == nil && slices.Contains(of.laneOf(p.Campaign).senders(), account)
}

// in is true of the line of a sender, or of a campaign.
func (p place) in(key string, of lanes) bool {
	switch {
	case p.Campaign == key:
		return true
	case p.Account != nil:
		return *p.Account == key
	}
	return slices.Contains(of.laneOf(p.Campaign).senders(), key)
}

func newPaces() *paces {
	return &paces{rules: map[string][]*inForce{}, outages: map[string][]*outage{}}
}

// begin has a rule count from now on, beside those before it.
func (p *paces) begin(key string, rule paceRule) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.rules[key] = append(p.rules[key], &inForce{paceRule: rule, from: time.Now()})
}

// over ends all rules but the last: the command is done.
func (p *paces) over(key string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, rule := range p.rules[key][:len(p.rules[key])-1] {
		if rule.until.IsZero() {
			rule.until = time.Now()
		}
	}
}

// breaks notes that a sender is about to break; the outage is its caller's.
func (p *paces) breaks(address string) *outage {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	one := &outage{began: time.Now()}
	p.outages[address] = append(p.outages[address], one)
	return one
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

// longestBlind is for how long what was seen of a line counts.
const longestBlind = 3 * time.Second

// around are the last look at the lines before a moment and the first one after it; nil where
// there is none that is near.
func (p *paces) around(at time.Time) (before, after *lineLook) {
	next, _ := slices.BinarySearchFunc(p.lines, at, func(look lineLook, at time.Time) int { return look.begin.Compare(at) })
	if next < len(p.lines) && p.lines[next].begin.Sub(at) <= longestBlind {
		after = &p.lines[next]
	}
	for next--; next >= 0 && p.lines[next].end.After(at); {
		next--
	}
	if next >= 0 && at.Sub(p.lines[next].end) <= longestBlind {
		before = &p.lines[next]
	}
	return before, after
}

// wasAway is true when a look into a time, or the last one before it, found an account that was not connected, or rested.
func (p *paces) wasAway(account string, from, to time.Time) bool {
	last, _ := slices.BinarySearchFunc(p.lines, to, func(look lineLook, at time.Time) int { return look.begin.Compare(at) })
	for i := last - 1; i >= 0; i-- {
		if slices.Contains(p.lines[i].away, account) {
			return true
		}
		if p.lines[i].end.Before(from) {
			return false
		}
	}
	return false
}

// waited is true when somebody stood in the line of a sender, or of a campaign, shortly before a moment.
func (l *lab) waited(key string, at time.Time) bool {
	before, _ := l.paces.around(at)
	return before != nil && slices.ContainsFunc(before.places, func(one place) bool { return one.in(key, l.lanes) })
}

// setPace gives the command, and writes down what it has set; settings is the whole of it.
func (o *operator) setPace(ctx context.Context, address string, rule paceRule) {
	defer o.alone(address)()
	o.paces.begin(address, rule)
	perDay, hours, jitter, ramp, order := "none", "none", "none", "none", "follow-ups-first"
	if rule.perDay > 0 {
		perDay = fmt.Sprint(rule.perDay)
	}
	if rule.jitter > 0 {
		jitter = rule.jitter.String()
	}
	if rule.ramp != (rampRule{}) {
		ramp = fmt.Sprintf("%d+%d", rule.ramp.start, rule.ramp.add)
	}
	if rule.fifo {
		order = "fifo"
	}
	if rule.hours != (clockTimes{}) {
		hours = rule.hours.from + "-" + rule.hours.to
	}
	if o.surely(ctx, "", "email-account", "pace", address, "--gap", rule.gap.String(), "--timezone", rule.zone.String(), "--per-day", perDay, "--hours", hours, "--jitter", jitter, "--ramp", ramp, "--order", order) {
		o.paces.over(address)
	}
}

// watchLine writes down who stands in the lines of senders with a pace: a rule is tried when
// somebody would have gone.
func (l *lab) watchLine(ctx context.Context) {
	if len(l.lanes.that(isPaced)) == 0 {
		return
	}
	for pause(ctx, 300*time.Millisecond) {
		look := lineLook{begin: time.Now()}
		away, err := rowsOf[struct{ Address string }](ctx, l, `SELECT address FROM email_accounts WHERE status <> 'connected' OR resting_until > clock_timestamp()`)
		for _, one := range away {
			look.away = append(look.away, one.Address)
		}
		if err != nil {
			continue // PostgreSQL is away
		}
		look.places, err = rowsOf[place](ctx, l, `SELECT enrollment_id, step_id, campaign, account, since, state, turn, granted_at, xmin::text FROM line WHERE state IN ('waiting', 'asleep', 'granted', 'claimed')`)
		if look.end = time.Now(); err == nil {
			l.paces.lines = append(l.paces.lines, look)
		}
	}
}
