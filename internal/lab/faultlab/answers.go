package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// What the contacts of a lane that is read do with what they are sent, by the local part of
// their addresses: what internal/devstack/inbox answers with, and one-click, which is a POST to
// the link of List-Unsubscribe (RFC 8058).
const (
	reply       = "reply"
	vacation    = "vacation"
	left        = "left"
	bounceLater = "bounce-later"
	delayedMail = "delayed"
	complain    = "complain"
	byMail      = "unsubscribe"
	oneClick    = "one-click"
)

// answerShares are how many of a hundred who answer do so in which way.
var answerShares = []struct {
	kind  string
	share int
}{{reply, 28}, {vacation, 12}, {left, 8}, {bounceLater, 14}, {delayedMail, 8}, {complain, 8}, {byMail, 11}, {oneClick, 11}}

// endedBy is as what an enrollment ends after an answer of that kind; empty when it does not.
var endedBy = map[string]string{reply: "replied", left: "left", complain: "complained", byMail: "unsubscribed", oneClick: "unsubscribed"}

// stops are the answers after which no mail may follow. One who is away is written to when
// somebody has said so.
func stops(kind string) bool { return endedBy[kind] != "" || kind == bounceLater }

// heardAddress is the address of a contact of a lane that is read.
func heardAddress(n, answers int, random *rand.Rand) string {
	if random.IntN(100) >= answers {
		return fmt.Sprintf("n%d@heard.example", n)
	}
	draw := random.IntN(100)
	for _, one := range answerShares {
		if draw -= one.share; draw < 0 {
			return fmt.Sprintf("%s+n%d@heard.example", one.kind, n)
		}
	}
	panic("the shares are a hundred")
}

// longestAnswer is how long an answer takes at most.
const longestAnswer = 7 * time.Second

// moment draws from the seed which of its mails a recipient answers, mostly the first, and
// after which time: before, while and after the next one is due.
func moment(seed uint64, to string, mail int) (after time.Duration, answers bool) {
	draw := func(what string) uint64 {
		hash := fnv.New64a()
		fmt.Fprintf(hash, "%d %s %s", seed, what, to)
		return hash.Sum64() ^ hash.Sum64()>>29
	}
	which := 1
	switch share := draw("which") % 100; {
	case share >= 85:
		which = 3
	case share >= 60:
		which = 2
	}
	return time.Duration(draw("after")%uint64(longestAnswer/time.Millisecond)) * time.Millisecond, mail == which
}
