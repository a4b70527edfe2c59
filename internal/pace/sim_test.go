package pace_test

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"relance/internal/pace"
)

// world is a giver of turns and the contacts that it serves, with a clock of its own:
// everything that the real one does with When and After, and nothing of Walk.
type world struct {
	now    time.Time     // real time
	skew   time.Duration // what the database's clock is wrong by
	agenda agenda
	seq    int64
	order  int
	timers map[int]*contact // whose next mail is due later
	boxes  []*box
	lists  []*list
	down   bool // no giver runs
	// delay is how long after its turn a contact claims.
	delay func() time.Duration
	log   []mail
}

// mail is one line of the log: all that the checker knows.
type mail struct {
	address          string
	real, clock, due time.Time
	campaign         int
	contact, step    int
	window           pace.Hours
	account          pace.Account
}

type box struct {
	pace.Sender
	fifo    bool
	line    [][]*contact // the first band, and then the first mails of each campaign; each by seq
	turns   []int64      // the last that each campaign had
	granted bool
	looks   time.Time // when the giver looks again
}

type list struct {
	windows []pace.Hours // a contact's is windows[contact.window]
	wait    []int        // days before each mail
	paused  bool
}

type contact struct {
	id, campaign, box, window, step int
	due, asleep                     time.Time
	band                            int
	seq                             int64
}

func (w *world) clock() time.Time { return w.now.Add(w.skew) }

func (w *world) hours(c *contact) pace.Hours { return w.lists[c.campaign].windows[c.window] }

// join puts a contact into line when its mail is due.
func (w *world) join(c *contact) {
	delete(w.timers, c.id)
	w.seq++
	c.seq, c.band = w.seq, 1
	b := w.boxes[c.box]
	if c.step == 0 && !b.fifo {
		c.band = 2
	}
	b.insert(c)
	w.look(b)
}

func (b *box) insert(c *contact) {
	of := 0
	if c.band == pace.FirstMails {
		of = 1 + c.campaign
	}
	for len(b.line) <= of {
		b.line, b.turns = append(b.line, nil), append(b.turns, 0)
	}
	at, _ := slices.BinarySearchFunc(b.line[of], c, func(a, b *contact) int { return int(a.seq - b.seq) })
	b.line[of] = slices.Insert(b.line[of], at, c)
}

// inTurns are the lines with somebody in them, in the order in which they are served.
func (b *box) inTurns() (of []int) {
	for i, line := range b.line {
		if len(line) > 0 {
			of = append(of, i)
		}
	}
	slices.SortFunc(of, func(i, j int) int {
		return cmp.Or(cmp.Compare(min(i, 1), min(j, 1)), cmp.Compare(b.turns[i], b.turns[j]), cmp.Compare(b.line[i][0].seq, b.line[j][0].seq))
	})
	return of
}

// look gives the next turn of an account, or comes back when that may be.
func (w *world) look(b *box) {
	if w.down || b.granted || b.InError {
		return
	}
	now := w.clock()
	b.Spent = b.Account.Believed(now, b.Spent) // and the row is written
	var again time.Time
	opens := map[[2]int]time.Time{}
	for _, of := range b.inTurns() {
		for i, c := range b.line[of] {
			if w.lists[c.campaign].paused {
				continue
			}
			if !c.asleep.After(now) {
				at, known := opens[[2]int{c.campaign, c.window}]
				if !known {
					var err error
					if at, err = pace.Next(now, w.hours(c)); err != nil {
						at = now.AddDate(0, 1, 0)
					}
					opens[[2]int{c.campaign, c.window}] = at
				}
				if c.asleep = at; at.Equal(now) {
					w.turn(b, of, i)
					return
				}
			}
			if again.IsZero() || c.asleep.Before(again) {
				again = c.asleep
			}
		}
	}
	if !again.IsZero() {
		w.lookAt(b, again)
	}
}

