package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long a message can be on the wire when nothing is wrong, and how long the
// ledger takes to hear of its answer after PostgreSQL was away: a worker looks
// again every five seconds.
const (
	shortly    = time.Second
	onTheWire  = answerDelay + shortly
	writesDown = 6 * time.Second
)

// explain finds what cut a delivery off while it was on the wire (law 4): the
// inbox's own record, else a fault that really happened in just that time and
// that can keep a message from its answer, or the answer from the ledger.
func (v *verdict) explain(r *records, e enrollment, park parked) {
	var last *delivery
	for i, d := range r.deliveries {
		if d.EnrollmentID == park.EnrollmentID && d.StepID == park.StepID && d.WireAt != nil && !d.WireAt.After(park.At) {
			last = &r.deliveries[i]
		}
	}
	anew := false
	for _, d := range r.deliveries {
		// It was said not to have been sent, an edit led elsewhere and back, and it was claimed anew:
		// when it was on the wire before is not known any more, but not for longer than an answer takes.
		if last == nil && d.EnrollmentID == park.EnrollmentID && d.StepID == park.StepID && r.answeredBetween(park, d.ReservedAt) {
			before, wire := d, park.At.Add(-hang)
			before.WireAt = &wire
			last, anew = &before, true
		}
	}
	if last == nil {
		v.breach(4, e, park.StepID+": declared uncertain, and never was on the wire")
		return
	}
	if _, ok := r.cuts[last.MessageID]; ok && last.Kind == "email" {
		v.Explained["the inbox cut the connection at or after the dot"]++
		return
	}
	for _, text := range r.texts[textFor(e)] {
		if last.Kind == "sms" && !text.Answered {
			v.Explained["the gateway accepted and dropped its answer"]++
			return
		}
	}
	from, to := v.onWire(r, last)
	if to.After(park.At) || anew {
		to = park.At
	}
	for _, event := range v.lab.events {
		if cutsOff(event.Kind, last.Kind) && during(event, from, to) {
			v.Explained[event.Kind]++
			return
		}
	}
	v.breach(4, e, fmt.Sprintf("%s: declared uncertain at %s, on the wire from %s to %s at most, and nothing cut it off then",
		park.StepID, clock(park.At), clock(from), clock(to)))
}

// answeredBetween is true when an operator has answered the doubt of a park before a time.
func (r *records) answeredBetween(park parked, before time.Time) bool {
	return slices.ContainsFunc(r.answered, func(a answered) bool {
		return a.EnrollmentID == park.EnrollmentID && a.StepID == park.StepID && a.At.After(park.At) && a.At.Before(before)
	})
}

// onWire is the time in which a delivery was on the wire, at most.
func (v *verdict) onWire(r *records, d *delivery) (from, to time.Time) {
	from = d.WireAt.Add(-100 * time.Millisecond)
	to = d.WireAt.Add(onTheWire)
	if mails := r.byMessageID[d.MessageID]; len(mails) > 0 {
		to = mails[0].Time.Add(onTheWire) // a hanging inbox takes its time
	}
	if came, ok := r.heard.hangs[d.MessageID]; ok && came.Add(hang+onTheWire).After(to) {
		to = came.Add(hang + onTheWire)
	}
	for _, event := range v.lab.events {
		if strings.Contains(event.Kind, "PostgreSQL") && during(event, from, to) && event.To.Add(writesDown).After(to) {
			to = event.To.Add(writesDown)
		}
	}
	return from, to
}

// during is true when a fault falls into a time: a kill with its moment, which lies between its beginning and when it had struck,
// anything else with its length.
func during(event event, from, to time.Time) bool {
	if event.From.After(to) {
		return false
	}
	if strings.HasPrefix(event.Kind, "kill") {
		// At the gates, and for the giver, the worker is killed in the middle of the event.
		return !event.From.Before(from) || !event.Struck.Before(from) || (event.Kind == killAtGates || event.Kind == killGiver) && event.To.After(from)
	}
	return event.To.IsZero() || event.To.After(from)
}

// cutsOff reports whether a fault can keep a message of this kind from its answer.
// PostgreSQL's can not: an answer waits until it can be written down. Nor can a
// gentle stop, which waits for the answer, or Temporal's storage.
func cutsOff(fault, kind string) bool {
	switch {
	case fault == gentleStop || strings.HasSuffix(fault, storageFails), fault == movesMailboxes || strings.HasSuffix(fault, toMailboxes):
		return false
	case strings.HasSuffix(fault, "to the inbox") || fault == killInbox:
		return kind == "email"
	case fault == killGateway:
		return kind == "sms"
	case fault == killAtGates:
		return true
	}
	return !strings.Contains(fault, "PostgreSQL")
}

func clock(t time.Time) string { return t.Format(time.TimeOnly + ".000") }
