package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// claims has somebody take the turn of a sender at a second, with a first mail of a campaign.
func (b *paceLog) claims(account, campaign string, second float64) {
	b.paces.claims = append(b.paces.claims, claim{At: b.at(second), StepID: firstStep, Campaign: campaign, Account: account, Band: 2, Given: true})
}

// First mails leave campaign by campaign in turns, as the sender has given them. What breaks that is found, and what only looks like it is not.
func TestTurnsOfCampaignsAreJudged(t *testing.T) {
	t.Parallel()
	const large, small = "lab-p", "lab-p-few"
	fifo := atAnyTime
	fifo.fifo = true
	own, other := waiting(pAccount, 1, firstStep), of(small, waiting(pAccount, 2, firstStep))
	again, asleep, followUp, others, changed := other, other, other, other, other
	again.Turn, asleep.State, followUp.StepID, changed.Version = 2, "asleep", "follow-up", "9"
	elsewhere := "s@lab.example"
	others.Account = &elsewhere
	both := func(b *paceLog) { // the small one has had its last turn before the large one
		b.claims(pAccount, small, -20)
		b.claims(pAccount, large, -10)
	}
	for name, c := range map[string]struct {
		other, after place
		log          func(b *paceLog)
		found        string // empty: no finding
		judged, met  int
		taken        bool // nobody has given it the turn
	}{
		"its campaign has had one since": {other, other, both, "of lab-p-few waited for a turn of p@lab.example, since 11:59:51.000: that campaign had its last one at 11:59:40.000", 1, 1, false},
		"the other has had none yet":     {other, other, func(b *paceLog) { b.claims(pAccount, large, -10) }, "that campaign had its last one never", 1, 1, false},
		"the other has had one since": {other, other, func(b *paceLog) {
			b.claims(pAccount, large, -20)
			b.claims(pAccount, small, -10)
		}, "", 1, 1, false},
		"neither has had one":                 {other, other, func(*paceLog) {}, "", 1, 1, false},
		"the other's last came to nothing":    {other, other, func(b *paceLog) { both(b); b.claims(pAccount, small, -5) }, "", 1, 1, false}, // it is in no mail
		"the other had one between the looks": {other, other, func(b *paceLog) { both(b); b.claims(pAccount, small, -0.1) }, "", 1, 1, false},
		"its own turn is none before it":      {other, other, func(b *paceLog) { b.claims(pAccount, small, -20) }, "", 1, 1, false},
		"another sender's turns":              {other, other, func(b *paceLog) { b.claims(pAccount, small, -20); b.claims("s@lab.example", large, -10) }, "", 1, 1, false},
		"turns of follow-ups": {other, other, func(b *paceLog) {
			both(b)
			b.paces.claims[1].StepID = "follow-up"
		}, "", 1, 1, false},
		"the other's last was no first mail, in their band": {other, other, func(b *paceLog) {
			both(b)
			b.claims(pAccount, small, -5)
			b.paces.claims[2].StepID = "follow-up"
		}, "", 1, 1, false},
		"the other's last was a follow-up": {other, other, func(b *paceLog) {
			both(b)
			b.claims(pAccount, small, -5)
			b.paces.claims[2].StepID, b.paces.claims[2].Band = "follow-up", 1
		}, "that campaign had its last one at 11:59:40.000", 1, 1, false},
		"turns of the first band": {other, other, func(b *paceLog) {
			both(b)
			b.paces.claims[1].Band = 1
		}, "", 1, 1, false},
		"turns of fifo": {other, other, func(b *paceLog) {
			both(b)
			b.rule(pAccount, fifo, -12, -8)
		}, "", 1, 1, false},
		"it came back to its place": {other, other, both, "", 0, 0, true},
		"fifo": {other, other, func(b *paceLog) {
			both(b)
			b.rule(pAccount, fifo, -3, 0)
		}, "", 0, 0, false},
		"it has gone on since":                {other, place{}, both, "", 0, 0, false},
		"it had a turn between":               {other, again, both, "", 0, 0, false},
		"an edit has held it between":         {other, changed, both, "", 0, 0, false},
		"it has come a moment ago":            {other, other, both, "", 0, 0, false},
		"its window is closed":                {asleep, asleep, both, "", 0, 0, false},
		"it waits for another sender's turn":  {others, others, both, "", 0, 0, false},
		"a follow-up of the other campaign":   {followUp, followUp, both, "", 0, 0, false}, // and that is found by another rule
		"the sender is in error meanwhile":    {other, other, func(b *paceLog) { both(b); b.breaks(pAccount, -4, -0.5) }, "", 0, 0, false},
		"the sender was in error long before": {other, other, func(b *paceLog) { both(b); b.breaks(pAccount, -40, -30) }, "of lab-p-few waited", 1, 1, false},
	} {
		b := newPaceLog(t, "ps")
		b.rule(pAccount, atAnyTime, -1000, 0)
		c.log(b)
		own.Since, c.other.Since, c.after.Since = b.at(-5), b.at(-9), b.at(-9)
		if name == "it has come a moment ago" {
			c.other.Since = b.at(-3)
		}
		b.look(-0.3, own, c.other)
		b.look(0.3, c.after)
		b.mail(pAccount, 1, firstStep, 0)
		b.claims(pAccount, large, 0)
		b.paces.claims[len(b.paces.claims)-1].EnrollmentID = 1
		b.paces.claims[len(b.paces.claims)-1].Given = !c.taken
		v := newVerdict(b.lab)
		v.judgePace(b.r)
		found := ""
		for _, one := range v.Breaches {
			if name != "a follow-up of the other campaign" {
				found += one.What
			}
		}
		if c.found == "" {
			require.Empty(t, found, name)
		} else {
			require.Len(t, v.Breaches, 1, name)
			require.Contains(t, found, c.found, name)
		}
		require.Equal(t, c.judged, v.Pace.Tried[byTurns].Mails, name)
		require.Equal(t, c.met, v.Pace.Tried[byTurns].Edges, name)
	}
}

