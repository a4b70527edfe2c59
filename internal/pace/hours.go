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
	today := DateOf(t.In(zone))
	for i := -1; i <= Horizon; i++ {
		var first time.Time
		for edge := range h.edges(today.Add(i)) {
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
// a neighbouring date.
func (h Hours) edges(date Date) func(yield func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		midnight := date.At(0, h.Zone)
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
