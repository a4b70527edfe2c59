package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relance/internal/devstack/inbox"
)

// heard is what the inbox says about answers: when each could be read, and the complete looks.
type heard struct {
	answers []inbox.Answer
	looks   map[string][]look // by the lane's letter, in the order of their ends
	dots    map[string][]time.Time
	hangs   map[string]time.Time // when the message came whose answer takes long
	clicks  []click
}

func (l *lab) readHeard() (h heard, err error) {
	h = heard{looks: map[string][]look{}, dots: map[string][]time.Time{}, hangs: map[string]time.Time{}}
	dir := filepath.Join(l.dir, roleInbox)
	if h.answers, err = readLines[inbox.Answer](filepath.Join(dir, inbox.AnswersName)); err != nil {
		return h, err
	}
	looks, err := readLines[look](filepath.Join(dir, looksName))
	if err != nil {
		return h, err
	}
	for _, one := range looks {
		lane, _, _ := strings.Cut(one.Mailbox, "@") // the user name, or the address
		h.looks[lane] = append(h.looks[lane], one)
	}
	for lane := range h.looks {
		slices.SortFunc(h.looks[lane], func(a, b look) int { return a.Complete.Compare(b.Complete) })
	}
	dots, err := readLines[dot](filepath.Join(dir, dotsName))
	for _, one := range dots {
		h.dots[one.MessageID] = append(h.dots[one.MessageID], one.Time)
		if one.Hangs {
			h.hangs[one.MessageID] = one.Time
		}
	}
	h.clicks, _ = l.clicker.all()
	return h, err
}

// seenAt is when the first look was complete that began when the answer was there.
func (h heard) seenAt(answer inbox.Answer) (time.Time, bool) {
	lane, _, _ := strings.Cut(answer.Mailbox, "@")
	for _, one := range h.looks[lane] {
		if one.Began.After(answer.Time) {
			return one.Complete, true
		}
	}
	return time.Time{}, false
}

// dotOf is when the message came that was then accepted: a server may take its time.
func (h heard) dotOf(mail entry) time.Time {
	at := mail.Time
	for _, one := range h.dots[bare(mail.MessageID)] {
		if !one.After(mail.Time) {
			at = one
		}
	}
	return at
}

// hearing is what a run says about law 9.
type hearing struct {
	// Answers are those that were put into a mailbox, or sent by a link, by kind; Followed are
	// the contacts for which the right thing followed, and TooLate those whose enrollment was
	// over before anybody could know.
	Answers  map[string]int `json:"answers"`
	Followed map[string]int `json:"followed"`
	TooLate  int            `json:"tooLate"`
	Looks    int            `json:"looks"`
	// TwoReaders are the looks under way while another connection looked at the same mailbox.
	TwoReaders int `json:"looksBesideAnother"`
	// Mailed are the mails after an answer that a complete look had seen: breaches. AtGates
	// had passed their gates before the look was complete.
	Mailed  int `json:"mailsAfterASeenAnswer"`
	AtGates int `json:"mailsAtTheirGatesThen"`
	// WronglyEnded are the contacts who said nothing of the kind: breaches.
	WronglyEnded int `json:"wronglyEnded"`
	Silent       int `json:"silent"` // had everything
}

// judgeHearing is law 9: who has answered or left is not mailed, and nobody else is dropped.
func (v *verdict) judgeHearing(r *records) {
	v.Hearing = hearing{Answers: map[string]int{}, Followed: map[string]int{}}
	said := map[string]map[string]time.Time{} // by recipient and kind: when a look had seen it first
	note := func(to, kind string, at time.Time) {
		v.Hearing.Answers[kind]++
		if said[to] == nil {
			said[to] = map[string]time.Time{}
		}
		if before, ok := said[to][kind]; !ok || at.Before(before) {
			said[to][kind] = at
		}
	}
	for _, answer := range r.heard.answers {
		if at, ok := r.heard.seenAt(answer); ok {
			note(answer.From, answer.Kind, at)
		}
	}
	for _, one := range r.heard.clicks {
		note(one.To, oneClick, one.Answered)
	}
	for _, looks := range r.heard.looks {
		v.Hearing.Looks += len(looks)
		for i, one := range looks {
			if i > 0 && one.Connection != looks[i-1].Connection && looks[i-1].Complete.After(one.Began) {
				v.Hearing.TwoReaders++
			}
		}
	}
	v.judgeMails(r, said)
	v.judgeEnds(r, said)
	for _, count := range v.Hearing.Answers {
		v.laws[9].Checked += count
	}
}

