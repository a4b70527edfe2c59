package pace

import (
	"slices"
	"time"
)

// walker is a sender on its way through a walk.
type walker struct {
	Sender
	windows []Hours
	line    []queue[place] // who waits for it, by window
	spans   []span         // what is known of each window
	// ready is the first moment at which the account itself may send.
	ready  time.Time
	isKept bool
	// leaves is when it sends next, if it sends at all; both hold while known.
	leaves time.Time
	sends  bool
	known  bool
	// days are what it has sent, the last mail at lastSent.
	days     []Day
	lastSent time.Time
}

func newWalker(sender Sender, windows []Hours) *walker {
	return &walker{Sender: sender, windows: windows, line: make([]queue[place], len(windows)), spans: make([]span, len(windows))}
}

// look finds out when the sender sends next: when it may, or else when the first window
// opens in which somebody waits.
func (s *walker) look(now time.Time, unbound []queue[place]) {
	s.known, s.sends = true, false
	if s.InError || !s.anybody(unbound) {
		return
	}
	if !s.isKept || s.ready.Before(now) {
		var err error
		if s.ready, _, err = s.when(now, s.anytime()); err != nil {
			return
		}
		s.isKept = true
	}
	for i := range s.windows {
		if s.waits(i, unbound) && s.open(i, s.ready) {
			s.leaves, s.sends = s.ready, true
			return
		}
	}
	for i, window := range s.windows {
		if !s.waits(i, unbound) || s.sends && !s.spans[i].to.Before(s.leaves) {
			continue
		}
		if at, _, err := s.when(s.ready, window); err == nil && (!s.sends || at.Before(s.leaves)) {
			s.leaves, s.sends = at, true
		}
	}
}

// next takes the first in line whose window is open when the sender sends.
func (s *walker) next(unbound []queue[place]) (who int, fromUnbound bool) {
	var from *queue[place]
	consider := func(line *queue[place], isUnbound bool) {
		if len(*line) > 0 && (from == nil || (*line)[0].before((*from)[0])) {
			from, fromUnbound = line, isUnbound
		}
	}
	for i := range s.windows {
		if s.waits(i, unbound) && s.open(i, s.leaves) {
			consider(&s.line[i], false)
			consider(&unbound[i], true)
		}
	}
	return from.pop().who, fromUnbound
}

func (s *walker) sent(t time.Time) {
	s.Sender.sent(t)
	s.isKept, s.lastSent = false, t
}

func (s *walker) waits(window int, unbound []queue[place]) bool {
	return len(s.line[window]) > 0 || len(unbound[window]) > 0
}

func (s *walker) anybody(unbound []queue[place]) bool {
	for i := range s.windows {
		if s.waits(i, unbound) {
			return true
		}
	}
	return false
}

func (s *walker) index(of []*walker) int { return slices.Index(of, s) }

// span is a time in which a window does not change: it is open, or closed, at from and
// before to.
type span struct {
	from, to time.Time
	open     bool
}

// open asks a window only when it may have changed.
func (s *walker) open(window int, t time.Time) bool {
	known := &s.spans[window]
	if t.Before(known.from) || !t.Before(known.to) {
		*known = spanAt(s.windows[window], t)
	}
	return known.open
}

// spanAt is what is known of hours at t. What does not change within Horizon is looked at
// again a day before that.
func spanAt(hours Hours, t time.Time) span {
	s := span{from: t, open: hours.Open(t)}
	if s.open {
		s.to = Closes(t, hours)
	} else if opens, err := Next(t, hours); err == nil {
		s.to = opens
	}
	if s.to.IsZero() {
		s.to = t.AddDate(0, 0, Horizon-1)
	}
	return s
}
