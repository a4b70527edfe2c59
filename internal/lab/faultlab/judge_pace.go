package main

import (
	"fmt"
	"slices"
	"time"

	"relance/internal/pace"
)

// pacing is what a run says about law 8.
type pacing struct {
	// Shortest is the least time between two mails of a sender with a pace, in seconds. HeldUp
	// are the mails that were kept back between their gates and the server, so that the next came
	// sooner after them, or that they came when their hours were over.
	Shortest float64 `json:"shortestGap"`
	HeldUp   int     `json:"heldUp"`
	Edits    int     `json:"edits"`
	// Midnights are those at which a limit was reached and somebody waited, Quarters those of them at quarters of an hour, as
	// real zones have them.
	Midnights int `json:"midnights"`
	Quarters  int `json:"midnightsOfRealZones"`
	// Grown are the mails that left on a further date of a ramp, under the limit to which it had grown.
	Grown int `json:"grown"`
	// Out are the looks that found a turn of a sender out, and Idle is for how many seconds at most a giver was at
	// work and gave none although somebody waited and nothing held that mail back.
	Out  int `json:"looksWithATurnOut"`
	Idle int `json:"longestIdle"`
	// Tried is by rule what it was judged on.
	Tried map[string]*tried `json:"tried"`
	// Givers is what was done to the giver.
	Givers giving `json:"givers"`
}

// departure is one mail of a sender: when it came to the server, and when it had passed its gate,
// which the ledger alone knows.
type departure struct {
	delivery
	dot, gate time.Time
}

// prompt is how long a mail takes from its gate to the server when nothing holds it up.
const prompt = time.Second

// firstStep is the first message of every campaign; all others are follow-ups.
const firstStep = "intro"

// judgePace is law 8, by the times at which the mails came to the inbox: no two closer than the gap, none
// over the limit of its day, none outside of hours and windows, and follow-ups before first mails.
func (v *verdict) judgePace(r *records) {
	v.Pace.Tried = map[string]*tried{}
	for _, rule := range rulesOfLaw8 {
		v.Pace.Tried[rule] = &tried{}
	}
	people := peopleOf(r)
	for _, one := range v.lab.lanes.that(isPaced) {
		all := map[string][]departure{} // by campaign
		for _, address := range one.senders() {
			mails, rules := departures(r, address), v.lab.paces.rules[address]
			v.Pace.Edits += len(rules) - 1
			v.laws[8].Checked += len(mails)
			doubtful := doubts(r, address)
			for i, mail := range mails {
				key := people[mail.EnrollmentID].Campaign
				all[key] = append(all[key], mail)
				if i > 0 {
					v.judgeGap(r, rules, mails[i-1], mail)
				}
				v.judgeJitter(r, rules, mail)
				v.judgeDay(r, rules, mails[:i+1], doubtful, mail)
				v.judgeHours(r, byHours, rules, mail)
				v.judgeHours(r, byWindow, v.lab.paces.rules[key], mail)
				v.judgeOrder(r, rules, mail)
			}
			v.countHours(byHours, address, rules, mails)
			v.countLimits(r, address, rules, mails)
			v.judgeOneTurn(r, address, rules)
			v.judgeIdle(r, address, rules, spending{mails, doubtful})
		}
		for _, key := range one.campaigns() {
			windows := v.lab.paces.rules[key]
			v.Pace.Edits += len(windows) - 1
			slices.SortFunc(all[key], func(a, b departure) int { return a.dot.Compare(b.dot) })
			v.countHours(byWindow, key, windows, all[key])
		}
	}
}

// departures are the accepted mails of a sender, as they came.
func departures(r *records, account string) (mails []departure) {
	of := map[string]delivery{}
	for _, d := range r.deliveries {
		of[d.MessageID] = d
	}
	for _, mail := range r.mails {
		if d := of[bare(mail.MessageID)]; mail.From == account && d.WireAt != nil {
			mails = append(mails, departure{d, r.heard.dotOf(mail), *d.WireAt})
		}
	}
	slices.SortFunc(mails, func(a, b departure) int { return a.dot.Compare(b.dot) })
	return mails
}

// judgeGap takes the shortest gap that may have counted from the mail's claim to its gate: a
// longer one counts from the last mail on, a shorter one from when it is set.
func (v *verdict) judgeGap(r *records, rules []*inForce, before, mail departure) {
	need := time.Duration(0)
	for i, rule := range between(rules, mail.ReservedAt, mail.gate) {
		if i == 0 || rule.gap < need {
			need = rule.gap
		}
	}
	if need == 0 {
		return // the sender had no pace yet
	}
	gap := mail.dot.Sub(before.dot)
	count := v.Pace.Tried[byGap]
	if count.Mails++; count.Mails == 1 || gap.Seconds() < v.Pace.Shortest {
		v.Pace.Shortest = gap.Seconds()
	}
	if gap >= need {
		if gap < need+prompt {
			count.edge(true, true)
		}
		return
	}
	if mail.gate.Sub(before.gate) >= need && (before.dot.Sub(before.gate) <= prompt || v.disturbed(before.gate, before.dot)) {
		v.Pace.HeldUp++
		return
	}
	v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: came at %s, %.3f s after the mail before (%s), and the gap is %s", mail.StepID, clock(mail.dot), gap.Seconds(), before.MessageID, need))
}