// judgeMails looks for mails to persons who had been heard.
func (v *verdict) judgeMails(r *records, said map[string]map[string]time.Time) {
	gates, people := map[string]delivery{}, peopleOf(r)
	for _, d := range r.deliveries {
		gates[d.MessageID] = d
	}
	for _, mail := range r.mails {
		d, dot := gates[bare(mail.MessageID)], r.heard.dotOf(mail)
		for kind, seen := range said[mail.To] {
			switch {
			case !dot.After(seen), !stops(kind) && kind != vacation:
			case d.WireAt != nil && !d.WireAt.After(seen):
				v.Hearing.AtGates++
			case kind == vacation && v.lab.releasedBefore(people[d.EnrollmentID].ContactID, dot):
			default:
				v.Hearing.Mailed++
				v.breach(9, people[d.EnrollmentID], fmt.Sprintf("%s: mailed at %s, and a complete look had seen the answer (%s) at %s", d.StepID, clock(dot), kind, clock(seen)))
			}
		}
	}
}

func (l *lab) releasedBefore(contact int64, at time.Time) bool {
	return slices.ContainsFunc(l.released[contact], func(released time.Time) bool { return released.Before(at) })
}

// judgeEnds compares what has become of each contact with what it has said.
func (v *verdict) judgeEnds(r *records, said map[string]map[string]time.Time) {
	for _, e := range r.enrollments {
		if !v.lab.lanes.laneOf(e.Campaign).read {
			continue
		}
		kinds := said[e.Email]
		kind, _, answers := strings.Cut(e.Email, "+")
		seen, answered := kinds[kind]
		ended := ""
		if e.EndedBy != nil {
			ended = *e.EndedBy
		}
		byHand := e.Status == "Disenrolled" && ended == "" && v.lab.disenrolled[e.ContactID]
		switch want := endedBy[kind]; {
		case ended != "" && (!answers || !answered || ended != want):
			if !answered && r.wasAnswered(v.lab, e.Email) { // the inbox was killed before it wrote that down
				continue
			}
			v.Hearing.WronglyEnded++
			v.breach(9, e, fmt.Sprintf("ended as %s, and its answers are %v", ended, sortedKeys(kinds)))
		case byHand:
		case answered && want != "":
			switch {
			case ended == want:
				v.Hearing.Followed[kind]++
			case e.EndedAt != nil && e.EndedAt.Before(seen):
				v.Hearing.TooLate++
			default:
				v.breach(9, e, fmt.Sprintf("answered (%s), which a complete look had seen at %s, and is %s", kind, clock(seen), e.Status))
			}
		case answered && kind == bounceLater && r.bounced[e.Email]:
			v.Hearing.Followed[kind]++
			if e.Status != "InError" && e.Status != "Completed" {
				v.breach(9, e, "bounced, and is "+e.Status)
			}
		case answered && kind == bounceLater:
			v.breach(9, e, "its bounce was read, and its address is not on the bounce list")
		case e.Status == "Completed":
			if answered {
				v.Hearing.Followed[kind]++
			} else {
				v.Hearing.Silent++
			}
		default:
			v.breach(2, e, fmt.Sprintf("%s at the end, and its answers are %v", e.Status, sortedKeys(kinds)))
		}
	}
}

// wasAnswered looks into the mailboxes themselves for an answer that is in no log.
func (r *records) wasAnswered(l *lab, address string) bool {
	found := false
	for _, one := range l.lanes.that(isRead) {
		found = found || anyFileSays(filepath.Join(l.dir, roleInbox, "mailboxes", one.name, "INBOX"), "<"+address+">")
	}
	return found
}