// Of several senders each gives turns of its own to those that nobody has mailed.
func TestTurnsOfSeveralSendersAreJudged(t *testing.T) {
	t.Parallel()
	const address = "s2@lab.example"
	for name, c := range map[string]struct {
		account string // whose turn the large campaign had last
		found   int
	}{"its own": {address, 1}, "another's": {"s@lab.example", 0}} {
		b := newPaceLog(t, "s")
		b.rule(address, atAnyTime, -1000, 0)
		b.claims(address, "lab-s-few", -20)
		b.claims(c.account, "lab-s", -10)
		own, other := waiting("s", 1, firstStep), of("lab-s-few", waiting("s", 2, firstStep))
		b.look(-0.3, own, other)
		b.look(0.3, other)
		b.mail(address, 1, firstStep, 0)
		b.claims(address, "lab-s", 0)
		b.paces.claims[2].EnrollmentID = 1
		v := b.judge()
		require.Len(t, v.Breaches, c.found, name)
		require.Equal(t, 1, v.Pace.Tried[byTurns].Mails, name)
		require.Zero(t, v.Pace.Tried[byTurns].Edges, name+": nobody had come before")
	}
}

// A sender gives one turn at a time.
func TestOneTurnAtATimeIsJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state   string
		account string
		at      float64 // when the second one was given; 0 is never
		log     func(b *paceLog)
		looks   int // that found one out that was given in time
		found   int
	}{
		"one":                   {"waiting", pAccount, 0, func(*paceLog) {}, 2, 0},
		"two":                   {"granted", pAccount, 5, func(*paceLog) {}, 2, 1},
		"one is claimed":        {"claimed", pAccount, 5, func(*paceLog) {}, 2, 1},
		"of two senders":        {"granted", "s@lab.example", 5, func(*paceLog) {}, 4, 0},
		"one was moved":         {"claimed", pAccount, 0, func(*paceLog) {}, 2, 0},
		"given while in error":  {"granted", pAccount, 5, func(b *paceLog) { b.breaks(pAccount, 4, 6) }, 0, 0},
		"given without a pace":  {"granted", pAccount, 5, func(b *paceLog) { b.rule(pAccount, inAnyHour, 4, 5.5) }, 0, 0},
		"a pace long before it": {"granted", pAccount, 5, func(b *paceLog) { b.rule(pAccount, inAnyHour, -100, -50) }, 2, 1},
	} {
		b := newPaceLog(t, "ps")
		b.rule(pAccount, atAnyTime, -1000, 0)
		b.rule("s@lab.example", atAnyTime, -1000, 0)
		c.log(b)
		one, two, at := waiting(pAccount, 1, firstStep), waiting(c.account, 2, firstStep), b.at(4.5)
		two.Account, one.State, one.GrantedAt, two.State = &c.account, "granted", &at, c.state
		if c.at > 0 {
			given := b.at(c.at)
			two.GrantedAt = &given
		}
		b.look(7, one, two)
		b.look(7.3, one, two) // the same ones again are one finding
		v := b.judge()
		require.Len(t, v.Breaches, c.found, name)
		for _, found := range v.Breaches {
			require.Equal(t, 8, found.Law)
			require.Contains(t, found.What, "had a turn of p@lab.example since 12:00:04.500, and enrollment 2 another one since 12:00:05.000", name)
		}
		require.Equal(t, c.looks, v.Pace.Out, name)
	}
}

