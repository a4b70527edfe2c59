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
		all := &deck{lane: of[0], order: rand.New(rand.NewPCG(7, 1)), random: rand.New(rand.NewPCG(7, 2))}
		for round := range 3 {
			seen := map[string]bool{}
			for n := range count {
				what := all.next()
				seen[what.name] = true
				if n == 0 { // what only this lane can show
					require.Equal(t, letter == "p", what.name == fifoTrial.name, "lane %s, round %d: %s", letter, round, what.name)
				}
			}
			require.Len(t, seen, count, "lane %s, round %d", letter, round)
		}
		addresses := map[string]bool{}
		for range 100 {
			addresses[all.sender()] = true
		}
		require.Len(t, addresses, len(of[0].senders()))
	}
}

// A trial that failed comes again after the others, and not for ever. What a lane comes to last, the other comes to first.
func TestATrialThatFailedComesAgain(t *testing.T) {
	t.Parallel()
	of, err := chooseLanes("ps")
	require.NoError(t, err)
	var decks []*deck
	for _, one := range of {
		decks = append(decks, &deck{lane: one, order: rand.New(rand.NewPCG(7, 1)), random: rand.New(rand.NewPCG(7, 2))})
	}
	var order []string
	own := decks[0].next()
	decks[0].again(own)
	failed := decks[0].next()
	require.Equal(t, own.name, decks[0].next().name, "what only this lane can show comes right after the next one")
	decks[0].again(failed)
	order = append(order, failed.name)
	for range len(trials) - 1 {
		order = append(order, decks[0].next().name)
	}
	for range mostTries - 1 {
		require.Equal(t, failed.name, decks[0].next().name)
		decks[0].again(failed)
	}
	require.Empty(t, decks[0].left, "a new round begins")
	for range severalTrials {
		decks[1].next()
	}
	for n := range trials {
		require.Equal(t, order[len(order)-1-n], decks[1].next().name)
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
