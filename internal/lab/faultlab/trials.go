package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
)

// trial sets a rule of one sender, or of its campaign, so that it holds mail back while others
// wait, and lets them go again.
type trial struct {
	name string
	do   func(ctx context.Context, o *operator, one lane, address string)
}

// trials are the deck of a lane with a pace; severalTrials are in it, too, where it has several
// senders.
var (
	trials = []trial{
		{"a gap is longer for a while", longerGap},
		{"a gap has jitter for a while", jitteredGap},
		{"the limit of a day is reached", theDayIsFull},
		{"a ramp limits the day", rampLimits},
		{"a sender is first come, first served for a while", firstComeFirstServed},
		{"hours of a sender end and begin", hoursEnd},
		{"the window of a campaign closes and opens", windowCloses},
	}
	severalTrials = []trial{
		{"one of several senders breaks and is reconnected", func(ctx context.Context, o *operator, _ lane, address string) {
			o.breakAccount(ctx, address, outageLasts)
		}},
		{"one of several senders is removed and added again", func(ctx context.Context, o *operator, _ lane, address string) {
			o.removeAccount(ctx, address, outageLasts)
		}},
		{"the contacts of one sender are moved to another", moveSender},
	}
	midnightTrial = trial{"a day ends while its limit is reached", midnight}
)

// outageLasts is how long one of several senders is broken: its follow-ups come due meanwhile.
const outageLasts = 6 * time.Second

// tryPaces does one trial after another in every lane with a pace, and beside them whatever the
// operators do.
func (l *lab) tryPaces(ctx context.Context) {
	var group sync.WaitGroup
	for _, one := range l.lanes.that(isPaced) {
		group.Go(func() { l.tryPacesOf(ctx, one) })
	}
	group.Wait()
}

func (l *lab) tryPacesOf(ctx context.Context, one lane) {
	o := &operator{lab: l, random: l.random("paces of " + one.name)}
	next := deckOf(one, o.random)
	if !l.awaitUpgrade(ctx) {
		return
	}
	for pause(ctx, time.Duration(1000+o.random.IntN(1500))*time.Millisecond) {
		if _, err := o.awaitGiver(ctx); err != nil {
			continue // nothing would leave, whatever the rule
		}
		what, address := next()
		if midnightIsNear(time.Now()) {
			what = midnightTrial
		}
		o.failed = false
		what.do(ctx, o, one, address)
		if ctx.Err() != nil {
			return // cut short
		}
		l.did(what.name, o.failed)
	}
}

// deckOf is the endless order of the trials of a lane, and of whose they are.
func deckOf(one lane, random *rand.Rand) func() (trial, string) {
	var left []trial
	return func() (trial, string) {
		if len(left) == 0 {
			left = append(left, trials...)
			if one.more > 0 {
				left = append(left, severalTrials...)
			}
			random.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		}
		next := left[0]
		left = left[1:]
		senders := one.senders()
		return next, senders[random.IntN(len(senders))]
	}
}

// longerGap makes the gap longer, for some mails, and shorter again.
func longerGap(ctx context.Context, o *operator, _ lane, address string) {
	rule := atAnyTime
	rule.gap = time.Duration(2+o.random.IntN(2)) * time.Second
	o.setPace(ctx, address, rule)
	pause(ctx, 3*rule.gap+time.Second)
	o.setPace(ctx, address, atAnyTime)
}

// jitteredGap adds jitter to the gap, for some mails.
func jitteredGap(ctx context.Context, o *operator, _ lane, address string) {
	rule := atAnyTime
	rule.jitter = 2 * time.Second
	o.setPace(ctx, address, rule)
	pause(ctx, 5*(rule.gap+rule.jitter/2))
	o.setPace(ctx, address, atAnyTime)
}

