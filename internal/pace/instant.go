package pace

import "time"

// instant is what a walk reckons with, in nanoseconds since 1970: a third of a time.Time, and
// without a pointer. The zero time is none.
type instant int64

const none instant = 0

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return none
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