// turn is given to the head of the line if the account may send now; else the giver comes
// back when it may.
func (w *world) turn(b *box, of, i int) {
	now, c := w.clock(), b.line[of][i]
	at, _, err := b.Account.When(now, w.hours(c), b.Spent)
	switch {
	case err != nil:
		w.lookAt(b, now.AddDate(0, 0, 1))
	case at.After(now):
		// Another's window may open before the head's does again.
		if anybody, _, err := b.Account.When(now, always(b.Account.Hours.Zone), b.Spent); err == nil && anybody.After(now) {
			at = anybody
		}
		w.lookAt(b, at)
	default:
		if b.granted = true; i == 0 {
			b.line[of] = b.line[of][1:]
		} else {
			b.line[of] = slices.Delete(b.line[of], i, i+1)
		}
		w.in(w.delay(), func() { w.claim(b, c) })
	}
}

func (w *world) lookAt(b *box, clock time.Time) {
	at := w.now.Add(max(clock.Sub(w.clock()), 0))
	if b.looks.After(w.now) && !at.Before(b.looks) {
		return
	}
	b.looks = at
	w.in(at.Sub(w.now), func() {
		if b.looks.Equal(at) {
			b.looks = time.Time{}
			w.look(b)
		}
	})
}

// claim decides again, under the account's lock.
func (w *world) claim(b *box, c *contact) {
	b.granted = false
	now := w.clock()
	at, _, err := b.Account.When(now, w.hours(c), b.Spent)
	if err != nil || !at.Equal(now) || b.InError || w.lists[c.campaign].paused {
		b.insert(c)
		w.look(b)
		return
	}
	b.Seq++
	b.Spent = b.Account.After(b.Spent, now, b.Address, b.Seq)
	if c.band == pace.FirstMails {
		b.turns[1+c.campaign] = slices.Max(b.turns) + 1
	}
	w.log = append(w.log, mail{b.Address, w.now, now, c.due, c.campaign, c.id, c.step, w.hours(c), b.Account})
	if c.step++; c.step < len(w.lists[c.campaign].wait) {
		c.due = dueIn(w.lists[c.campaign].wait[c.step], c.due, now)
		if w.timers == nil {
			w.timers = map[int]*contact{}
		}
		w.timers[c.id] = c
		w.in(max(c.due.Sub(now), 0), func() { w.join(c) })
	}
	w.look(b)
}

// recount is what the ledger says an account has spent, in the zone it has now.
func (w *world) recount(b *box) {
	today := pace.DateOf(w.clock().In(b.Account.Hours.Zone))
	seen := map[pace.Date]int{}
	for _, mail := range w.log {
		if mail.address == b.Address {
			seen[pace.DateOf(mail.clock.In(b.Account.Hours.Zone))]++
		}
	}
	days := len(seen)
	if seen[today] > 0 {
		days--
	}
	b.Spent.Day, b.Spent.Count, b.Spent.SendingDay = today, seen[today], days
}

// edited wakes those who sleep: rules have changed.
func (w *world) edited() {
	for _, b := range w.boxes {
		for _, line := range b.line {
			for _, c := range line {
				c.asleep = time.Time{}
			}
		}
		b.looks = time.Time{}
		w.look(b)
	}
}

// run does what is on the agenda, up to an end.
func (w *world) run(end time.Time) {
	for len(w.agenda) > 0 && w.agenda[0].at.Before(end) {
		next := heap.Pop(&w.agenda).(event)
		w.now = next.at
		next.do()
	}
	w.now = end
}

func (w *world) in(wait time.Duration, do func()) {
	w.order++
	heap.Push(&w.agenda, event{w.now.Add(wait), w.order, do})
}

type event struct {
	at    time.Time
	order int
	do    func()
}

type agenda []event

var _ heap.Interface = (*agenda)(nil)

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(one any) { *a = append(*a, one.(event)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	one := (*a)[last]
	*a = (*a)[:last]
	return one
}