// firstComeFirstServed has a sender mail who has come first, and then follow-ups first again.
func firstComeFirstServed(ctx context.Context, o *operator, _ lane, address string) {
	rule := atAnyTime
	rule.fifo = true
	o.setPace(ctx, address, rule)
	pause(ctx, 12*time.Second)
	o.setPace(ctx, address, atAnyTime)
}

// rampLimits has a ramp's limit be reached, and raised by one: that of the first date with mails, or, where a
// midnight of some zone has divided those of the run in two, that of the second, to which it has grown.
func rampLimits(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	rule := atAnyTime
	grown := o.secondDate(ctx, address, &rule)
	for more := 2; more > 0; more-- {
		sent, err := o.sentToday(ctx, address, rule)
		limit := sent + more
		if rule.ramp = (rampRule{start: limit, add: 1}); grown {
			rule.ramp = rampRule{start: 1, add: max(1, limit-1)}
		}
		if err != nil || limit < 2 || !o.fill(ctx, address, rule, limit) {
			o.failed = true
			return
		}
	}
}

// secondDate gives the rule a zone in which the sender has had mails on the date before, if there is one.
func (o *operator) secondDate(ctx context.Context, address string, rule *paceRule) bool {
	last := nextQuarter(time.Now()).Add(-quarter)
	zone, err := zoneAt(last, 0)
	if err != nil {
		return false
	}
	var before bool
	err = o.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM deliveries WHERE account = $1 AND kind = 'email' AND state IN ('wire', 'sent', 'uncertain') AND wire_at < $2)`,
		address, last).Scan(&before)
	if err != nil || !before {
		return false
	}
	rule.zone = zone
	return true
}

// farZones have other dates than UTC for most of its day.
var farZones = []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"}

// theDayIsFull sets a limit that is reached soon, raises it by one, moves the sender to another
// zone, whose day has no second budget, raises it by one there, and takes the limit away.
func theDayIsFull(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	rule := atAnyTime
	if !o.fillDay(ctx, address, rule, 2) || !o.fillDay(ctx, address, rule, 1) {
		return
	}
	zone, err := time.LoadLocation(farZones[o.random.IntN(len(farZones))])
	if err != nil {
		panic(err)
	}
	rule.zone = zone
	if o.fillDay(ctx, address, rule, 0) {
		o.fillDay(ctx, address, rule, 1)
	}
}

// fillDay sets the limit of a day to so many more than have left on it, and waits until they
// have, and longer: false when something keeps them from it.
func (o *operator) fillDay(ctx context.Context, address string, rule paceRule, more int) bool {
	sent, err := o.sentToday(ctx, address, rule)
	if rule.perDay = sent + more; err != nil || rule.perDay == 0 {
		o.failed = true
		return false
	}
	return o.fill(ctx, address, rule, rule.perDay)
}

// fill sets a rule that lets so many leave on a day, and waits until they have, and longer.
func (o *operator) fill(ctx context.Context, address string, rule paceRule, limit int) bool {
	o.setPace(ctx, address, rule)
	full := false
	o.until(ctx, 10*time.Second, func() bool {
		sent, err := o.sentToday(ctx, address, rule)
		full = full || err == nil && sent >= limit
		return full
	})
	o.failed = o.failed || !full
	return full && pause(ctx, 2500*time.Millisecond)
}

// sentToday counts what may have left on today's date of a rule, as the ledger says: what a
// limit counts. It is for aiming only; the inbox's log judges.
func (o *operator) sentToday(ctx context.Context, address string, rule paceRule) (count int, err error) {
	now := time.Now().In(rule.zone)
	begin := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, rule.zone)
	err = o.db.QueryRow(ctx, `SELECT count(*) FROM deliveries WHERE account = $1 AND kind = 'email' AND state IN ('wire', 'sent', 'uncertain') AND wire_at >= $2`,
		address, begin).Scan(&count)
	return count, err
}

// Zones differ by quarters of an hour, so there is a midnight at each of them, and at no other
// moment: the ledger is counted by them.
const quarter = 15 * time.Minute

func nextQuarter(now time.Time) time.Time { return now.Truncate(quarter).Add(quarter) }

// midnightIsNear is true when there is time enough before it, and not too much.
func midnightIsNear(now time.Time) bool {
	left := nextQuarter(now).Sub(now)
	return left > 7*time.Second && left < 40*time.Second
}

// midnight has the day of a sender end while its limit is reached, and the next one's be
// reached as well.
func midnight(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	at := nextQuarter(time.Now())
	zone, err := zoneAt(at, 0)
	if err != nil {
		o.failed = true
		return
	}
	rule := atAnyTime
	rule.zone = zone
	if o.fillDay(ctx, address, rule, 2) && pause(ctx, time.Until(at)+3*time.Second) {
		o.fillDay(ctx, address, rule, 1)
	}
}

// hoursEnd gives a sender hours that end a moment later, and then such as begin.
func hoursEnd(ctx context.Context, o *operator, _ lane, address string) {
	o.closeAndOpen(ctx, func(rule paceRule) {
		rule.gap = usualGap
		o.setPace(ctx, address, rule)
	})
	o.setPace(ctx, address, atAnyTime)
}

// windowCloses does it to a campaign.
func windowCloses(ctx context.Context, o *operator, one lane, _ string) {
	set := func(window paceRule) { o.edit(ctx, one, func(e *edition) { e.window = window }) }
	o.closeAndOpen(ctx, set)
	set(inAnyHour)
}

// closeAndOpen sets hours that end in some seconds, and when they have ended others that begin
// in some seconds.
func (o *operator) closeAndOpen(ctx context.Context, set func(paceRule)) {
	for _, hours := range []clockTimes{morning, afternoon} {
		noon := time.Now().Add(time.Duration(4+o.random.IntN(2)) * time.Second).Truncate(time.Second)
		zone, err := zoneAt(noon, 12)
		if err != nil {
			o.failed = true
			return
		}
		set(paceRule{zone: zone, hours: hours})
		if !pause(ctx, time.Until(noon)+3*time.Second) {
			return
		}
	}
}

// breakAccount puts an email account in error for a while.
func (o *operator) breakAccount(ctx context.Context, address string, length time.Duration) {
	defer o.alone(address)()
	outage, lasting := o.paces.breaks(address), context.WithoutCancel(ctx)
	o.inbox.send("deny " + userOf(address))
	o.try(lasting, "", "email-account", "reconnect", address) // fails, and puts it in error
	if o.statusOf(lasting, address) == "in_error" {
		outage.broken = time.Now()
	}
	pause(ctx, length)
	o.mend(lasting, outage, "reconnect", address)
}

// mend ends an outage. The command talks to the sender's server, which may be away for a while:
// an operator gives it again until it is done.
func (o *operator) mend(ctx context.Context, of *outage, verb, address string) {
	of.repaired = time.Now()
	for range longestFault {
		o.inbox.send("allow " + userOf(address)) // one that is being started misses it
		if o.try(ctx, inbox.Password+"\n", "email-account", verb, address, "--password-stdin") {
			of.over = time.Now()
			return
		}
		pause(ctx, time.Second)
	}
	o.failed = true
}

// removeAccount removes an email account, and adds it again: it is the same one.
func (o *operator) removeAccount(ctx context.Context, address string, length time.Duration) {
	defer o.alone(address)()
	outage := o.paces.breaks(address)
	lasting := context.WithoutCancel(ctx)
	if o.run(lasting, "", "email-account", "remove", address) {
		outage.broken = time.Now()
	}
	pause(ctx, length)
	o.mend(lasting, outage, "add", address)
}

// statusOf is what PostgreSQL says of an account; nothing when it does not answer.
func (l *lab) statusOf(ctx context.Context, address string) (status string) {
	if l.db.QueryRow(ctx, `SELECT status FROM email_accounts WHERE address = $1`, address).Scan(&status) != nil {
		return ""
	}
	return status
}
