package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// outages are what a run says about senders that broke, and about several of one campaign.
type outages struct {
	// Accounts are the times for which a sender was in error or removed for sure, LastClaims the
	// mails of it that were claimed right before it broke, as far as anybody can tell.
	Accounts   int `json:"accounts"`
	LastClaims int `json:"lastClaims"`
	// Several are those of one of several senders, WentOn those of them in which another one
	// mailed contacts that nobody had mailed, and First those mails.
	Several int `json:"ofSeveral"`
	WentOn  int `json:"wentOn"`
	First   int `json:"firstMailsMeanwhile"`
	// Parked are the parks of contacts that the broken one had mailed; NoneLeft those of contacts
	// that nobody had mailed, while all were broken.
	Parked   int `json:"parked"`
	NoneLeft int `json:"parkedWithoutAnySender"`
	// Kept are the contacts of several senders that had all their mails from one.
	Kept int `json:"keptTheirSender"`
	// Moves are the commands that moved contacts from one sender to another, and Moved those that were
	// mailed by the other one afterwards, each in a new thread.
	Moves int `json:"moves"`
	Moved int `json:"moved"`
}

// surely is true while the sender could not send, perhaps while it may not have been able to.
func (o *outage) surely(at time.Time) bool {
	return !o.broken.IsZero() && at.After(o.broken) && at.Before(o.repaired)
}

func (o *outage) perhaps(at time.Time) bool {
	return !at.Before(o.began) && (o.over.IsZero() || !at.After(o.over))
}

// queued is how long after its last look at an account that has no pace a message may be claimed:
// it may have waited for one of the few connections (activities.maxQueueWait).
const queued = 5 * time.Second

// judgeOutages is that nothing is claimed for a sender that is in error or removed, from when the
// command is done.
func (v *verdict) judgeOutages(r *records) {
	v.Outages = outages{}
	for _, one := range v.lab.lanes {
		slack := prompt
		if !one.paced {
			slack += queued
		}
		for _, address := range one.senders() {
			mails := departures(r, address)
			for _, outage := range v.lab.paces.outages[address] {
				if outage.broken.IsZero() {
					continue
				}
				v.Outages.Accounts++
				for _, mail := range mails {
					switch claimed := mail.ReservedAt; {
					case !outage.surely(claimed):
					case claimed.Sub(outage.broken) <= slack, v.disturbed(outage.broken, claimed):
						v.Outages.LastClaims++
					default:
						v.breach(8, peopleOf(r)[mail.EnrollmentID], fmt.Sprintf("%s: claimed at %s for %s, which could not send since %s", mail.StepID, clock(claimed), address, clock(outage.broken)))
					}
				}
			}
		}
		if one.more > 0 {
			v.judgeSeveral(r, one)
		}
	}
}

// judgeSeveral is what several senders promise: a contact keeps the one that has mailed it, one
// that breaks parks those alone, and the others go on with the rest.
func (v *verdict) judgeSeveral(r *records, one lane) {
	people := peopleOf(r)
	byEnrollment, onAWord := map[int64][]departure{}, map[int64]bool{}
	for _, d := range r.deliveries {
		onAWord[d.EnrollmentID] = onAWord[d.EnrollmentID] || d.AssumedBy != ""
	}
	for _, word := range r.answered {
		onAWord[word.EnrollmentID] = true
	}
	var first []departure
	for _, address := range one.senders() {
		for _, mail := range departures(r, address) {
			if !slices.Contains(one.campaigns(), people[mail.EnrollmentID].Campaign) {
				continue
			}
			mail.Account = address // as the inbox says
			byEnrollment[mail.EnrollmentID] = append(byEnrollment[mail.EnrollmentID], mail)
			if mail.StepID == firstStep {
				first = append(first, mail)
			}
		}
	}
	for id, mails := range byEnrollment {
		slices.SortFunc(mails, func(a, b departure) int { return a.dot.Compare(b.dot) })
		if !onAWord[id] { // who was not sent to belongs to nobody
			v.judgeOwners(r, people[id], mails)
		}
		if other := slices.IndexFunc(mails, func(mail departure) bool { return mail.Account != mails[0].Account }); other < 0 && len(mails) > 1 {
			v.Outages.Kept++
		}
	}
	for _, one := range v.lab.paces.moves {
		v.Outages.Moves += btoi(!one.done.IsZero())
	}
	v.judgeParksOfSeveral(r, one)
	for _, address := range one.senders() {
		for _, outage := range v.lab.paces.outages[address] {
			if outage.broken.IsZero() {
				continue
			}
			v.Outages.Several++
			count := 0
			for _, mail := range first {
				if mail.Account != address && outage.surely(mail.dot) {
					count++
				}
			}
			v.Outages.First += count
			v.Outages.WentOn += btoi(count > 0)
		}
	}
}

