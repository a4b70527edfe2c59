package main

import (
	"fmt"
	"slices"
	"time"
)

// judgeOrder is who goes first: follow-ups before first mails, and of those who has come first; first mails campaign by
// campaign in turns (judge_turns.go), and of one campaign who has come first; with fifo who has come first, whichever it
// is. That somebody waited for a turn is what PostgreSQL said right before another had it and right after it, with the same
// turn: nobody had given it one in between.
func (v *verdict) judgeOrder(r *records, rules []*inForce, mail departure) {
	if before, after := v.lab.paces.around(mail.ReservedAt); before != nil && after != nil && always(rules, before.begin, mail.gate, false) {
		v.judgeFollowUpsFirst(r, mail, before, after)
	}
	before, after := v.lab.paces.given(mail.EnrollmentID, mail.ReservedAt)
	switch {
	case before == nil:
	case always(rules, before.begin, after.end, true):
		v.judgeFIFO(r, mail, before, after)
	case mail.StepID == firstStep && always(rules, before.begin, after.end, false):
		v.judgeTurns(r, rules, mail, before, after)
	}
}

// always is true of a time in which a sender had a gap and the one order, for sure.
func always(rules []*inForce, from, to time.Time, fifo bool) bool {
	some := between(rules, from, to)
	return len(some) > 0 && !slices.ContainsFunc(some, func(rule paceRule) bool { return rule.gap == 0 || rule.fifo != fifo })
}

// given are the last look at the lines in which somebody waited for the turn with which it claimed at a moment,
// and the next one; nil when nobody has seen it wait, or not all the time since.
func (p *paces) given(enrollment int64, at time.Time) (before, after *lineLook) {
	seen := at // from here on
	for i := len(p.lines) - 1; i >= 0 && at.Sub(p.lines[i].end) <= longestTurn; i-- {
		if p.lines[i].begin.After(at) { // not by its end: PostgreSQL can have answered late, and the turn been given meanwhile
			continue
		}
		if seen.Sub(p.lines[i].end) > longestBlind {
			return nil, nil // it may have given that turn back, and waited for another
		}
		seen = p.lines[i].begin
		switch own := p.lines[i].of(enrollment); {
		case own == nil || own.State == "asleep":
			return nil, nil
		case own.State == "waiting" && i == len(p.lines)-1:
			return nil, nil // the run is over, and nobody looks
		case own.State == "waiting":
			return &p.lines[i], &p.lines[i+1]
		}
	}
	return nil, nil
}

// longestTurn is for how long a turn is looked for that was used; it lapses after two minutes.
const longestTurn = 2 * time.Minute

// of is the place of an enrollment, nil when it has none.
func (look lineLook) of(enrollment int64) *place {
	if at := slices.IndexFunc(look.places, func(one place) bool { return one.EnrollmentID == enrollment }); at >= 0 {
		return &look.places[at]
	}
	return nil
}

func (v *verdict) judgeFollowUpsFirst(r *records, mail departure, before, after *lineLook) {
	own, isFirst := before.of(mail.EnrollmentID), mail.StepID == firstStep
	if own != nil && (own.State == "granted" || own.State == "claimed") {
		return // it had the turn before
	}
	v.Pace.Tried[byOrder].Mails++
	if !isFirst && slices.ContainsFunc(before.places, func(one place) bool {
		return one.first() && one.State == "waiting" && one.in(mail.Account, v.lab.lanes)
	}) {
		v.Pace.Tried[byOrder].edge(true, true)
	}
	v.overtakes(r, mail, before, after, func(one place) bool {
		return isFirst && !one.first() || own != nil && one.first() == isFirst && (!isFirst || one.Campaign == own.Campaign) && own.cameAfter(one, mail.Account)
	})
}

func (v *verdict) judgeFIFO(r *records, mail departure, before, after *lineLook) {
	own := before.of(mail.EnrollmentID)
	if !own.waits(mail.Account) || own.StepID != mail.StepID {
		return
	}
	v.Pace.Tried[byFIFO].Mails++
	if own.first() && slices.ContainsFunc(before.places, func(one place) bool { return !one.first() && one.waits(mail.Account) }) {
		v.Pace.Tried[byFIFO].edge(true, true) // it would have waited for that one
	}
	v.overtakes(r, mail, before, after, func(one place) bool { return own.cameAfter(one, mail.Account) })
}

// cameAfter is true of one who waits for the same sender's turn, and came later, for sure.
func (p place) cameAfter(other place, account string) bool {
	return p.waits(account) && p.Since.Sub(other.Since) > prompt
}

// overtakes finds one who waited, and goes before the mail.
func (v *verdict) overtakes(r *records, mail departure, before, after *lineLook, goesBefore func(place) bool) {
	for _, one := range before.places {
		if one.EnrollmentID != mail.EnrollmentID && one.waits(mail.Account) && goesBefore(one) && one.waitsStill(after) && before.begin.Sub(one.Since) > prompt {
			v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: claimed at %s while %s of enrollment %d waited for a turn of %s, since %s", mail.StepID, clock(mail.ReservedAt), one.StepID, one.EnrollmentID, mail.Account, clock(one.Since)))
			return
		}
	}
}
