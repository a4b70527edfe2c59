package main

import (
	"fmt"
	"time"
)

// breach is one broken law.
type breach struct {
	Law       int    `json:"law"`
	Campaign  string `json:"campaign,omitempty"`
	ContactID int64  `json:"contactId,omitempty"`
	What      string `json:"what"`
	Timeline  string `json:"timeline,omitempty"`
}

// judge compares the servers' logs with the ledger.
func (v *verdict) judge(r *records) {
	v.judgeWakeUps(r, "at the end")
	v.judgeTwice(r)
	v.judgeLost(r)
	v.judgeDoubts(r)
	v.judgeParks(r)
	v.judgePace(r)
	v.judgeOutages(r)
	v.judgeHearing(r)
	v.measure(r)
}

// rounds are how often a contact has begun its campaign.
func (e enrollment) rounds() int {
	if e.VisitBase > 0 {
		return 2
	}
	return 1
}

// judgeTwice is law 1: nobody is mailed twice, in each of its rounds.
func (v *verdict) judgeTwice(r *records) {
	people := peopleOf(r)
	known := map[string]bool{}
	type key struct {
		enrollment int64
		step       string
		again      bool
	}
	accepted, answers, texts := map[key]int{}, map[key]int{}, map[key]int{}
	for _, d := range r.deliveries {
		e := people[d.EnrollmentID]
		at := key{d.EnrollmentID, d.StepID, e.VisitBase > 0 && d.Visit > e.VisitBase && d.Kind != "sms"}
		notSent := d.State == "failed" && d.AssumedBy != ""
		count := len(r.byMessageID[d.MessageID])
		if d.Kind == "sms" {
			count = 0
			if _, counted := texts[at]; !counted { // texts have no id of their own: all visits together, of both rounds
				count = len(r.texts[textFor(e)])
			}
			texts[at] = e.rounds()
		} else {
			known[d.MessageID] = true
			if count > 1 {
				v.breach(1, e, fmt.Sprintf("%s, visit %d: accepted %d times (%s)", d.StepID, d.Visit, count, d.MessageID))
			}
			if count > 0 && !notSent && (d.State == "failed" || d.State == "reserved") {
				v.breach(1, e, fmt.Sprintf("%s, visit %d: accepted, and the ledger says %s, so that it may go out again", d.StepID, d.Visit, d.State))
			}
		}
		accepted[at] += count
		if notSent {
			answers[at]++
		}
	}
	for at, count := range accepted {
		v.laws[1].Checked += count
		most := max(1, texts[at])
		switch {
		case count > most+answers[at]:
			v.breach(1, people[at.enrollment], fmt.Sprintf("%s: %d messages accepted", at.step, count))
		case count > most:
			v.AgainOnAWord++
		}
	}
	for id, mails := range r.byMessageID {
		if !known[id] {
			v.breach(1, enrollment{}, fmt.Sprintf("the inbox accepted %s for %s, which the ledger does not know", id, mails[0].To))
		}
	}
}

// judgeLost is law 2: nobody is dropped. A completed contact has had every message.
func (v *verdict) judgeLost(r *records) {
	people, had := peopleOf(r), map[int64]map[string]bool{}
	for _, d := range r.deliveries {
		e := people[d.EnrollmentID]
		there := len(r.byMessageID[d.MessageID]) > 0
		if d.Kind == "sms" {
			there = len(r.texts[textFor(e)]) > 0
		}
		if d.State == "sent" && !there {
			v.breach(2, e, fmt.Sprintf("%s, visit %d: the ledger says sent (%s), no server accepted it", d.StepID, d.Visit, orServer(d.AssumedBy)))
		}
		if there && d.State == "sent" && d.Visit > e.VisitBase { // of the round in which it is
			if had[d.EnrollmentID] == nil {
				had[d.EnrollmentID] = map[string]bool{}
			}
			had[d.EnrollmentID][d.StepID] = true
		}
		if d.State == "wire" || (d.State == "reserved" && people[d.EnrollmentID].Status != "InError") {
			v.breach(2, e, fmt.Sprintf("%s, visit %d: the ledger still says %s at rest", d.StepID, d.Visit, d.State))
		}
	}
	for _, e := range r.enrollments {
		v.laws[2].Checked++
		if e.StartedAt == nil && e.EndedAt == nil { // a worker that dies between a start and its note leaves no note
			v.breach(2, e, "enrolled, and never started")
		}
		for _, step := range v.lab.lanes.laneOf(e.Campaign).steps() {
			if e.Status == "Completed" && !had[e.ID][step] {
				v.breach(2, e, "completed without "+step)
			}
		}
		if e.Status == "InError" && e.Code != nil && (*e.Code == "SendingFailed" || *e.Code == "DeliveryUncertain") {
			v.breach(2, e, "still "+*e.Code+" although every server is well and it was resumed")
		}
	}
	v.laws[2].Checked += v.lab.looks
}

// judgeWakeUps is law 3: nobody stays parked for a cause that is gone.
func (v *verdict) judgeWakeUps(r *records, when string) {
	for _, e := range r.enrollments {
		if e.Status != "InError" && e.Status != "Paused" {
			continue
		}
		v.laws[3].Checked++
		if e.Unfinished {
			code := ""
			if e.Code != nil {
				code = " " + *e.Code
			}
			v.breach(3, e, when+": "+e.Status+code+", and the cause is gone")
		}
	}
	if when == "at the end" {
		v.laws[3].Checked += len(r.parks) - v.laws[3].Checked
	}
}

// judgeDoubts is law 4: every uncertain delivery has a reason, and is not resent by
// itself.
func (v *verdict) judgeDoubts(r *records) {
	people := peopleOf(r)
	declared := map[string]time.Time{} // by enrollment and step, the first
	count := 0
	for _, park := range r.parks {
		if park.Code == "DeliveryUncertain" {
			count++
			declared[fmt.Sprint(park.EnrollmentID, park.StepID, count)] = park.At
			v.explain(r, people[park.EnrollmentID], park)
		}
	}
	v.Uncertain, v.laws[4].Checked = count, count
	for i, d := range r.deliveries {
		if d.Visit == 1 || d.Visit == people[d.EnrollmentID].VisitBase+1 {
			continue
		}
		// A late answer of the server, "not accepted", is as good as an operator's word when it is true.
		// Texts have no message id: judgeTwice counts what was accepted of them.
		before := r.deliveries[i-1]
		late := before.State == "failed" && len(r.byMessageID[before.MessageID]) == 0
		if before.AssumedBy == "" && before.State != "sent" && !late {
			v.breach(4, people[d.EnrollmentID], fmt.Sprintf("%s: visit %d was begun although nobody said that visit %d was not sent", d.StepID, d.Visit, before.Visit))
		}
	}
}

// judgeParks is law 5: every park has its number, and counts once.
func (v *verdict) judgeParks(r *records) {
	noted := map[int64]int{}
	for _, park := range r.parks {
		noted[park.EnrollmentID]++
	}
	for _, e := range r.enrollments {
		v.laws[5].Checked += e.ParkID
		if noted[e.ID] != e.ParkID {
			v.breach(5, e, fmt.Sprintf("park number %d, and %d notes of parks", e.ParkID, noted[e.ID]))
		}
	}
}

func peopleOf(r *records) map[int64]enrollment {
	people := make(map[int64]enrollment, len(r.enrollments))
	for _, e := range r.enrollments {
		people[e.ID] = e
	}
	return people
}

func orServer(by string) string {
	if by == "" {
		return "on the server's word"
	}
	return "on the word of " + by
}
