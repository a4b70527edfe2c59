package main

import (
	"context"
	"time"
)

// trial sets a rule of one sender, or of its campaign, so that it holds mail back while others
// wait, and lets them go again.
type trial struct {
	name string
	do   func(ctx context.Context, o *operator, one lane, address string)
}

// trials are the deck of a lane with a pace; severalTrials are in it, too, where it has several
// senders. First in it comes what only such a lane proves, as fifoTrial does where each contact has one sender from the start.
var (
	trials = []trial{
		{name: "a gap is longer for a while", do: longerGap},
		{name: "a gap has jitter for a while", do: jitteredGap},
		{name: "the limit of a day is reached", do: theDayIsFull},
		{name: "a ramp limits the day", do: rampLimits},
		{name: "a ramp grows at midnight", do: rampGrows},
		{name: "hours of a sender end and begin", do: hoursEnd},
		{name: "the window of a campaign closes and opens", do: windowCloses},
	}
	fifoTrial     = trial{name: "a sender is first come, first served for a while", do: firstComeFirstServed}
	severalTrials = []trial{
		{name: "one of several senders breaks and is reconnected", do: func(ctx context.Context, o *operator, one lane, address string) {
			o.breakAccount(ctx, address, func() { o.othersGoOn(ctx, one, address) })
		}},
		{name: "one of several senders is removed and added again", do: func(ctx context.Context, o *operator, one lane, address string) {
			o.removeAccount(ctx, address, func() { o.othersGoOn(ctx, one, address) })
		}},
		{name: "the contacts of one sender are moved to another", do: moveSenders},
	}
	midnightTrial = trial{name: "a day ends while its limit is reached", do: midnight}
)

// longerGap makes the gap longer, for some mails, and shorter again.
func longerGap(ctx context.Context, o *operator, _ lane, address string) {
	rule := atAnyTime
	rule.gap = time.Duration(2+o.random.IntN(2)) * time.Second
	o.setPace(ctx, address, rule)
	o.awaitMails(ctx, address, 4, 2)
	o.setPace(ctx, address, atAnyTime)
}

// jitteredGap adds jitter to the gap, for some mails.
func jitteredGap(ctx context.Context, o *operator, one lane, address string) {
	rule := atAnyTime
	rule.jitter = 2 * time.Second
	for _, each := range one.senders() { // they share the contacts
		o.setPace(ctx, each, rule)
	}
	o.awaitMails(ctx, address, 7, 3)
	for _, each := range one.senders() {
		o.setPace(ctx, each, atAnyTime)
	}
}

// awaitMails waits until so many mails of a sender have left from now on. It has failed when there are not enough of them.
func (o *operator) awaitMails(ctx context.Context, address string, count, enough int) {
	began, sent := time.Now(), 0
	o.until(ctx, patienceOfTrials, func() bool {
		sent = o.mailsBetween(ctx, address, began, time.Now())
		return sent >= count
	})
	o.failed = o.failed || sent < enough
}

// mailsBetween counts what left in a time, as the ledger says: none when PostgreSQL does not answer. It is for aiming only.
func (o *operator) mailsBetween(ctx context.Context, address string, from, to time.Time) (count int) {
	err := o.db.QueryRow(ctx, `SELECT count(*) FROM deliveries WHERE account = $1 AND kind = 'email' AND wire_at >= $2 AND wire_at < $3`, address, from, to).Scan(&count)
	if err != nil {
		return 0
	}
	return count
}

