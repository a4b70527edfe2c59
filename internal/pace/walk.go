package pace

import (
	"slices"
	"time"
)

// Forecast is what will happen when nothing else does.
type Forecast struct {
	// Leaves is when the mail of each who waits leaves, in the order of Line.Waiting: of a
	// cohort the first, Done when the last of it does that leaves, and Left is how many of it
	// do. By is the sender the first leaves from. The zero time is for those who never leave.
	Leaves, Done []time.Time
	Left, By     []int
	// Days are the dates on which each sender sends.
	Days [][]Day
	// Begins is when each sender sends its first mail of each of Line.Campaigns; zero for never.
	Begins [][]time.Time
	// Campaigns are how far each of Line.Campaigns comes.
	Campaigns []Reach
	// Last is when the last mail leaves, follow-ups included; zero when none does.
	Last time.Time
	// Remain is how many are in line at the end: without an end to the walk, those that
	// find no time to leave, or no sender to leave from.
	Remain int
}

// Walk asks Account.When again and again with a time that moves, as the giver of turns
// does: whenever a sender may send, the first in line whose window is open leaves, and
// what follows for it joins the line when it is due. Line.Waiting is exact for as long as
// nothing else happens; what follows is as good as the rates of loss.
//
// It ends before until, or when nobody is left if that is zero. A mail costs the number of windows and of senders, and the logarithm of the line.
func Walk(now, until time.Time, line Line, senders ...Sender) Forecast {
	w := begin(now, until, line, senders)
	for {
		first := w.earliest()
		joins := !w.joins.isEmpty() && (first == nil || !w.joins.first().at.After(first.leaves))
		switch {
		case joins && before(w.joins.first().at, until):
			w.join(w.joins.pop())
		case !joins && first != nil && before(first.leaves, until):
			w.send(first)
		default:
			return w.end()
		}
		if w.isAnswered() {
			return w.end()
		}
	}
}

// isAnswered is true when all have left that somebody asks about.
func (w *walk) isAnswered() bool {
	for w.answered < len(w.line.Asked) {
		if i := w.line.Asked[w.answered]; w.result.Left[i] < w.line.Waiting[i].Size() {
			return false
		}
		w.answered++
	}
	return w.answered > 0
}

// walk is the state of the world at one instant.
type walk struct {
	at, until time.Time
	line      Line
	senders   []*walker
	// unbound are the places of those that nobody has mailed, by pool.
	unbound []*lanes
	joins   queue[join]
	// who is each contact, or cohort, with its next mail; free are the numbers there that
	// nobody has any more.
	who  []contact
	free []int
	// seq is the last place given, order counts those who join.
	seq   int64
	order int
	stays [][]float64
	// answered is how many of Line.Asked have left, from the first on.
	answered int
	result   Forecast
}

// contact is one on its way through a walk, or a cohort of which Count are left.
type contact struct {
	Waiting
	// of is where it stands in Line.Waiting, -1 of one whose mail has left.
	of int
	// since is when it joined the line.
	since time.Time
}

// next has the next of a cohort stand where the first did.
func (c *contact) next() {
	c.Count--
	c.stand(c.Size() - c.Count)
}

// stand has it be the one of a cohort that is so far behind the first.
func (c *contact) stand(at int) {
	if len(c.Seqs) > 0 {
		c.Seq = c.Seqs[at]
	}
	if len(c.Dues) > 0 {
		c.Due = c.Dues[at]
	}
}

func begin(now, until time.Time, line Line, senders []Sender) *walk {
	w := &walk{
		at: now, until: until, line: line,
		who:   make([]contact, len(line.Waiting)),
		stays: make([][]float64, len(line.Campaigns)),
		result: Forecast{
			Leaves: make([]time.Time, len(line.Waiting)), Done: make([]time.Time, len(line.Waiting)), Left: make([]int, len(line.Waiting)), By: make([]int, len(line.Waiting)),
			Campaigns: make([]Reach, len(line.Campaigns)),
		},
	}
	for i, steps := range line.Campaigns {
		if w.stays[i] = make([]float64, len(steps)); len(line.Same) > 0 {
			w.stays[i] = w.stays[line.Same[i]]
		}
	}
	for range max(1, len(line.Pools)) {
		w.unbound = append(w.unbound, &lanes{})
	}
	for i, sender := range senders {
		sender.Spent = sender.Account.Believed(now, sender.Spent)
		walker := newWalker(sender, line)
		for pool, unbound := range w.unbound {
			if len(line.Pools) == 0 || slices.Contains(line.Pools[pool], i) {
				walker.unbound = append(walker.unbound, unbound)
			}
		}
		w.senders = append(w.senders, walker)
	}
	for i := range w.who {
		one := &w.who[i]
		*one = contact{Waiting: line.Waiting[i], of: i, since: now}
		one.Seq, one.Count = one.first(), one.Waiting.Size()
		one.stand(0)
		w.result.By[i] = Unbound
		w.seq = max(w.seq, one.last())
		if len(one.Froms) > 0 {
			one.NotBefore = one.Froms[0]
		}
		if one.Seq == 0 || len(one.Froms) > 0 || one.NotBefore.After(now) {
			w.later(join{at: latest(now, one.NotBefore), who: i, isNew: one.Seq == 0})
			continue
		}
		w.stand(i)
	}
	return w
}

