package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The lab is its own inbox, gateway and Temporal server, in processes that can
// be killed; so is its test.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == roleFlag {
		os.Exit(playRole(os.Args[2]))
	}
	remove, err := useZones()
	if err != nil {
		panic(err)
	}
	code := m.Run()
	remove()
	os.Exit(code)
}

// The short form of `go run ./internal/faultlab`: a minute of faults. A machine
// that is busy with other tests may get through less of them than alone, so only
// the laws are held here, and that there was something to break.
func TestAMinuteOfFaultsBreaksNoLaw(t *testing.T) {
	t.Parallel()
	var progress, report bytes.Buffer
	v, err := experiment(t.Context(), options{length: time.Minute, every: usualPause, seed: 42, chosen: faults, lanes: allLanes, answers: usualAnswers, underWay: usualUnderWay}, &progress)
	require.NoError(t, err, progress.String())
	require.NoError(t, v.print(&report, "table"))
	t.Log("\n" + report.String())
	require.Empty(t, v.Breaches, progress.String())
	require.Greater(t, v.Meanwhile, 50, "too little was sent to prove anything:\n%s", progress.String())
	require.Positive(t, v.Kills)
}

// What one run finds with a seed, another run with that seed has to find again.
func TestTheSameSeedGivesTheSameOrderOfFaults(t *testing.T) {
	t.Parallel()
	order := func(seed uint64) (kinds []string) {
		next := plans(faults, rand.New(rand.NewPCG(seed, 1)))
		for range 100 {
			p := next()
			kinds = append(kinds, p.key+" "+p.after.String()+" "+string(rune('1'+p.worker)))
		}
		return kinds
	}
	require.Equal(t, order(42), order(42))
	require.NotEqual(t, order(42), order(43))
}

func TestEveryKindHasItsTurnAndTheDecisiveOnesComeFirst(t *testing.T) {
	t.Parallel()
	next := plans(faults, rand.New(rand.NewPCG(7, 1)))
	decisive, all := 0, 0
	for _, f := range faults {
		all += f.turns
		if f.first {
			decisive++
		}
	}
	seen := map[string]int{}
	for range decisive {
		p := next()
		require.True(t, p.first, p.kind)
		seen[p.key]++
	}
	require.Len(t, seen, decisive)
	for range all {
		seen[next().key]++
	}
	for _, f := range faults {
		require.GreaterOrEqual(t, seen[f.key], f.turns, f.kind)
	}
}

// A kill explains an uncertain delivery only when it fell into the time on the wire.
func TestAKillExplainsNoDoubtThatCameBeforeOrAfterIt(t *testing.T) {
	t.Parallel()
	wire := time.Now()
	from, to := wire.Add(-100*time.Millisecond), wire.Add(onTheWire)
	for name, c := range map[string]struct {
		at   time.Duration
		want bool
	}{"before": {-time.Second, false}, "while": {time.Second, true}, "long after": {10 * time.Second, false}} {
		kill := event{Kind: "kill -9 worker", From: wire.Add(c.at), To: wire.Add(c.at + time.Second)}
		require.Equal(t, c.want, during(kill, from, to), name)
	}
	heldUp := event{Kind: killGateway, From: wire.Add(-time.Second), Struck: wire.Add(50 * time.Millisecond), To: wire.Add(time.Second)}
	require.True(t, during(heldUp, from, to), "it was begun before, and struck while")
	heldUp.Struck = wire.Add(-200 * time.Millisecond)
	require.False(t, during(heldUp, from, to), "it had struck before")
	require.False(t, cutsOff("kill -9 PostgreSQL", "email"), "an answer waits for the database")
	require.False(t, cutsOff(gentleStop, "email"), "a gentle stop waits for the answer: it must not explain uncertain deliveries of its own")
	require.False(t, cutsOff("5 %"+storageFails, "email"))
	require.False(t, cutsOff(killGateway, "email"))
	require.False(t, cutsOff(killInbox, "sms"))
	require.True(t, cutsOff("kill -9 worker", "sms"))
}

func TestUnknownFaultsAreRefused(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	require.Equal(t, 2, run([]string{"-only", "earthquake"}, &stderr, &stderr))
	require.Contains(t, stderr.String(), "earthquake")
	require.Contains(t, stderr.String(), "gate-kill")
}

// The comparison must be able to count: a message in hand at a kill is lost.
func TestAMailerWithAHighWaterMarkLosesWhoWasInHand(t *testing.T) {
	t.Parallel()
	var progress bytes.Buffer
	result, err := killHighWater(t.Context(), options{lanes: allLanes, seed: 5, contacts: 900, highwater: 5}, &progress)
	require.NoError(t, err, progress.String())
	require.Positive(t, result.Kills)
	require.Positive(t, result.Lost)
	require.Equal(t, 900, result.Mailed+result.Lost)
}

// What explains a doubt is a cut of the inbox's own, or a fault while the message was on the wire:
// also when its answer takes long, and when its row has been claimed anew since.
func TestDoubtsAreExplained(t *testing.T) {
	t.Parallel()
	wire := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return wire.Add(time.Duration(second) * time.Second) }
	later := at(100)
	killed := []event{{Kind: killInbox, From: at(6), To: at(7)}}
	for name, c := range map[string]struct {
		row    delivery
		events []event
		hangs  bool
		cut    bool
		asked  bool   // and an operator answered, after the park
		found  string // empty: explained
	}{
		"nothing cut it off":                        {row: delivery{WireAt: &wire}, found: "nothing cut it off then"},
		"the inbox cut it off":                      {row: delivery{WireAt: &wire}, cut: true},
		"the inbox was killed long after it":        {row: delivery{WireAt: &wire}, events: killed, found: "nothing cut it off then"},
		"the inbox was killed while it hung":        {row: delivery{WireAt: &wire}, events: killed, hangs: true},
		"it was never on the wire":                  {row: delivery{}, found: "never was on the wire"},
		"claimed anew, and the inbox had cut it":    {row: delivery{WireAt: &later, ReservedAt: later}, asked: true, cut: true},
		"claimed anew, and the inbox was killed":    {row: delivery{WireAt: &later, ReservedAt: later}, asked: true, events: killed},
		"claimed anew, and nothing had cut it off":  {row: delivery{WireAt: &later, ReservedAt: later}, asked: true, found: "nothing cut it off then"},
		"claimed anew although nobody had answered": {row: delivery{WireAt: &later, ReservedAt: later}, found: "never was on the wire"},
	} {
		c.row.EnrollmentID, c.row.StepID, c.row.Kind, c.row.MessageID = 1, "intro", "email", "1@lab.example"
		r := &records{deliveries: []delivery{c.row}, cuts: map[string]cut{}, heard: heard{hangs: map[string]time.Time{}}}
		if c.cut {
			r.cuts[c.row.MessageID] = cut{}
		}
		if c.asked {
			r.answered = []answered{{EnrollmentID: 1, StepID: "intro", At: at(50)}}
		}
		if c.hangs {
			r.heard.hangs[c.row.MessageID] = wire
		}
		v := newVerdict(&lab{progress: io.Discard, events: c.events})
		v.explain(r, enrollment{}, parked{EnrollmentID: 1, StepID: "intro", Code: "DeliveryUncertain", At: at(8)})
		if c.found == "" {
			require.Empty(t, v.Breaches, name)
			continue
		}
		require.Len(t, v.Breaches, 1, name)
		require.Contains(t, v.Breaches[0].What, c.found, name)
	}
}
