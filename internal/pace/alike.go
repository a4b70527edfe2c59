package pace

import (
	"slices"
	"time"
)

// Alike is true of hours that are open at the same instants for as long as a walk that begins
// at now can ask, and in which the same waits end at the same instants: the same windows and
// holidays, in zones whose clocks have shown the same for years and will. So Paris is as good
// as Brussels, and Cairo is not, though it shows the same for months.
func (h Hours) Alike(other Hours, now time.Time) bool {
	return slices.Equal(h.Windows, other.Windows) && h.Holidays.equal(other.Holidays) && sameClock(h.Zone, other.Zone, now.AddDate(-alikeSince, 0, 0), now.AddDate(alikeUntil, 0, 0))
}

// A walk asks up to Furthest, and from there for a window within Horizon that follows a wait
// of LongestWait. Dues lie in the past, by as much as somebody has stood in line.
const (
	alikeSince = 3
	alikeUntil = Furthest + 4
)

// sameClock is true of zones whose clocks show the same from one instant to another.
func sameClock(a, b *time.Location, from, to time.Time) bool {
	if a.String() == b.String() {
		return true
	}
	for at := from; ; {
		_, here := at.In(a).Zone()
		_, there := at.In(b).Zone()
		if here != there {
			return false
		}
		_, end := at.In(a).ZoneBounds()
		if _, other := at.In(b).ZoneBounds(); end.IsZero() || !other.IsZero() && other.Before(end) {
			end = other
		}
		if end.IsZero() || end.After(to) {
			return true
		}
		at = end
	}
}
