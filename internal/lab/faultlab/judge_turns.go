package main

import (
	"fmt"
	"slices"
	"time"

	"relance/internal/pace"
)

// claim is one that had a turn of a sender, also when no mail came of it.
type claim struct {
	At           time.Time
	EnrollmentID int64
	StepID       string
	Campaign     string
	Account      string
	Band         int
	// Given is true when a giver had given it the turn. Who comes back to a place, after an edit or a failure, takes
	// one where nobody stands before that.
	Given bool
}

func (c claim) first() bool { return c.StepID == firstStep }

// gate is one that an account has passed with a turn: its number is what jitter is drawn from.
type gate struct {
	At      time.Time
	Account string
	Seq     int64
}

// judgeTurns is that first mails leave campaign by campaign in turns: none was given the turn while one of another campaign
// waited that had had none of the sender's turns for longer. Both are seen to wait in the last look before it was
// given, and the other one, unchanged, in the next.
func (v *verdict) judgeTurns(r *records, rules []*inForce, mail departure, before, after *lineLook) {
	own := before.of(mail.EnrollmentID)
	if own.StepID != mail.StepID || !v.lab.paces.wasGiven(mail) || v.lab.paces.outOfOrder(mail.Account, before.begin, mail.ReservedAt) {
		return // a sender that is in error gives turns to all, so that they learn of it
	}
	others := slices.DeleteFunc(slices.Clone(before.places), func(one place) bool {
		decided := before.begin.Sub(one.Since) > longestBlind // after it had come: a giver acts on what it has read before
		return one.Campaign == own.Campaign || !decided || !one.first() || !one.mayHave(mail.Account, v.lab.lanes) || !one.waitsStill(after)
	})
	if len(others) == 0 {
		return
	}
	count := v.Pace.Tried[byTurns]
	count.Mails++
	if slices.ContainsFunc(others, func(one place) bool { return own.Since.Sub(one.Since) > prompt }) {
		count.edge(true, true) // who comes first would have gone before it
	}
	its := v.lab.paces.lastTurn(mail.Account, own.Campaign, before.begin, func(one claim) bool {
		return one.first() && one.Band == pace.FirstMails && always(rules, one.At, one.At, false)
	})
	for _, one := range others {
		last := v.lab.paces.lastTurn(mail.Account, one.Campaign, after.end, func(one claim) bool { return one.first() || one.Band == pace.FirstMails })
		if last.Before(its) {
			v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: claimed at %s, after a turn of its campaign at %s, while %s of enrollment %d of %s waited for a turn of %s, since %s: that campaign had its last one %s",
				mail.StepID, clock(mail.ReservedAt), clock(its), one.StepID, one.EnrollmentID, one.Campaign, mail.Account, clock(one.Since), orNever(last)))
			return
		}
	}
}

func orNever(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return "at " + clock(at)
}

// lastTurn is the last one of those that count, up to a moment, that a sender has given to a campaign; zero when there was none.
func (p *paces) lastTurn(account, campaign string, until time.Time, counts func(claim) bool) (last time.Time) {
	for _, one := range p.claims {
		if one.At.After(until) {
			break
		}
		if one.Account == account && one.Campaign == campaign && counts(one) {
			last = one.At
		}
	}
	return last
}

// wasGiven is true when a mail was claimed with a turn that a giver had given.
func (p *paces) wasGiven(mail departure) bool {
	for _, one := range slices.Backward(p.claims) {
		if one.EnrollmentID == mail.EnrollmentID && one.StepID == mail.StepID && one.Account == mail.Account {
			return one.Given // the last one is the one that came
		}
	}
	return false
}

// outOfOrder is true when a sender may not have been connected at some moment of a time, or right before it: a giver acts on
// what it has read a moment ago.
func (p *paces) outOfOrder(account string, from, to time.Time) bool {
	from = from.Add(-prompt)
	return p.wasAway(account, from, to) || slices.ContainsFunc(p.outages[account], func(one *outage) bool {
		return !one.began.After(to) && (one.over.IsZero() || !one.over.Before(from))
	})
}

// judgeOneTurn is that a sender gives one turn at a time: no look finds two out that it has given while it was
// connected and had a pace. The row says when a turn was signalled first, which a dead giver puts off for long: it was
// given after the last look that had not found it out.
func (v *verdict) judgeOneTurn(r *records, address string, rules []*inForce) {
	var last [2]int64
	type turn struct{ enrollment, number int64 }
	var seen map[turn]time.Time // since when each turn may be out that the last look has found
	var before time.Time
	for _, look := range v.lab.paces.lines {
		since := map[turn]time.Time{}
		for _, one := range look.places {
			if !one.out(address) || one.GrantedAt == nil {
				continue
			}
			at := turn{one.EnrollmentID, one.Turn}
			since[at] = *one.GrantedAt
			if first, found := seen[at]; found {
				since[at] = first
			} else if !before.IsZero() && before.Before(*one.GrantedAt) {
				since[at] = before
			}
		}
		seen, before = since, look.begin
		out := slices.DeleteFunc(slices.Clone(look.places), func(one place) bool {
			from, is := since[turn{one.EnrollmentID, one.Turn}]
			return !is || !one.out(address) || !paced(rules, from, look.end) || v.lab.paces.outOfOrder(address, from, look.end)
		})
		if len(out) == 0 {
			continue
		}
		v.Pace.Out++
		if len(out) == 1 || last == [2]int64{out[0].EnrollmentID, out[1].EnrollmentID} {
			continue
		}
		last = [2]int64{out[0].EnrollmentID, out[1].EnrollmentID}
		v.breach(8, peopleOf(r)[out[0].EnrollmentID], fmt.Sprintf("%s: had a turn of %s since %s, and enrollment %d another one since %s, at %s",
			out[0].StepID, address, clock(*out[0].GrantedAt), out[1].EnrollmentID, clock(*out[1].GrantedAt), clock(look.begin)))
	}
}

// paced is true of a time in which a sender had a gap for sure.
func paced(rules []*inForce, from, to time.Time) bool {
	some := between(rules, from, to)
	return len(some) > 0 && !slices.ContainsFunc(some, func(rule paceRule) bool { return rule.gap == 0 })
}