// judgeJitter is that what is drawn from the sender and the number of the mail before is added to the gap, between their gates:
// also when that one was refused, and never came.
func (v *verdict) judgeJitter(r *records, rules []*inForce, mail departure) {
	some := between(rules, mail.ReservedAt, mail.gate)
	if len(some) != 1 || some[0].jitter == 0 {
		return
	}
	before, found := v.lab.paces.gateBefore(mail)
	if !found {
		return
	}
	rule, count := some[0], v.Pace.Tried[byJitter]
	account := pace.Account{Gap: rule.gap, Jitter: rule.jitter, Hours: pace.Hours{Zone: time.UTC}}
	due := account.After(pace.Spent{}, before.At, mail.Account, before.Seq).Next
	if mail.gate.Before(due) {
		v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: passed its gate at %s, %.3f s after mail %d of %s, and with the jitter of that one the gap was %.3f s",
			mail.StepID, clock(mail.gate), mail.gate.Sub(before.At).Seconds(), before.Seq, mail.Account, due.Sub(before.At).Seconds()))
		return
	}
	if count.Mails++; mail.gate.Sub(due) < prompt {
		late := due.Sub(before.At) >= rule.gap+rule.jitter/2
		count.edge(!late, late)
	}
}

// gateBefore is the gate that a sender's mail had passed before another.
func (p *paces) gateBefore(mail departure) (before gate, found bool) {
	for i, one := range p.gates {
		if one.Account == mail.Account && one.At.Equal(mail.gate) {
			at := slices.IndexFunc(p.gates[:i], func(other gate) bool { return other.Account == one.Account && other.Seq == one.Seq-1 })
			if at >= 0 {
				return p.gates[at], true
			}
		}
	}
	return gate{}, false
}

// disturbed is true when a fault of the lab fell into a time.
func (v *verdict) disturbed(from, to time.Time) bool {
	return slices.ContainsFunc(v.lab.events, func(e event) bool {
		return !e.From.After(to) && (e.To.IsZero() || e.To.After(from))
	})
}

// judgeDay counts the mails of a sender that came up to this one, on its date.
func (v *verdict) judgeDay(r *records, rules []*inForce, mails []departure, doubtful []delivery, mail departure) {
	worst := ""
	for _, rule := range between(rules, mail.gate, mail.dot) {
		before := sendingDays(rule, mails, doubtful, mail.dot)
		limit := rule.limit(before)
		if limit == 0 {
			return
		}
		day, count := rule.date(mail.dot), 0
		for _, other := range mails {
			if rule.date(other.dot) == day {
				count++
			}
		}
		if count <= limit {
			by := byLimit
			if rule.ramp != (rampRule{}) {
				by = byRamp
				v.Pace.Grown += btoi(before > 0)
			}
			v.Pace.Tried[by].Mails++
			if rule.zone != time.UTC {
				v.Pace.Tried[byDate].Mails++
			}
			return
		}
		worst = fmt.Sprintf("%s: the %d. mail of %s in %s, and the limit is %d", mail.StepID, count, day, rule.zone, limit)
	}
	v.breach(8, peopleOf(r)[mail.EnrollmentID], worst)
}

func (v *verdict) judgeHours(r *records, by string, rules []*inForce, mail departure) {
	timed, opened := openAt(rules, mail.dot)
	if timed {
		v.Pace.Tried[by].Mails++
	}
	if opened {
		return
	}
	if _, opened = openAt(rules, mail.gate); opened && (mail.dot.Sub(mail.gate) <= prompt || v.disturbed(mail.gate, mail.dot)) {
		v.Pace.HeldUp++
		return
	}
	v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: came at %s, outside of its %s; it had passed its gate at %s", mail.StepID, clock(mail.dot.UTC()), by, clock(mail.gate.UTC())))
}

// openAt is opened when a rule that may have counted lets mail go at a moment, and timed when
// none of them does so at any time.
func openAt(rules []*inForce, at time.Time) (timed, opened bool) {
	some := between(rules, at, at)
	timed = !slices.ContainsFunc(some, func(rule paceRule) bool { return rule.hours == clockTimes{} })
	return timed, slices.ContainsFunc(some, func(rule paceRule) bool { return rule.open(at) })
}
