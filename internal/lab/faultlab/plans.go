package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// planned is one fault of a run: what, of which worker, and how long after the last.
type planned struct {
	fault
	worker int
	after  time.Duration
}

// usualPause is the mean of what plans puts between two faults.
const usualPause = 1900 * time.Millisecond

// plans is the endless order of faults of a seed: first what a short run must
// have, then one shuffled deck after another, so that every kind has its turn.
func plans(of []fault, random *rand.Rand) func() planned {
	shuffled := func(left []fault) []fault {
		random.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		return left
	}
	var left []fault
	for _, f := range of {
		if f.first {
			left = append(left, f)
		}
	}
	left = shuffled(left)
	// What takes half a minute comes last of these.
	slices.SortStableFunc(left, func(a, b fault) int { return btoi(a.alone) - btoi(b.alone) })
	return func() planned {
		if len(left) == 0 {
			for _, f := range of {
				left = append(left, slices.Repeat([]fault{f}, f.turns)...)
			}
			left = shuffled(left)
		}
		next := planned{fault: left[0], worker: random.IntN(2), after: time.Duration(800+random.IntN(2200)) * time.Millisecond}
		left = left[1:]
		return next
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
