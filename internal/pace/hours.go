package pace

import (
	"errors"
	"time"
)

// Hours are the windows of one party in one zone: of a campaign, of an email account.
// Without windows it is always open, but for holidays.
type Hours struct {
	Windows  []Window
	Zone     *time.Location
	Holidays Holidays
}

// Open says whether messages may leave at an instant.
func (h Hours) Open(t time.Time) bool {
	t = t.In(h.Zone)
	if len(h.Windows) == 0 {
		return !h.Holidays.Has(DateOf(t))
	}
	for _, window := range h.Windows {
		if day, open := window.open(t); open && !h.Holidays.Has(day) {
			return true
		}
	}
	return false
}

// ErrNever says that nothing can leave within Horizon: a mistake in the rules, no wait.
var ErrNever = errors.New("there is no such time within a year")

// Horizon is how many dates are looked at before the answer is ErrNever.
const Horizon = 370

// Next is the first instant from t on at which all the hours are open; t itself when they
// are. The error is ErrNever.
func Next(t time.Time, all ...Hours) (time.Time, error) {
	end := DateOf(t.In(time.UTC)).Add(Horizon).naive(0)
	for at := t; at.Before(end); {
		latest := at
		for _, hours := range all {
			opens, err := hours.opens(at)
			if err != nil {
				return time.Time{}, err
			}
			if opens.After(latest) {
				latest = opens
			}
		}
		if !latest.After(at) {
			return at, nil
		}
		at = latest
	}
	return time.Time{}, ErrNever
}

// Closes is the first instant after t at which any of the hours is closed, when all are
// open at t; the zero time when they stay open beyond Horizon.
func Closes(t time.Time, all ...Hours) time.Time {
	var first time.Time
	for _, hours := range all {
		if closes := hours.change(t, false); !closes.IsZero() && (first.IsZero() || closes.Before(first)) {
			first = closes
		}
	}
	return first
}

// opens is the first instant from t on at which the hours are open.
func (h Hours) opens(t time.Time) (time.Time, error) {
	if h.Open(t) {
		return t, nil
	}
	if opens := h.change(t, true); !opens.IsZero() {
		return opens, nil
	}
	return time.Time{}, ErrNever
}

// change is the first instant after t at which the hours are open, or are not; the zero
// time when there is none within Horizon. They change at an edge of a window, at a
// midnight, and where the clock itself is changed: nowhere else.
func (h Hours) change(t time.Time, open bool) time.Time {
	zone := h.Zone
	today, steady := DateOf(t.In(zone)), steadyAt(t, zone)
	for i := -1; i <= Horizon; i++ {
		var first time.Time
		for edge := range h.edges(today.Add(i), steady) {
			if edge.After(t) && h.Open(edge) == open && (first.IsZero() || edge.Before(first)) {
				first = edge
			}
		}
		if !first.IsZero() {
			return first.In(zone)
		}
	}
	return time.Time{}
}

// edges are the instants of a local date at which something may change. Some may lie on
// a neighbouring date. While the clock of the zone is steady they are reckoned without asking it.
func (h Hours) edges(date Date, steady *steady) func(yield func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		midnight := date.naive(0)
		if begins := midnight.Unix(); steady.has(begins-aroundDate) && steady.has(begins+aroundDate) {
			h.steadyEdges(begins-steady.offset, yield)
			return
		}
		midnight = date.At(0, h.Zone)
		if !yield(midnight) {
			return
		}
		if _, change := midnight.ZoneBounds(); !change.IsZero() && change.Before(date.Add(1).At(0, h.Zone)) && !yield(change) {
			return
		}
		for _, window := range h.Windows {
			for _, at := range []Clock{window.From, window.To} {
				for _, edge := range date.all(at, h.Zone) {
					if !yield(edge) {
						return
					}
				}
			}
		}
	}
}

// aroundDate is more, in seconds, than lies between a midnight as if it were UTC and any instant
// of its date, or at which Date.At asks for the offset.
const aroundDate = 3 * secondsOfDay

// steadyEdges are those of a date that begins at an instant, in seconds.
func (h Hours) steadyEdges(midnight int64, yield func(time.Time) bool) {
	if !yield(time.Unix(midnight, 0)) {
		return
	}
	for _, window := range h.Windows {
		for _, at := range []Clock{window.From, window.To} {
			if !yield(time.Unix(midnight+60*int64(at), 0)) {
				return
			}
		}
	}
}
