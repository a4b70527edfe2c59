package pace

import (
	"math"
	"time"
)

// instant is what a walk reckons with, in nanoseconds since 1970: a third of a time.Time, and
// without a pointer. The zero time is none.
type instant int64

const (
	none instant = 0
	// farthest is what is later than an instant can be, in 2262: a start in 2999, a hold without an end.
	farthest instant = math.MaxInt64
)

func instantOf(t time.Time) instant {
	switch {
	case t.IsZero():
		return none
	case t.Unix() >= int64(farthest)/int64(time.Second):
		return farthest
	}
	return instant(t.UnixNano())
}

func (at instant) in(zone *time.Location) time.Time {
	if at == none {
		return time.Time{}
	}
	return time.Unix(0, int64(at)).In(zone)
}

// isBefore is true of all when there is no end.
func (at instant) isBefore(end instant) bool { return end == none || at < end }

// sooner is the earlier of two, of which the first may be none.
func sooner(a, b instant) instant {
	if a == none || b < a {
		return b
	}
	return a
}

// times are instants as others have them.
func times(all []instant, zone *time.Location) []time.Time {
	made := make([]time.Time, len(all))
	for i, at := range all {
		made[i] = at.in(zone)
	}
	return made
}