// judgeOwners is that a contact has its mails from one sender, and from that to which it was moved from then on: in a new
// thread, which answers nothing that another one has sent.
func (v *verdict) judgeOwners(r *records, e enrollment, mails []departure) {
	first, senders := mails[0], map[string]string{}
	for _, mail := range mails {
		owners := v.lab.paces.owners(e.Campaign, first.Account, first.gate, mail.ReservedAt)
		answered := r.replies[mail.MessageID]
		switch from := senders[answered]; {
		case mail.MessageID != first.MessageID && !slices.Contains(owners, mail.Account):
			v.breach(8, e, fmt.Sprintf("%s: came from %s, and %s had mailed the contact before", mail.StepID, mail.Account, strings.Join(owners, " or ")))
			return
		case answered != "" && from != mail.Account:
			v.breach(8, e, fmt.Sprintf("%s: came from %s in a thread of %s", mail.StepID, mail.Account, from))
			return
		case mail.Account != first.Account:
			v.Outages.Moved++
		}
		senders[mail.MessageID] = mail.Account
	}
}

// judgeParksOfSeveral is that a contact is in error for a sender only when that one is its own,
// or when there is no other left.
func (v *verdict) judgeParksOfSeveral(r *records, one lane) {
	people := peopleOf(r)
	broken := func(address string, at time.Time) bool {
		return slices.ContainsFunc(v.lab.paces.outages[address], func(o *outage) bool { return o.perhaps(at) })
	}
	for _, park := range r.parks {
		e := people[park.EnrollmentID]
		if !slices.Contains(one.campaigns(), e.Campaign) || park.At.Before(v.lab.upgradedAt) || park.Code != "EmailAccountInError" && park.Code != "EmailAccountDisconnected" {
			continue
		}
		own, bound := "", time.Time{} // by the ledger as it was then: in doubt until the message is claimed anew
		for _, d := range r.deliveries {
			if d.EnrollmentID == park.EnrollmentID && d.Kind == "email" && d.WireAt != nil && d.WireAt.Before(park.At) && (len(r.byMessageID[d.MessageID]) > 0 || d.State == "uncertain" || d.AssumedBy != "" && d.SettledAt != nil && d.SettledAt.After(park.At)) {
				own, bound = d.Account, *d.WireAt
			}
		}
		owners := v.lab.paces.owners(e.Campaign, own, bound, park.At)
		v.laws[7].Checked++
		switch {
		case own == "" && slices.ContainsFunc(one.senders(), func(address string) bool { return !broken(address, park.At) }):
			v.breach(7, e, fmt.Sprintf("%s: in error at %s (%s) although nobody had mailed the contact, and another sender could", park.StepID, clock(park.At), park.Code))
		case own == "":
			v.Outages.NoneLeft++
		case !slices.ContainsFunc(owners, func(owner string) bool { return broken(owner, park.At) }):
			v.breach(7, e, fmt.Sprintf("%s: in error at %s (%s) although %s, which had mailed the contact, could send", park.StepID, clock(park.At), park.Code, strings.Join(owners, " or ")))
		default:
			v.Outages.Parked++
		}
	}
}

// doubtTheOutages says what of several senders was not tried.
func (v *verdict) doubtTheOutages() {
	if len(v.lab.lanes.that(isSeveral)) == 0 {
		return
	}
	if o := v.Outages; o.Several < 2 || o.WentOn == 0 || o.Parked == 0 || o.Kept == 0 || o.Moves == 0 || o.Moved == 0 {
		v.weak("several senders: %s", o.several())
	}
}

func (o outages) several() string {
	return fmt.Sprintf("%d outages of one; in %d of them the others mailed %d new contacts; %d parks of contacts that it had mailed, %d while none could send; %d contacts had all their mails from one; %d times all of one were moved to another, which then sent %d mails to them",
		o.Several, o.WentOn, o.First, o.Parked, o.NoneLeft, o.Kept, o.Moves, o.Moved)
}

// text is what is printed of it; nothing where nobody broke.
func (o outages) text() string {
	text := ""
	if o.Accounts > 0 {
		text = fmt.Sprintf("senders: broken or removed %d times, %d mails claimed right before\n", o.Accounts, o.LastClaims)
	}
	if o.Several > 0 {
		text += "several senders: " + o.several() + "\n"
	}
	return text
}
