package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// breaks has a sender be broken from a second to another, by commands of half a second.
func (b *paceLog) breaks(address string, from, to float64) {
	*b.paces.breaks(address) = outage{began: b.at(from - 0.5), broken: b.at(from), repaired: b.at(to), over: b.at(to + 0.5)}
}

// moves has the contacts of a sender be moved to another from a second to another.
func (b *paceLog) moves(from, to string, began, done float64) {
	b.paces.moves = append(b.paces.moves, &move{campaign: "lab-s", from: from, to: to, began: b.at(began), done: b.at(done)})
}

// answers has a mail of a contact be in the thread of another.
func (b *paceLog) answers(enrollment int64, step, other string) {
	b.r.replies[fmt.Sprintf("%d-%s@lab.example", enrollment, step)] = fmt.Sprintf("%d-%s@lab.example", enrollment, other)
}

// doubted is a first mail whose answer was lost, until an operator said at a second that it was not sent.
func (b *paceLog) doubted(from string, of int64, second, until float64) {
	gate, settled := b.at(second), b.at(until)
	b.r.deliveries = append(b.r.deliveries, delivery{EnrollmentID: of, StepID: firstStep, Kind: "email", State: "failed", AssumedBy: "lab", MessageID: "lost", Account: from, ReservedAt: gate, WireAt: &gate, SettledAt: &settled})
}

func (b *paceLog) parks(enrollment int64, step, code string, second float64) {
	b.r.parks = append(b.r.parks, parked{EnrollmentID: enrollment, StepID: step, Code: code, At: b.at(second)})
}

