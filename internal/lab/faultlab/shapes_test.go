package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run that has shaken one shape only, says so, of each thing that it has not done.
func TestARunWithoutOneOfTheShapesProvesNothing(t *testing.T) {
	t.Parallel()
	all := tries{Ended: 9, Sent: 9, Meanwhile: 9, CutOff: 2, AtGates: 3, TwoOwners: 1}
	for name, c := range map[string]struct {
		only string
		lack func(*tries)
		weak bool
	}{
		"both, at everything":                        {"", func(*tries) {}, false},
		"none sent":                                  {"", func(t *tries) { t.Meanwhile = 0 }, true},
		"none sent, whatever was done":               {"mail-cut", func(t *tries) { t.Meanwhile = 0 }, true},
		"none cut off by a kill":                     {"worker", func(t *tries) { t.CutOff = 0 }, true},
		"none cut off, without a kill":               {"mail-cut", func(t *tries) { t.CutOff = 0 }, false},
		"none at the gates":                          {"gate-cut", func(t *tries) { t.AtGates = 0 }, true},
		"none at the gates, and no one struck there": {"worker", func(t *tries) { t.AtGates = 0 }, false},
		"none with two owners":                       {"owners", func(t *tries) { t.TwoOwners = 0 }, true},
	} {
		for _, of := range shapes {
			t.Run(name+": "+string(of), func(t *testing.T) {
				t.Parallel()
				chosen, err := choose(c.only)
				require.NoError(t, err)
				one, other := all, all
				v := &verdict{Tries: map[shape]*tries{firstTry: &one, ordinary: &other}}
				c.lack(v.Tries[of])
				v.doubtTheShapes(chosen)
				if !c.weak {
					require.Empty(t, v.Weak)
					return
				}
				require.NotEmpty(t, v.Weak)
				for _, why := range v.Weak {
					require.Contains(t, why, string(of))
				}
			})
		}
	}
}

// Beside a worker of the release before there are none, and there is nothing to say of them.
func TestNoFirstTriesAreExpectedBesideAnOlderWorker(t *testing.T) {
	t.Parallel()
	all := tries{Ended: 9, Sent: 9, Meanwhile: 9, CutOff: 2, AtGates: 3, TwoOwners: 1}
	v := &verdict{Tries: map[shape]*tries{firstTry: {}, ordinary: &all}, Builds: map[string]int{"dev/2": 5}}
	v.doubtTheShapes(faults)
	require.NotEmpty(t, v.Weak)
	v.Weak, v.Builds["dev"] = nil, 5
	v.doubtTheShapes(faults)
	require.Empty(t, v.Weak)
}

func TestRecipientsAreKnownByTheirAddresses(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]struct {
		lane    string
		contact int64
	}{"n3@people.example": {"a", 3}, "n4@people.example": {"b", 4}, "bounce+n5@people.example": {"c", 5}, "bounce-later+n7@heard.example": {"b", 7}} {
		lane, contact, ok := plain(t).contactOf(to)
		require.True(t, ok, to)
		require.Equal(t, want.lane, lane.name, to)
		require.Equal(t, want.contact, contact, to)
	}
	_, _, ok := plain(t).contactOf("somebody@people.example")
	require.False(t, ok)
}

func plain(t *testing.T) lanes {
	t.Helper()
	chosen, err := chooseLanes(plainLanes)
	require.NoError(t, err)
	return chosen
}

// A worker that is stopped gently has to wait for answers that take longer than its
// workflow tasks: the inbox of -restarts gives some, and never cuts.
func TestAPoliteInboxIsSlowAtTimesAndCutsNothing(t *testing.T) {
	t.Parallel()
	w, err := newServerFaults(t.TempDir(), 1, plain(t))
	require.NoError(t, err)
	w.command("polite")
	long := 0
	for n := range 2000 {
		to := fmt.Sprintf("n%d@people.example", n)
		if reply := w.onRcpt(to); reply != nil {
			require.Equal(t, 451, reply.Code, "greylisted, and nothing worse: %+v", reply)
		}
		if reply := w.onData([]string{to}, nil); reply != nil {
			require.True(t, reply.Accept && !reply.Cut, "%+v", reply)
			if reply.Delay > taskTimeout {
				long++
			}
		}
	}
	require.Positive(t, long)
}

// What is held of some senders first must not hold the others', and widen takes them in.
func TestSomeLanesAreHeldAndThenAll(t *testing.T) {
	t.Parallel()
	w, err := newServerFaults(t.TempDir(), 1, plain(t))
	require.NoError(t, err)
	held := func(to string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.held != nil && w.held.takes(w.lanes, to)
	}
	of := func() [3]bool {
		return [3]bool{held("n3@people.example"), held("n4@people.example"), held("n5@people.example")}
	}
	require.Equal(t, [3]bool{}, of())
	w.command("hold ab")
	require.Equal(t, [3]bool{true, true, false}, of())
	w.command("widen")
	require.Equal(t, [3]bool{true, true, true}, of())
	w.command("release")
	require.Equal(t, [3]bool{}, of())
	w.command("widen") // too late
	require.Equal(t, [3]bool{}, of())
}