// earliest is the sender that sends next, nil when none does.
func (w *walk) earliest() *walker {
	var first *walker
	for _, sender := range w.senders {
		if !sender.known {
			sender.look(w.at)
		}
		if sender.sends && (first == nil || sender.leaves.Before(first.leaves)) {
			first = sender
		}
	}
	return first
}

// send has the first in line leave, and those behind it for as long as nothing but the gap
// decides; what follows for them comes later.
func (w *walk) send(sender *walker) {
	own, unbound := sender.open(sender.leaves)
	by, quiet := slices.Index(w.senders, sender), w.quiet(sender)
	sender.known = false
	for w.at = sender.leaves; ; w.at = sender.Spent.Next {
		from, isUnbound := sender.first(own, unbound)
		i := from.first().who
		one := &w.who[i]
		sender.tally(w.at, one.Waiting, w.line.Windows[one.Window], one.since)
		sender.sent(w.at)
		if from.campaign != anyCampaign || one.Step == 0 && one.Band == Granted {
			sender.goesBehind(w.line.same(one.Campaign))
		}
		w.reach(one, by)
		again, comes := w.follows(one, by)
		if one.Count > 1 {
			one.next()
			from.replace(placeOf(one.Seq, one.Band, i))
		} else {
			from.pop()
			w.free = append(w.free, i)
		}
		if comes {
			quiet = sooner(quiet, w.come(again))
		}
		if from.isEmpty() {
			if isUnbound {
				w.lookAgain()
			}
			return
		}
		if next := sender.Spent.Next; !sender.hasRoom(next) || !before(next, quiet) || !before(next, w.until) {
			return
		}
	}
}

// reach notes that a mail leaves.
func (w *walk) reach(one *contact, by int) {
	reach := &w.result.Campaigns[one.Campaign]
	reach.Last, reach.Late = w.at, max(reach.Late, one.lateAt(w.at))
	if one.Step == 0 {
		reach.LastFirst = w.at
	}
	w.result.Last = w.at
	if one.of < 0 {
		return
	}
	if w.result.Left[one.of]++; w.result.Left[one.of] == 1 {
		w.result.Leaves[one.of], w.result.By[one.of] = w.at, by
	}
	w.result.Done[one.of] = w.at
}

// quiet is until when nothing happens but that a sender sends: nobody comes into line, no
// window changes, no other sends.
func (w *walk) quiet(sender *walker) (quiet time.Time) {
	if !w.joins.isEmpty() {
		quiet = w.joins.first().at
	}
	for _, lane := range sender.everybody() {
		quiet = sooner(quiet, sender.spans[lane.window].to)
	}
	for _, other := range w.senders {
		if other != sender && other.sends {
			quiet = sooner(quiet, other.leaves)
		}
	}
	return quiet
}

// sooner is the earlier of two instants; the zero time is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// follows is who comes again after its mail has left; false for nobody.
func (w *walk) follows(one *contact, by int) (contact, bool) {
	steps, next := w.line.Campaigns[one.Campaign], one.Step+1
	if next >= len(steps) {
		return contact{}, false
	}
	// So many of a hundred are lost, spread evenly.
	stays := &w.stays[one.Campaign][next]
	if *stays += 1 - steps[next].Lost; *stays < 0.5 {
		return contact{}, false
	}
	*stays--
	due := one.Due
	if due.IsZero() {
		due = w.at
	}
	again := contact{of: -1, Waiting: Waiting{
		Sender: by, Window: one.Window, Campaign: one.Campaign, Step: next, Band: FollowUps, Count: 1, Due: steps[next].Due(due, w.at),
	}}
	return again, true
}

// come has a contact come into line when its mail is due; it returns when that is.
func (w *walk) come(again contact) time.Time {
	at := latest(again.Due, w.at)
	w.later(join{at: at, who: w.add(again), isNew: true})
	return at
}

func (w *walk) end() Forecast {
	remain := func(all *lanes) {
		for _, lane := range all.all {
			for _, places := range append(lane.runs[:], lane.heap) {
				for _, place := range places {
					w.result.Remain += w.who[place.who].Count
				}
			}
		}
	}
	for _, sender := range w.senders {
		w.result.Days, w.result.Begins = append(w.result.Days, sender.days), append(w.result.Begins, sender.begins)
		remain(&sender.line)
	}
	for _, pool := range w.unbound {
		remain(pool)
	}
	return w.result
}

// before is true of all when there is no end.
func before(t, end time.Time) bool { return end.IsZero() || t.Before(end) }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
