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
		joins := !w.joins.isEmpty() && (first == nil || w.joins.first().at <= first.leaves)
		switch {
		case joins && w.joins.first().at.isBefore(w.until):
			w.join(w.joins.pop())
		case !joins && first != nil && first.leaves.isBefore(w.until):
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
		if i := w.line.Asked[w.answered]; w.left[i] < w.line.Waiting[i].Size() {
			return false
		}
		w.answered++
	}
	return w.answered > 0
}

// walk is the state of the world at one instant.
type walk struct {
	at, until instant
	zone      *time.Location
	line      Line
	senders   []*walker
	// unbound are the places of those that nobody has mailed, by pool.
	unbound []*lanes
	joins   queue[join]
	// who is each contact, or cohort, with its next mail; free are the numbers there that
	// nobody has any more.
	who  []contact
	free []int32
	// seq is the last place given, order counts those who join.
	seq   int64
	order int32
	stays [][]float64
	// answered is how many of Line.Asked have left, from the first on.
	answered int
	// leaves, done, left and by are Forecast's, campaigns how far each of them comes.
	leaves, done []instant
	left, by     []int
	campaigns    []reach
}

// reach is a Reach on its way.
type reach struct {
	lastFirst, last instant
	late            time.Duration
}

// contact is one on its way through a walk, or those of a cohort who are left.
type contact struct {
	// of is where it stands in Line.Waiting, -1 of one whose mail has left; isCohort is true while
	// the places and moments of those behind it are there.
	of       int32
	isCohort bool
	band     int8
	// sender, pool, window, campaign and step are Waiting's.
	sender, pool, window, campaign, step int32
	count                                int32
	seq                                  int64
	// due is since when the mail is, since when it joined the line.
	due, since instant
}

// stand has it be the one of a cohort that is so far behind the first.
func (c *contact) stand(cohort *Waiting, at int) {
	if len(cohort.Seqs) > 0 {
		c.seq = cohort.Seqs[at]
	}
	if len(cohort.Dues) > 0 {
		c.due = instantOf(cohort.Dues[at])
	}
}

// next has the next of a cohort stand where the first did.
func (w *walk) next(one *contact) {
	one.count--
	if one.isCohort {
		cohort := &w.line.Waiting[one.of]
		one.stand(cohort, cohort.Size()-int(one.count))
	}
}