// Turns that were given while the account was in error, and signalled when it was well again, are no two turns.
func TestTurnsThatAreSignalledLateAreOfBefore(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		b := newPaceLog(t, "p")
		b.rule(pAccount, atAnyTime, -1000, 0)
		b.breaks(pAccount, 4, 6)
		look := func(at float64, given ...float64) {
			places := []place{waiting(pAccount, 1, firstStep), waiting(pAccount, 2, firstStep)}
			for i, when := range given {
				granted := b.at(when)
				places[i].State, places[i].GrantedAt, places[i].Turn = "granted", &granted, 1
			}
			b.look(at, places...)
		}
		look(3)
		if late { // both were given in the outage
			look(5, 4.8, 4.8)
		} else {
			look(12)
		}
		look(20, 15, 19)
		require.Len(t, b.judge().Breaches, map[bool]int{false: 1}[late], "late %v", late)
	}
}

// Nobody waits for a turn of a sender that could give one, while somebody gives turns.
func TestALineThatDoesNotMoveIsFound(t *testing.T) {
	t.Parallel()
	midnight := func(b *paceLog) *time.Location {
		zone, err := zoneAt(b.at(0), 0)
		require.NoError(b.t, err)
		return zone
	}
	for name, c := range map[string]struct {
		log   func(b *paceLog)
		look  func(second int) []place // nil: somebody waits
		found string
		idle  int
	}{
		"nobody gives turns": {func(b *paceLog) { b.paces.atWork = nil }, nil, "", 0},
		"for too long":       {func(*paceLog) {}, nil, "waited for a turn of p@lab.example, which could send, and gave none from 12:00:00.010 to 12:00:19.500, while somebody gave turns in 18 seconds", 0},
		"one has it in between": {func(*paceLog) {}, func(second int) []place {
			one := waiting(pAccount, 2, firstStep)
			if second == 9 {
				one.State = "granted"
			}
			return []place{waiting(pAccount, 1, firstStep), one}
		}, "", 8},
		"each has one": {func(*paceLog) {}, func(second int) []place {
			one := waiting(pAccount, 2, firstStep)
			if second%6 == 0 {
				one.State = "granted"
			}
			return []place{waiting(pAccount, 1, firstStep), one}
		}, "", 3},
		"each comes to nothing, and nobody sees it": {func(b *paceLog) {
			for second := range 4 {
				b.claims(pAccount, "lab-p", float64(5*second)+0.7)
			}
		}, nil, "", 3},
		"nobody waits":    {func(*paceLog) {}, func(int) []place { return nil }, "", 0},
		"they are asleep": {func(*paceLog) {}, func(int) []place { one := waiting(pAccount, 1, firstStep); one.State = "asleep"; return []place{one} }, "", 0},
		"it is in error":  {func(b *paceLog) { b.breaks(pAccount, -1, 30) }, nil, "", 0},
		"for half of it":  {func(b *paceLog) { b.breaks(pAccount, 7, 30) }, nil, "", 4},
		"without a pace":  {func(b *paceLog) { b.rule(pAccount, inAnyHour, -5, 0) }, nil, "", 0},
		"out of its hours": {func(b *paceLog) {
			b.only(paceRule{gap: time.Second, zone: time.UTC, hours: clockTimes{"13:00", "24:00"}})
		}, nil, "", 0},
		"the day is full": {func(b *paceLog) {
			b.only(paceRule{gap: time.Second, zone: time.UTC, perDay: 1})
			b.mail(pAccount, 9, firstStep, -20)
		}, nil, "", 0},
		"the day before was full": {func(b *paceLog) {
			b.only(paceRule{gap: time.Second, zone: midnight(b), perDay: 2})
			b.mail(pAccount, 9, firstStep, -20)
			b.mail(pAccount, 8, firstStep, -10)
		}, nil, "waited for a turn", 0},
		"a ramp has grown": {func(b *paceLog) {
			b.only(paceRule{gap: time.Second, zone: midnight(b), ramp: rampRule{1, 2}})
			b.mail(pAccount, 9, firstStep, -20)
		}, nil, "waited for a turn", 0},
		"a ramp has not grown": {func(b *paceLog) {
			b.only(paceRule{gap: time.Second, zone: time.UTC, ramp: rampRule{1, 2}})
			b.mail(pAccount, 9, firstStep, -20)
		}, nil, "", 0},
	} {
		b := newPaceLog(t, "p")
		b.only(atAnyTime)
		for second := range 20 {
			b.paces.atWork = append(b.paces.atWork, b.at(float64(second)))
			for _, half := range []float64{0, 0.5} {
				places := []place{waiting(pAccount, 1, firstStep)}
				if c.look != nil {
					places = c.look(second)
				}
				b.look(float64(second)+half, places...)
			}
		}
		c.log(b)
		v := b.judge()
		require.Equal(t, c.idle, v.Pace.Idle, name)
		if c.found == "" {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.Len(t, v.Breaches, 1, name)
		require.Equal(t, 3, v.Breaches[0].Law)
		require.Contains(t, v.Breaches[0].What, c.found, name)
	}
}

// only has a sender have one rule all the time.
func (b *paceLog) only(rule paceRule) {
	b.paces.rules[pAccount] = nil
	b.rule(pAccount, rule, -1000, 0)
}

// Jitter is what is drawn from the sender and the number of its mail, between two gates.
func TestJitterIsJudged(t *testing.T) {
	t.Parallel()
	jittered := paceRule{gap: usualGap, zone: time.UTC, jitter: 2 * time.Second}
	drawn := pace.Account{Gap: jittered.gap, Jitter: jittered.jitter, Hours: pace.Hours{Zone: time.UTC}}.After(pace.Spent{}, time.Unix(0, 0), pAccount, 41).Next.Sub(time.Unix(0, 0)).Seconds()
	require.Greater(t, drawn, 1.1)
	for name, c := range map[string]struct {
		second float64 // when the second mail passed its gate
		seq    int64   // and its number
		log    func(b *paceLog)
		found  string
		judged int
	}{
		"added":                       {drawn + 0.01, 42, func(*paceLog) {}, "", 1},
		"not added":                   {1.05, 42, func(*paceLog) {}, "passed its gate at 12:00:01.050, 1.050 s after mail 41 of p@lab.example", 0},
		"not all of it":               {drawn - 0.02, 42, func(*paceLog) {}, "and with the jitter of that one the gap was", 0},
		"one was refused between":     {1.05 + drawn, 43, func(b *paceLog) { b.gates(pAccount, 42, 0.04+drawn) }, "1.010 s after mail 42 of p@lab.example", 0},
		"nobody knows the one before": {1.05, 43, func(*paceLog) {}, "", 0},
		"without jitter":              {1.05, 42, func(b *paceLog) { b.only(atAnyTime) }, "", 0},
		"without jitter since": {1.05, 42, func(b *paceLog) {
			b.only(jittered)
			b.paces.rules[pAccount][0].until = b.at(1)
			b.rule(pAccount, atAnyTime, 0.5, 0)
		}, "", 0},
		"perhaps without jitter":         {1.05, 42, func(b *paceLog) { b.rule(pAccount, atAnyTime, 1, 0) }, "", 0},
		"another sender's mails between": {drawn + 0.01, 42, func(b *paceLog) { b.gates("s@lab.example", 7, 0.5) }, "", 1},
	} {
		b := newPaceLog(t, "p")
		b.only(jittered)
		b.mail(pAccount, 1, firstStep, 0)
		b.gates(pAccount, 41, 0)
		c.log(b)
		b.mail(pAccount, 2, firstStep, c.second)
		b.gates(pAccount, c.seq, c.second)
		v := b.judge()
		require.Equal(t, c.judged, v.Pace.Tried[byJitter].Mails, name)
		if c.found == "" {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.Len(t, v.Breaches, 1, name)
		require.Contains(t, v.Breaches[0].What, c.found, name)
	}
}

// gates has a mail of a sender with a number pass its gate at a second.
func (b *paceLog) gates(account string, seq int64, second float64) {
	b.paces.gates = append(b.paces.gates, gate{At: b.at(second), Account: account, Seq: seq})
}
