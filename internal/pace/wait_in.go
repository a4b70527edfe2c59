package pace

import (
	"math"
	"sync/atomic"
	"time"
)

// In is After in these hours, for who asks often: where no clock is changed meanwhile, dates are
// counted without a calendar. It may be asked by several at once.
func (w Wait) In(hours Hours) func(sent, due time.Time) (time.Time, error) {
	var kept atomic.Pointer[steady]
	return func(sent, due time.Time) (time.Time, error) {
		if w.Days == 0 {
			return w.After(sent, due, hours)
		}
		if due.IsZero() {
			due = sent
		}
		here := kept.Load()
		if here == nil || !here.has(sent.Unix()) {
			here = steadyAt(sent, hours.Zone)
			kept.Store(here)
		}
		from, at := sent.Unix(), due.Unix()
		if !here.has(at) || !here.has(from+int64(w.Days+1)*secondsOfDay) {
			return w.After(sent, due, hours)
		}
		date, timeOfDay := floor(from+here.offset), at+here.offset-floor(at+here.offset)
		return time.Unix(date+int64(w.Days)*secondsOfDay+timeOfDay-here.offset, int64(due.Nanosecond())).In(hours.Zone), nil
	}
}

const secondsOfDay = 24 * 60 * 60

// floor is the midnight of a clock that has never been changed.
func floor(seconds int64) int64 {
	rest := seconds % secondsOfDay
	if rest < 0 {
		rest += secondsOfDay
	}
	return seconds - rest
}

// steady is a time in which the clock of a zone is not changed, in seconds.
type steady struct{ from, to, offset int64 }

func steadyAt(t time.Time, zone *time.Location) *steady {
	t = t.In(zone)
	_, offset := t.Zone()
	s := &steady{math.MinInt64 / 2, math.MaxInt64 / 2, int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		s.from = from.Unix()
	}
	if !to.IsZero() {
		s.to = to.Unix()
	}
	return s
}

func (s *steady) has(at int64) bool { return s.from <= at && at < s.to }
