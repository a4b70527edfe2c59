package main

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each rule has its turn in every lane with a pace, and each of several senders.
func TestEveryTrialHasItsTurn(t *testing.T) {
	t.Parallel()
	for letter, count := range map[string]int{"p": len(trials) + 1, "s": len(trials) + 1 + len(severalTrials)} {
		of, err := chooseLanes(letter)
		require.NoError(t, err)
		next := deckOf(of[0], rand.New(rand.NewPCG(7, 1)))
		for round := range 3 {
			seen := map[string]bool{}
			for n := range count {
				what, _ := next()
				seen[what.name] = true
				if n == 0 { // what only this lane can show
					require.Equal(t, letter == "p", what.name == fifoTrial.name, "lane %s, round %d: %s", letter, round, what.name)
				}
			}
			require.Len(t, seen, count, "lane %s, round %d", letter, round)
		}
		addresses := map[string]bool{}
		for range 100 {
			_, address := next()
			addresses[address] = true
		}
		require.Len(t, addresses, len(of[0].senders()))
	}
}

func TestMidnightIsNear(t *testing.T) {
	t.Parallel()
	for clock, want := range map[string]bool{"11:44:10": false, "11:44:25": true, "11:44:50": true, "11:44:56": false, "11:45:00": false, "23:59:30": true} {
		now, err := time.Parse(time.TimeOnly, clock)
		require.NoError(t, err)
		require.Equal(t, want, midnightIsNear(now), clock)
	}
}

func TestNobodyGivesTurnsWithoutAPace(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	require.Equal(t, 2, run([]string{"-only", "giver,two-givers", "-lanes", "abc"}, &stderr, &stderr))
	require.Contains(t, stderr.String(), "a giver is there only with a lane that has a pace")
}

// An older worker is replaced only where lanes are used that it does not know.
func TestAnUpgradeIsForWhatAnOlderWorkerDoesNotKnow(t *testing.T) {
	t.Parallel()
	for letters, want := range map[string]bool{"abc": false, "hi": false, "ap": true, "as": true, "e": true} {
		of, err := chooseLanes(letters)
		require.NoError(t, err)
		require.Equal(t, want, options{lanes: of, previous: "HEAD~1"}.upgradesLater(), letters)
		require.False(t, options{lanes: of}.upgradesLater(), letters)
	}
}

// Sends that wait before their gates are of both shapes, so some lanes that have many are held
// for longer and some are not.
func TestLanesAreHeldForLongerByHalves(t *testing.T) {
	t.Parallel()
	for letters, want := range map[string]string{"abc": "ab", "a": "a", "ap": "p", "aps": "ps", "apsb": "psa", "abchieps": "psabc", "p": "p"} {
		of, err := chooseLanes(letters)
		require.NoError(t, err)
		require.Equal(t, want, of.longer().letters(), letters)
	}
}
