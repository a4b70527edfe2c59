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
	// next is Spent.Next, which is not kept.
	next instant
	// ready is the first moment at which the account itself may send; room saves asking.
	ready  instant
	isKept bool
	room   room
	// leaves is when it sends next, if it sends at all; both hold while known.
	leaves instant
	sends  bool
	known  bool
	// days are what it has sent, the last mail at lastSent.
	days     []Day
	dayEnds  instant
	lastSent instant
	// begins is when it sends the first mail of each campaign.
	begins []instant
	opened openLanes
}

func newWalker(sender Sender, of Line) *walker {
	s := &walker{
		Sender: sender, address: drawnFrom(sender.Address), windows: of.Windows, next: instantOf(sender.Spent.Next), begins: make([]instant, len(of.Campaigns)),
		turns: make([]int64, len(of.Campaigns)), spans: make([]span, len(of.Windows)),
	}
	copy(s.turns, sender.Turns)
	s.turn = slices.Max(append([]int64{0}, s.turns...))
	return s
}

// look finds out when the sender sends next: when it may, or else when the first window
// opens in which somebody waits.
func (s *walker) look(now instant) {
	s.known, s.sends = true, false
	if s.InError || !s.isWaitedFor() {
		return
	}
	if !s.isKept || s.ready < now {
		if s.isKept = s.getReady(now); !s.isKept {
			return
		}
	}
	if first, _ := s.open(s.ready).first(s.turns); first != nil {
		s.leaves, s.sends = s.ready, true
		return
	}
	ready := s.ready.in(s.Account.Hours.Zone)
	for lane := range s.lanes() {
		if lane.isEmpty() || s.sends && s.spans[lane.window].to >= s.leaves {
			continue
		}
		at, _, err := s.when(ready, s.windows[lane.window])
		if leaves := instantOf(at); err == nil && (!s.sends || leaves < s.leaves) {
			s.leaves, s.sends = leaves, true
		}
	}
}

// room is how many mails the limit leaves to a date, and until when the account's hours
// stay open on it: for so long the gap alone decides.
type room struct {
	until instant
	mails int
}

// getReady finds out when the account itself may send; false for never.
func (s *walker) getReady(now instant) bool {
	if at := max(now, s.next); s.hasRoom(at) {
		s.ready = at
		return true
	}
	at, _, err := s.when(now.in(s.Account.Hours.Zone), s.anytime())
	if err != nil {
		return false
	}
	s.ready = instantOf(at)
	date, hours := s.date(at), s.Account.Hours
	s.room = room{until: instantOf(date.Add(1).At(0, hours.Zone)), mails: math.MaxInt}
	count, sendingDay := s.Spent.on(date)
	if limit, limited := s.Account.Limit(sendingDay); limited {
		s.room.mails = limit - count
	}
	if len(hours.Windows) > 0 || !hours.Holidays.none() {
		if s.room.mails <= 1 {
			s.room.mails = 0 // not worth asking when they close
		} else if closes := Closes(at, hours); !closes.IsZero() {
			s.room.until = min(s.room.until, instantOf(closes))
		}
	}
	return true
}

// hasRoom is true when the gap alone decides that a mail leaves at t.
func (s *walker) hasRoom(t instant) bool { return s.room.mails > 0 && t < s.room.until }

// goesBehind has a campaign's first mails come after those of all others: it has had a turn.
func (s *walker) goesBehind(campaign int) {
	s.turn++
	s.turns[campaign] = s.turn
}

// sent is one more mail that has left, which has been tallied.
func (s *walker) sent(at instant) {
	s.Seq++
	s.Spent = s.Spent.plusOne(s.days[len(s.days)-1].Date)
	s.next = at + instant(s.Account.gap(s.address, s.Seq))
	s.isKept, s.lastSent = false, at
	s.room.mails--
}

// when is Sender's.
func (s *walker) when(now time.Time, window Hours) (time.Time, []Reason, error) {
	s.Spent.Next = s.next.in(now.Location())
	return s.Sender.when(now, window)
}