// firstComeFirstServed has a sender mail who has come first, and then follow-ups first again.
func firstComeFirstServed(ctx context.Context, o *operator, _ lane, address string) {
	rule := atAnyTime
	rule.fifo = true
	o.setPace(ctx, address, rule)
	o.awaitMails(ctx, address, 12, 5) // of both kinds
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

// rampGrows has a ramp grow: more have left on its first date than it lets go, that ends in some seconds, and on the second
// one leave as many as it has grown to. Its midnight is at no quarter of an hour, as those of real zones are: what is
// spent must not be counted anew after it, which a change of the pace would do. Where a doubt is called not sent it is, and the ramp
// then holds back who could go.
func rampGrows(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	midnight := time.Now().Add(8 * time.Second).Truncate(time.Second)
	zone, err := zoneAt(midnight, 0)
	if err != nil {
		o.failed = true
		return
	}
	rule := atAnyTime
	rule.zone, rule.ramp, rule.divided = zone, rampRule{start: 1, add: 2}, true
	o.setPace(ctx, address, rule)
	if o.failed = o.failed || time.Until(midnight) < 2*time.Second; !o.failed && pause(ctx, time.Until(midnight)) {
		o.awaitFull(ctx, address, rule, rule.limit(1))
		o.failed = o.failed || o.mailsBetween(ctx, address, midnight, midnight.Add(shortAfter)) == 0
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

// theDayIsFull sets a limit that is reached soon, moves the sender to another zone, whose day has no second
// budget, raises it by one there, moves the sender back, raises it by one, and takes the limit away.
func theDayIsFull(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	far, err := time.LoadLocation(farZones[o.random.IntN(len(farZones))])
	if err != nil {
		panic(err)
	}
	rule := atAnyTime
	if !o.fillDay(ctx, address, rule, 2) {
		return
	}
	for _, zone := range []*time.Location{far, time.UTC} {
		rule.zone = zone
		if !o.fillDay(ctx, address, rule, 0) || !o.fillDay(ctx, address, rule, 1) {
			return
		}
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
	sent, err := o.sentToday(ctx, address, rule)
	o.setPace(ctx, address, rule)
	set := time.Now()
	full := o.awaitFull(ctx, address, rule, limit)
	o.failed = o.failed || err != nil || sent < limit && o.mailsBetween(ctx, address, set, set.Add(shortAfter)) == 0
	return full
}

// patienceOfTrials is how long a trial waits for what has to come: a giver that is killed is missed after some seconds.
const patienceOfTrials = 20 * time.Second

// awaitFull waits until so many have left on today's date of a rule, and longer.
func (o *operator) awaitFull(ctx context.Context, address string, rule paceRule, limit int) bool {
	full := false
	o.until(ctx, patienceOfTrials, func() bool {
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
	return left > 7*time.Second && left < 45*time.Second
}

// awaitMidnight waits for one that comes soon, so that no other trial is under way then; false when there is none in this run.
func awaitMidnight(ctx context.Context) bool {
	const longestTrial = 75 * time.Second
	left := time.Until(nextQuarter(time.Now()))
	if end, ok := ctx.Deadline(); left > longestTrial || ok && time.Until(end) < left {
		return false
	}
	return pause(ctx, left-44*time.Second) && midnightIsNear(time.Now())
}

// midnight has the day of a sender end while its limit is reached, and the next one's be
// reached as well.
func midnight(ctx context.Context, o *operator, _ lane, address string) {
	defer o.setPace(ctx, address, atAnyTime)
	at := nextQuarter(time.Now())
	zone, err := zoneAt(at, 0)
	if err != nil || !o.isSending(ctx, address) {
		o.failed = true
		return
	}
	rule := atAnyTime
	rule.zone = zone
	if o.fillDay(ctx, address, rule, 0) && pause(ctx, time.Until(at)+3*time.Second) { // as many have left as may
		o.fillDay(ctx, address, rule, 1)
	}
}

// hoursEnd gives a sender hours that end a moment later, and then such as begin.
func hoursEnd(ctx context.Context, o *operator, _ lane, address string) {
	mails := func(from, to time.Time) int { return o.mailsBetween(ctx, address, from, to) }
	o.closeAndOpen(ctx, mails, func(rule paceRule) {
		rule.gap = usualGap
		o.setPace(ctx, address, rule)
	})
	o.setPace(ctx, address, atAnyTime)
}

// windowCloses does it to a campaign.
func windowCloses(ctx context.Context, o *operator, one lane, _ string) {
	set := func(window paceRule) { o.edit(ctx, one, func(e *edition) { e.window = window }) }
	o.closeAndOpen(ctx, func(from, to time.Time) (count int) {
		err := o.db.QueryRow(ctx, `SELECT count(*) FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE e.campaign = $1 AND d.kind = 'email' AND d.wire_at >= $2 AND d.wire_at < $3`,
			campaignOf(one.name), from, to).Scan(&count)
		if err != nil {
			return 0
		}
		return count
	}, set)
	set(inAnyHour)
}

// closeAndOpen sets hours that end in some seconds, and when they have ended others that begin
// in some seconds. It has failed when no mail came shortly before the one, or after the other.
func (o *operator) closeAndOpen(ctx context.Context, mails func(from, to time.Time) int, set func(paceRule)) {
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
		near := mails(noon.Add(-shortBefore), noon)
		if hours == afternoon {
			near = mails(noon, noon.Add(shortAfter))
		}
		o.failed = o.failed || near == 0
	}
}
