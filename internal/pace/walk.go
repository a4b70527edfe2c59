package pace

import (
	"slices"
	"time"
)

// Forecast is what will happen when nothing else does.
type Forecast struct {
	// Leaves is when the mail of each who waits leaves, in the order of Line.Waiting, Done
	// when the last of its cohort does, and By is the sender it leaves from. The zero time
	// is for those who never leave.
	Leaves, Done []time.Time
	By           []int
	// Days are the dates on which each sender sends.
	Days [][]Day
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
		joins := w.joins.len() > 0 && (first == nil || !w.joins.first().at.After(first.leaves))
		switch {
		case joins && before(w.joins.first().at, until):
			w.join(w.joins.pop())
		case !joins && first != nil && before(first.leaves, until):
			w.send(first)
		default:
			return w.end()
		}
	}
}

// walk is the state of the world at one instant.
type walk struct {
	at, until time.Time
	line      Line
	senders   []*walker
	// unbound are the places of those that nobody has mailed, by pool and window.
	unbound [][]queue[place]
	joins   queue[join]
	// who is each contact with its next mail, and since is when it joined the line.
	who   []Waiting
	since []time.Time
	// seq is the last place given, order counts those who join.
	seq    int64
	order  int
	stays  [][]float64
	result Forecast
}

func begin(now, until time.Time, line Line, senders []Sender) *walk {
	w := &walk{
		at: now, until: until, line: line,
		who:   append([]Waiting(nil), line.Waiting...),
		since: make([]time.Time, len(line.Waiting)),
		stays: make([][]float64, len(line.Campaigns)),
		result: Forecast{
			Leaves: make([]time.Time, len(line.Waiting)), Done: make([]time.Time, len(line.Waiting)), By: make([]int, len(line.Waiting)),
			Campaigns: make([]Reach, len(line.Campaigns)),
		},
	}
	for i, steps := range line.Campaigns {
		w.stays[i] = make([]float64, len(steps))
	}
	for range max(1, len(line.Pools)) {
		w.unbound = append(w.unbound, make([]queue[place], len(line.Windows)))
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
		w.since[i], w.result.By[i], w.who[i].Count = now, Unbound, max(1, w.who[i].Count)
		w.seq = max(w.seq, w.who[i].Seq)
		if w.who[i].Seq == 0 || w.who[i].NotBefore.After(now) {
			w.later(join{at: latest(now, w.who[i].NotBefore), who: i, isNew: w.who[i].Seq == 0})
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

// send has the first in line leave, those of its cohort behind it for as long as nothing
// but the gap decides, and what follows for them come later.
func (w *walk) send(sender *walker) {
	w.at = sender.leaves
	from, isUnbound := sender.next()
	i, by, quiet := from.first().who, sender.index(w.senders), w.quiet(sender)
	one := &w.who[i]
	isFirst := i < len(w.line.Waiting) && one.Step == w.line.Waiting[i].Step
	if isFirst && w.result.Leaves[i].IsZero() {
		w.result.Leaves[i], w.result.By[i] = w.at, by
	}
	left, sent := w.at, 0
	for next := w.at; ; {
		w.at = next
		sender.tally(w.at, *one, w.line.Windows[one.Window], w.since[i])
		sender.sent(w.at)
		sent++
		if next = latest(w.at, sender.Spent.Next); sent == one.Count || !sender.hasRoom(next) || !before(next, quiet) || !before(next, w.until) {
			break
		}
	}
	sender.known = false
	reach := &w.result.Campaigns[one.Campaign]
	reach.Last, reach.Late = w.at, max(reach.Late, one.lateAt(w.at))
	if one.Step == 0 {
		reach.LastFirst = w.at
	}
	if w.result.Last = w.at; isFirst {
		w.result.Done[i] = w.at
	}
	if one.Count -= sent; one.Count == 0 {
		from.pop()
		if isUnbound && from.len() == 0 {
			w.lookAgain()
		}
	}
	w.follow(i, by, sent, left)
}

// quiet is until when nothing happens but that a sender sends: nobody comes into line, no
// window changes, no other sends.
func (w *walk) quiet(sender *walker) time.Time {
	var quiet time.Time
	ends := func(at time.Time) {
		if quiet.IsZero() || at.Before(quiet) {
			quiet = at
		}
	}
	if w.joins.len() > 0 {
		ends(w.joins.first().at)
	}
	for i := range sender.windows {
		if sender.waits(i) {
			ends(sender.spans[i].to)
		}
	}
	for _, other := range w.senders {
		if other != sender && other.sends {
			ends(other.leaves)
		}
	}
	return quiet
}

// follow has so many of a cohort come again with their next mail.
func (w *walk) follow(i, by, sent int, left time.Time) {
	one := w.who[i]
	steps, next := w.line.Campaigns[one.Campaign], one.Step+1
	if next >= len(steps) {
		return
	}
	// So many of a hundred are lost, spread evenly.
	stays := &w.stays[one.Campaign][next]
	*stays += float64(sent) * (1 - steps[next].Lost)
	count := min(sent, int(*stays+0.5))
	if *stays -= float64(count); count == 0 {
		return
	}
	due := one.Due
	if due.IsZero() {
		due = left
	}
	due = steps[next].Due(due, left)
	if one.Count > 0 { // the rest is still in line
		i = len(w.who)
		w.who, w.since = append(w.who, one), append(w.since, time.Time{})
	}
	one.Sender, one.Step, one.Band, one.Due, one.Count = by, next, FollowUps, due, count
	w.who[i] = one
	w.later(join{at: latest(due, w.at), who: i, isNew: true})
}

func (w *walk) end() Forecast {
	remain := func(line queue[place]) {
		for _, places := range [][]place{line.run, line.heap} {
			for _, place := range places {
				w.result.Remain += w.who[place.who].Count
			}
		}
	}
	for _, sender := range w.senders {
		w.result.Days = append(w.result.Days, sender.days)
		for _, line := range sender.line {
			remain(line)
		}
	}
	for _, pool := range w.unbound {
		for _, line := range pool {
			remain(line)
		}
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
