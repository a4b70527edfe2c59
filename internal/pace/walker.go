package pace

import (
	"math"
	"slices"
	"time"
)

// walker is a sender on its way through a walk.
type walker struct {
	Sender
	address uint64 // as drawnFrom has it
	windows []Hours
	line    lanes // who waits for it
	// unbound are those it takes that nobody has mailed, by pool; other senders take them too.
	unbound []*lanes
	// turns are the last that the first mails of each campaign had, turn the last of all.
	turns []int64
	turn  int64
	spans []span // what is known of each window
	// ready is the first moment at which the account itself may send; room saves asking.
	ready  time.Time
	isKept bool
	room   room
	// leaves is when it sends next, if it sends at all; both hold while known.
	leaves time.Time
	sends  bool
	known  bool
	// days are what it has sent, the last mail at lastSent.
	days     []Day
	dayEnds  time.Time
	lastSent time.Time
	// begins is when it sends the first mail of each campaign.
	begins []time.Time
	// own and others are what open returns, waiting what everybody does.
	own, others, waiting []*lane
}

func newWalker(sender Sender, of Line) *walker {
	s := &walker{
		Sender: sender, address: drawnFrom(sender.Address), windows: of.Windows, begins: make([]time.Time, len(of.Campaigns)),
		turns: make([]int64, len(of.Campaigns)), spans: make([]span, len(of.Windows)),
	}
	copy(s.turns, sender.Turns)
	s.turn = slices.Max(append([]int64{0}, s.turns...))
	return s
}

// look finds out when the sender sends next: when it may, or else when the first window
// opens in which somebody waits.
func (s *walker) look(now time.Time) {
	s.known, s.sends = true, false
	everybody := s.everybody()
	if s.InError || len(everybody) == 0 {
		return
	}
	if !s.isKept || s.ready.Before(now) {
		if s.isKept = s.getReady(now); !s.isKept {
			return
		}
	}
	for _, lane := range everybody {
		if s.isOpen(lane.window, s.ready) {
			s.leaves, s.sends = s.ready, true
			return
		}
	}
	for _, lane := range everybody {
		if s.sends && !s.spans[lane.window].to.Before(s.leaves) {
			continue
		}
		if at, _, err := s.when(s.ready, s.windows[lane.window]); err == nil && (!s.sends || at.Before(s.leaves)) {
			s.leaves, s.sends = at, true
		}
	}
}

// room is how many mails the limit leaves to a date, and until when the account's hours
// stay open on it: for so long the gap alone decides.
type room struct {
	until time.Time
	mails int
}

// getReady finds out when the account itself may send; false for never.
func (s *walker) getReady(now time.Time) bool {
	if at := latest(now, s.Spent.Next); s.hasRoom(at) {
		s.ready = at
		return true
	}
	at, _, err := s.when(now, s.anytime())
	if err != nil {
		return false
	}
	s.ready = at
	date, hours := s.date(at), s.Account.Hours
	s.room = room{until: date.Add(1).At(0, hours.Zone), mails: math.MaxInt}
	count, sendingDay := s.Spent.on(date)
	if limit, limited := s.Account.Limit(sendingDay); limited {
		s.room.mails = limit - count
	}
	if len(hours.Windows) > 0 || !hours.Holidays.none() {
		if s.room.mails <= 1 {
			s.room.mails = 0 // not worth asking when they close
		} else if closes := Closes(at, hours); !closes.IsZero() && closes.Before(s.room.until) {
			s.room.until = closes
		}
	}
	return true
}

// hasRoom is true when the gap alone decides that a mail leaves at t.
func (s *walker) hasRoom(t time.Time) bool { return s.room.mails > 0 && t.Before(s.room.until) }

// everybody are the lanes in which somebody waits, until it is asked again.
func (s *walker) everybody() []*lane {
	s.waiting = waitingIn(s.waiting[:0], &s.line)
	for _, pool := range s.unbound {
		s.waiting = waitingIn(s.waiting, pool)
	}
	return s.waiting
}

func waitingIn(some []*lane, of *lanes) []*lane {
	for _, lane := range of.all {
		if !lane.isEmpty() {
			some = append(some, lane)
		}
	}
	return some
}

// open are the lanes of those whose window is open at t: its own, and those of the unbound.
func (s *walker) open(t time.Time) (own, unbound []*lane) {
	closed := func(lane *lane) bool { return !s.isOpen(lane.window, t) }
	s.own = slices.DeleteFunc(waitingIn(s.own[:0], &s.line), closed)
	s.others = s.others[:0]
	for _, pool := range s.unbound {
		s.others = waitingIn(s.others, pool)
	}
	s.others = slices.DeleteFunc(s.others, closed)
	return s.own, s.others
}

// first is where the first stands of all in some lanes, of which none is empty.
func (s *walker) first(own, unbound []*lane) (from *lane, isUnbound bool) {
	for _, lane := range own {
		if from == nil || lane.before(from, s.turns) {
			from = lane
		}
	}
	for _, lane := range unbound {
		if from == nil || lane.before(from, s.turns) {
			from, isUnbound = lane, true
		}
	}
	return from, isUnbound
}

// goesBehind has a campaign's first mails come after those of all others: it has had a turn.
func (s *walker) goesBehind(campaign int) {
	s.turn++
	s.turns[campaign] = s.turn
}

// sent is one more mail that has left at t, which has been tallied.
func (s *walker) sent(t time.Time) {
	s.Seq++
	s.Spent = s.Account.after(s.Spent, s.days[len(s.days)-1].Date, t, s.address, s.Seq)
	s.isKept, s.lastSent = false, t
	s.room.mails--
}

// span is a time in which a window does not change: it is open, or closed, at from and
// before to.
type span struct {
	from, to time.Time
	open     bool
}

// isOpen asks a window only when it may have changed.
func (s *walker) isOpen(window int, t time.Time) bool {
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