// What several senders promise, and that none mails while it is broken, is judged by the inbox's log.
func TestSendersAreJudged(t *testing.T) {
	t.Parallel()
	const one, two, three = "s@lab.example", "s2@lab.example", "s3@lab.example"
	for name, c := range map[string]struct {
		log  func(b *paceLog)
		want string // empty: no finding
		is   outages
	}{
		"a contact keeps its sender": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.mail(one, 1, "follow-up", 5)
		}, "", outages{Kept: 1}},
		"another one goes on with it": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.mail(two, 1, "follow-up", 5)
		}, "follow-up: came from s2@lab.example, and s@lab.example had mailed the contact before", outages{}},
		"another one after an operator's word": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.mail(two, 1, "follow-up", 5)
			b.r.deliveries[0].AssumedBy = "lab"
		}, "", outages{}},
		"it was moved, to a new thread": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.mail(two, 1, "follow-up", 5)
			b.mail(two, 1, "third", 7)
			b.answers(1, "third", "follow-up")
		}, "", outages{Moves: 1, Moved: 2}},
		"it was moved, in the old thread": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.mail(two, 1, "follow-up", 5)
			b.answers(1, "follow-up", "intro")
		}, "follow-up: came from s2@lab.example in a thread of s@lab.example", outages{Moves: 1}},
		"it was moved, and the first mails on": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.mail(one, 1, "follow-up", 5)
		}, "follow-up: came from s@lab.example, and s2@lab.example had mailed the contact before", outages{Kept: 1, Moves: 1}},
		"it was moved, and a third one mails": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.mail(three, 1, "follow-up", 5)
		}, "follow-up: came from s3@lab.example, and s2@lab.example had mailed the contact before", outages{Moves: 1}},
		"it was claimed before it was moved": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.mail(one, 1, "follow-up", 1.9)
			b.moves(one, two, 2, 3)
		}, "", outages{Kept: 1, Moves: 1}},
		"it is claimed while it is moved": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.mail(one, 1, "follow-up", 2.5)
			b.moves(one, two, 2, 3)
		}, "", outages{Kept: 1, Moves: 1}},
		"mailed after the move": {func(b *paceLog) {
			b.moves(one, two, 2, 3)
			b.mail(one, 1, "intro", 4)
			b.mail(one, 1, "follow-up", 6)
			b.answers(1, "follow-up", "intro")
		}, "", outages{Kept: 1, Moves: 1}},
		"moved twice": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.moves(two, three, 4, 5)
			b.mail(three, 1, "follow-up", 7)
		}, "", outages{Moves: 2, Moved: 1}},
		"the one from which it was moved breaks": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.breaks(one, 10, 20)
			b.parks(1, "follow-up", "EmailAccountInError", 15)
		}, "although s2@lab.example, which had mailed the contact, could send", outages{Accounts: 1, Several: 1, Moves: 1}},
		"the one to which it was moved breaks": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.moves(one, two, 2, 3)
			b.breaks(two, 10, 20)
			b.parks(1, "follow-up", "EmailAccountInError", 15)
		}, "", outages{Accounts: 1, Several: 1, Parked: 1, Moves: 1}},
		"a broken one mails": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.mail(one, 1, "intro", 15)
		}, "claimed at 12:00:15.000 for s@lab.example, which could not send since 12:00:10.000", outages{Accounts: 1, Several: 1}},
		"it mails when it has been mended": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.mail(one, 1, "intro", 20.1)
		}, "", outages{Accounts: 1, Several: 1}},
		"it had claimed right before": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.mail(one, 1, "intro", 10.5)
		}, "", outages{Accounts: 1, Several: 1, LastClaims: 1}},
		"a fault holds its claim up": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.events = []event{{Kind: "stall", From: b.at(9), To: b.at(12)}}
			b.mail(one, 1, "intro", 12.5)
		}, "", outages{Accounts: 1, Several: 1, LastClaims: 1}},
		"the others go on": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.mail(two, 1, "intro", 15)
		}, "", outages{Accounts: 1, Several: 1, WentOn: 1, First: 1}},
		"those that it has mailed are in error": {func(b *paceLog) {
			b.mail(one, 1, "intro", 0)
			b.breaks(one, 10, 20)
			b.parks(1, "follow-up", "EmailAccountInError", 15)
		}, "", outages{Accounts: 1, Several: 1, Parked: 1}},
		"one that another has mailed is in error": {func(b *paceLog) {
			b.mail(two, 1, "intro", 0)
			b.breaks(one, 10, 20)
			b.parks(1, "follow-up", "EmailAccountInError", 15)
		}, "although s2@lab.example, which had mailed the contact, could send", outages{Accounts: 1, Several: 1}},
		"one that nobody has mailed is in error": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.parks(1, "intro", "EmailAccountDisconnected", 15)
		}, "although nobody had mailed the contact, and another sender could", outages{Accounts: 1, Several: 1}},
		"one in doubt is in error": {func(b *paceLog) {
			b.doubted(one, 1, 0, 16)
			b.breaks(one, 10, 20)
			b.parks(1, "intro", "EmailAccountInError", 15)
		}, "", outages{Accounts: 1, Several: 1, Parked: 1}},
		"one that was not sent to is in error": {func(b *paceLog) {
			b.doubted(one, 1, 0, 14)
			b.breaks(one, 10, 20)
			b.parks(1, "intro", "EmailAccountInError", 15)
		}, "although nobody had mailed the contact, and another sender could", outages{Accounts: 1, Several: 1}},
		"one that nobody has mailed, when none can send": {func(b *paceLog) {
			b.breaks(one, 10, 20)
			b.breaks(two, 10, 20)
			b.breaks(three, 10, 20)
			b.parks(1, "intro", "EmailAccountDisconnected", 15)
		}, "", outages{Accounts: 3, Several: 3, NoneLeft: 1}},
	} {
		b := newPaceLog(t, "s")
		for _, address := range []string{one, two, three} {
			b.rule(address, atAnyTime, -1000, 0)
		}
		for id := range int64(3) {
			b.r.enrollments = append(b.r.enrollments, enrollment{ID: id, Campaign: "lab-s"})
		}
		c.log(b)
		v := b.judge()
		if c.want == "" {
			require.Empty(t, v.Breaches, name)
		} else {
			require.Len(t, v.Breaches, 1, name)
			require.Contains(t, v.Breaches[0].What, c.want, name)
		}
		require.Equal(t, c.is, v.Outages, name)
	}
}
