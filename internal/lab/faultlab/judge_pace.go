package main

import (
	"fmt"
	"slices"
	"time"
)

// pacing is what a run says about law 8.
type pacing struct {
	// Gaps are the pairs of mails of a sender with a pace that followed each other, Shortest
	// the least time between two, in seconds. HeldUp are the pairs whose first mail was kept back
	// between its gate and its dot, so that the second came sooner after it.
	Gaps     int     `json:"gaps"`
	Shortest float64 `json:"shortestGap"`
	HeldUp   int     `json:"heldUp"`
	Edits    int     `json:"edits"`
	// Limited are the mails while a limit of the day was set, Timed those while hours or a window were.
	Limited int `json:"limited"`
	Timed   int `json:"timed"`
	// Ordered are the first mails of these senders that left when nothing interfered any more,
	// Overtaken those of them that left although a follow-up had been due for long: counted, and no
	// finding, since a try that failed may have kept it.
	Ordered   int `json:"ordered"`
	Overtaken int `json:"overtaken"`
}

// departure is one mail of a sender: when it came to the server, and when it had passed its gate,
// which the ledger alone knows.
type departure struct {
	delivery
	dot, gate time.Time
}

// prompt is how long a mail takes from its gate to the server when nothing holds it up.
const prompt = time.Second

// judgePace is law 8, by the times at which the mails came to the inbox: no two closer than the gap, none
// over the limit of its day, none outside of hours and windows.
func (v *verdict) judgePace(r *records) {
	for _, one := range v.lab.lanes.that(isPaced) {
		mails := departures(r, accountOf(one.name))
		rules, windows := v.lab.paces.accounts[one.name], v.lab.paces.windows[one.name]
		v.Pace.Edits += len(rules) + len(windows) - 1
		v.laws[8].Checked += len(mails)
		for i, mail := range mails {
			if i > 0 {
				v.judgeGap(r, rules, mails[i-1], mail)
			}
			v.judgeDay(r, rules, mails, mail)
			v.judgeHours(r, rules, mail)
			if len(windows) > 0 {
				v.judgeHours(r, append([]*inForce{{paceRule: paceRule{zone: time.UTC}, until: windows[0].from}}, windows...), mail)
			}
		}
		v.judgeOrder(r, mails)
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

func (v *verdict) judgeGap(r *records, rules []*inForce, before, mail departure) {
	need := time.Duration(0)
	for i, rule := range between(rules, before.gate, mail.gate) {
		if i == 0 || rule.gap < need {
			need = rule.gap
		}
	}
	gap := mail.dot.Sub(before.dot)
	if v.Pace.Gaps++; v.Pace.Gaps == 1 || gap.Seconds() < v.Pace.Shortest {
		v.Pace.Shortest = gap.Seconds()
	}
	if gap >= need {
		return
	}
	if mail.gate.Sub(before.gate) >= need && (before.dot.Sub(before.gate) <= prompt || v.disturbed(before.gate, before.dot)) {
		v.Pace.HeldUp++
		return
	}
	v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: came at %s, %.3f s after the mail before (%s), and the gap is %s", mail.StepID, clock(mail.dot), gap.Seconds(), before.MessageID, need))
}

// disturbed is true when a fault of the lab fell into a time.
func (v *verdict) disturbed(from, to time.Time) bool {
	return slices.ContainsFunc(v.lab.events, func(e event) bool {
		return !e.From.After(to) && (e.To.IsZero() || e.To.After(from))
	})
}

func (v *verdict) judgeDay(r *records, rules []*inForce, mails []departure, mail departure) {
	worst := ""
	for _, rule := range between(rules, mail.gate, mail.dot) {
		if rule.perDay == 0 {
			return
		}
		day, count := mail.dot.In(rule.zone).Format(time.DateOnly), 0
		for _, other := range mails {
			if !other.dot.After(mail.dot) && other.dot.In(rule.zone).Format(time.DateOnly) == day {
				count++
			}
		}
		if count <= rule.perDay {
			v.Pace.Limited++
			return
		}
		worst = fmt.Sprintf("%s: the %d. mail of %s in %s, and the limit is %d", mail.StepID, count, day, rule.zone, rule.perDay)
	}
	v.breach(8, peopleOf(r)[mail.EnrollmentID], worst)
}

func (v *verdict) judgeHours(r *records, rules []*inForce, mail departure) {
	switch {
	case v.openAt(rules, mail.dot):
	case v.openAt(rules, mail.gate) && (mail.dot.Sub(mail.gate) <= prompt || v.disturbed(mail.gate, mail.dot)):
		v.Pace.HeldUp++
	default:
		v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: came at %s, outside of its hours; it had passed its gate at %s", mail.StepID, clock(mail.dot.UTC()), clock(mail.gate.UTC())))
	}
}

func (v *verdict) openAt(rules []*inForce, at time.Time) bool {
	return slices.ContainsFunc(between(rules, at, at), func(rule paceRule) bool {
		if rule.hours != (clockTimes{}) {
			v.Pace.Timed++
		}
		return rule.hours.open(at.In(rule.zone))
	})
}

// calm is so long after the faults that nothing of them is in the way.
const calm = 15 * time.Second

// judgeOrder is follow-ups before first mails, when nothing interferes: a first mail does not leave while
// a follow-up stands in the line that has been due for long.
func (v *verdict) judgeOrder(r *records, mails []departure) {
	parked, first := map[int64]bool{}, map[int64]departure{}
	for _, park := range r.parks {
		parked[park.EnrollmentID] = true
	}
	for _, mail := range mails {
		if mail.StepID == "intro" {
			first[mail.EnrollmentID] = mail
		}
	}
	for i, mail := range mails {
		if mail.StepID != "intro" || mail.gate.Before(v.lab.to.Add(calm)) {
			continue
		}
		v.Pace.Ordered++
		for _, later := range mails[i+1:] {
			before, ok := first[later.EnrollmentID]
			if ok && later.StepID != "intro" && !parked[later.EnrollmentID] && before.dot.Add(longestWait+calm).Before(mail.gate) {
				v.Pace.Overtaken++
				break
			}
		}
	}
}
