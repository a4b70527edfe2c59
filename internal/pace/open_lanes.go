package pace

import (
	"iter"
	"time"
)

// openLanes are the lanes of those whose window is open, also of nobody: the sender's own, and
// then those of the unbound. They stay the same from one instant until another, while no
// lane is new.
type openLanes struct {
	lanes       []*lane
	own         int // so many of them
	from, until instant
	of          int // so many lanes
}

// open are the lanes that are open at an instant.
func (s *walker) open(at instant) *openLanes {
	o, all := &s.opened, len(s.line.all)
	for _, pool := range s.unbound {
		all += len(pool.all)
	}
	if o.of == all && o.from <= at && at < o.until {
		return o
	}
	*o = openLanes{lanes: o.lanes[:0], from: at, of: all}
	for lane, isOwn := range s.lanes() {
		span := s.spanAt(lane.window, at)
		if o.until = sooner(o.until, span.to); !span.open {
			continue
		}
		if o.lanes = append(o.lanes, lane); isOwn {
			o.own++
		}
	}
	return o
}

// lanes are all from which the sender takes, and whether they are its own.
func (s *walker) lanes() iter.Seq2[*lane, bool] {
	return func(yield func(*lane, bool) bool) {
		for _, lane := range s.line.all {
			if !yield(lane, true) {
				return
			}
		}
		for _, pool := range s.unbound {
			for _, lane := range pool.all {
				if !yield(lane, false) {
					return
				}
			}
		}
	}
}

// isWaitedFor is true when somebody stands in one of its lanes.
func (s *walker) isWaitedFor() bool {
	for lane := range s.lanes() {
		if !lane.isEmpty() {
			return true
		}
	}
	return false
}

// first is where the first stands of all, nil when nobody does.
func (o *openLanes) first(turns []int64) (from *lane, isUnbound bool) {
	for i, lane := range o.lanes {
		if !lane.isEmpty() && (from == nil || lane.before(from, turns)) {
			from, isUnbound = lane, i >= o.own
		}
	}
	return from, isUnbound
}

// span is a time in which a window does not change: it is open, or closed, at from and
// before to.
type span struct {
	from, to instant
	open     bool
}

func (s span) long() time.Duration { return time.Duration(s.to - s.from) }

// spanAt asks a window only when it may have changed.
func (s *walker) spanAt(window int, at instant) span {
	known := &s.spans[window]
	if at < known.from || at >= known.to {
		*known = s.windows[window].spanAt(at)
	}
	return *known
}

// spanAt is what is known of hours at an instant. What does not change within Horizon is looked
// at again a day before that.
func (h Hours) spanAt(at instant) span {
	t := at.in(h.Zone)
	s := span{from: at, open: h.Open(t)}
	if s.open {
		s.to = instantOf(Closes(t, h))
	} else if opens, err := Next(t, h); err == nil {
		s.to = instantOf(opens)
	}
	if s.to == none {
		s.to = instantOf(t.AddDate(0, 0, Horizon-1))
	}
	return s
}