func begin(now, until time.Time, line Line, senders []Sender) *walk {
	w := &walk{
		at: instantOf(now), until: instantOf(until), zone: now.Location(), line: line,
		who:    make([]contact, len(line.Waiting)),
		stays:  make([][]float64, len(line.Campaigns)),
		leaves: make([]instant, len(line.Waiting)), done: make([]instant, len(line.Waiting)), left: make([]int, len(line.Waiting)), by: make([]int, len(line.Waiting)),
		campaigns: make([]reach, len(line.Campaigns)),
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
	for i := range line.Waiting {
		of := &line.Waiting[i]
		w.who[i] = contact{
			of: int32(i), isCohort: len(of.Seqs)+len(of.Dues)+len(of.Froms) > 0, band: int8(of.Band), sender: int32(of.Sender), pool: int32(of.Pool),
			window: int32(of.Window), campaign: int32(of.Campaign), step: int32(of.Step), count: int32(of.Size()), seq: of.first(), due: instantOf(of.Due), since: w.at,
		}
		one, from := &w.who[i], instantOf(of.NotBefore)
		one.stand(of, 0)
		w.by[i] = Unbound
		w.seq = max(w.seq, of.last())
		if len(of.Froms) > 0 {
			from = instantOf(of.Froms[0])
		}
		if one.seq == 0 || len(of.Froms) > 0 || from > w.at {
			w.later(join{at: max(w.at, from), who: int32(i), isNew: one.seq == 0})
			continue
		}
		w.stand(int32(i))
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
		if sender.sends && (first == nil || sender.leaves < first.leaves) {
			first = sender
		}
	}
	return first
}

// send has the first in line leave, and those behind it for as long as nothing but the gap
// decides; what follows for them comes later.
func (w *walk) send(sender *walker) {
	open := sender.open(sender.leaves)
	by, quiet := slices.Index(w.senders, sender), w.quiet(sender, open)
	sender.known = false
	for w.at = sender.leaves; ; w.at = sender.next {
		from, isUnbound := open.first(sender.turns)
		i := from.first().who
		one := &w.who[i]
		sender.tally(w.at, one, &w.line.Windows[one.window])
		sender.sent(w.at)
		if from.campaign != anyCampaign || one.step == 0 && one.band == Granted {
			sender.goesBehind(w.line.same(int(one.campaign)))
		}
		w.reach(one, by)
		again, comes := w.follows(one, by)
		if one.count > 1 {
			w.next(one)
			from.replace(place{one.band, i, one.seq})
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
		if !sender.hasRoom(sender.next) || !sender.next.isBefore(quiet) || !sender.next.isBefore(w.until) {
			return
		}
	}
}

// reach notes that a mail leaves.
func (w *walk) reach(one *contact, by int) {
	reach := &w.campaigns[one.campaign]
	reach.last, reach.late = w.at, max(reach.late, one.lateAt(w.at))
	if one.step == 0 {
		reach.lastFirst = w.at
	}
	if one.of < 0 {
		return
	}
	if w.left[one.of]++; w.left[one.of] == 1 {
		w.leaves[one.of], w.by[one.of] = w.at, by
	}
	w.done[one.of] = w.at
}

// quiet is until when nothing happens but that a sender sends: nobody comes into line, no
// window changes, no other sends.
func (w *walk) quiet(sender *walker, open *openLanes) instant {
	quiet := open.until
	if !w.joins.isEmpty() {
		quiet = sooner(quiet, w.joins.first().at)
	}
	for _, other := range w.senders {
		if other != sender && other.sends {
			quiet = sooner(quiet, other.leaves)
		}
	}
	return quiet
}

// follows is who comes again after its mail has left, when it is due; false for nobody.
func (w *walk) follows(one *contact, by int) (again contact, comes bool) {
	steps, next := w.line.Campaigns[one.campaign], one.step+1
	if int(next) >= len(steps) {
		return contact{}, false
	}
	// So many of a hundred are lost, spread evenly.
	stays := &w.stays[one.campaign][next]
	if *stays += 1 - steps[next].Lost; *stays < 0.5 {
		return contact{}, false
	}
	*stays--
	due := one.due
	if due == none {
		due = w.at
	}
	due = instantOf(steps[next].Due(due.in(w.zone), w.at.in(w.zone)))
	return contact{of: -1, band: FollowUps, sender: int32(by), window: one.window, campaign: one.campaign, step: next, count: 1, due: due}, true
}

// come has a contact come into line when its mail is due; it returns when that is.
func (w *walk) come(again contact) instant {
	at := max(again.due, w.at)
	w.later(join{at: at, who: w.add(again), isNew: true})
	return at
}

func (w *walk) end() Forecast {
	result := Forecast{Leaves: times(w.leaves, w.zone), Done: times(w.done, w.zone), Left: w.left, By: w.by}
	remain := func(all *lanes) {
		for _, lane := range all.all {
			for _, places := range append(lane.runs[:], lane.heap) {
				for _, place := range places {
					result.Remain += int(w.who[place.who].count)
				}
			}
		}
	}
	for _, sender := range w.senders {
		result.Days, result.Begins = append(result.Days, sender.days), append(result.Begins, times(sender.begins, w.zone))
		remain(&sender.line)
	}
	for _, pool := range w.unbound {
		remain(pool)
	}
	var last instant
	for _, of := range w.campaigns {
		last = max(last, of.last)
		result.Campaigns = append(result.Campaigns, Reach{LastFirst: of.lastFirst.in(w.zone), Last: of.last.in(w.zone), Late: of.late})
	}
	result.Last = last.in(w.zone)
	return result
}
