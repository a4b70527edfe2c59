package pace

import (
	"sync"
	"time"
)

// Place is where one contact stands in line, and when its mail leaves.
type Place struct {
	// Before is how many stand before it now.
	Before int
	// Likely is when the mail leaves if contacts are lost at the line's rates, Latest if
	// none is. Both are zero when it never leaves, or not before Furthest.
	Likely, Latest time.Time
}

// PlaceOf is the place of the i-th in line.
func PlaceOf(now time.Time, line Line, i int, senders ...Sender) Place {
	likely, latest := Range(now, line, senders...)
	return Place{Before: line.Before(now, i, latest.By[i], senders...), Likely: likely.Leaves[i], Latest: latest.Leaves[i]}
}

// Furthest is how many years ahead a forecast looks: a line that takes longer is a mistake
// in its limits, and takes long to walk.
const Furthest = 3

// Range is two walks up to Furthest: with the line's rates of loss, and without any.
func Range(now time.Time, line Line, senders ...Sender) (likely, latest Forecast) {
	until := now.AddDate(Furthest, 0, 0)
	if !line.loses() {
		latest = Walk(now, until, line, senders...)
		return latest, latest
	}
	var both sync.WaitGroup
	both.Go(func() { likely = Walk(now, until, line, senders...) })
	latest = Walk(now, until, line.WithoutLoss(), senders...)
	both.Wait()
	return likely, latest
}
