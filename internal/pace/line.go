package pace

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// Line is who waits for a turn of some senders, and what follows for each.
type Line struct {
	// Windows are the distinct hours in which they are mailed: a step of the walk costs
	// their number, and not that of those who wait.
	Windows []Hours
	// Campaigns are the mails of each campaign, in order.
	Campaigns [][]Step
	// Same is, for each of Campaigns, the first that is the same campaign in other hours: who
	// is lost is spread over all of these. None is each for itself.
	Same []int
	// Pools are the senders, by index, of which any takes a contact that is Unbound. None is
	// one pool of all senders.
	Pools [][]int
	// Waiting are in any order.
	Waiting []Waiting
	// Asked are those of Waiting that somebody asks about: the walk ends when all of them have
	// left. None is the whole line.
	Asked []int
}

// Step is one mail of a campaign.
type Step struct {
	// Due is when the mail is due whose predecessor was due and left at these instants, whatever
	// their zones are.
	// The first mail of a campaign has none.
	Due func(due, left time.Time) time.Time
	// Lost is the share, 0 to 1, of those who had the mail before and do not get this
	// one: they have answered, bounced or left.
	Lost float64
}

// Waiting is one contact in line, or a cohort.
type Waiting struct {
	// Sender is an index of the walk's senders, or Unbound: then Pool is one of Line.Pools.
	Sender, Pool int
	// Window is an index of Line.Windows, Campaign of Line.Campaigns, Step of its mails.
	Window, Campaign, Step int
	// Band and Seq are the place, Band also FirstMails or FollowUps of those who come; without Seq it has none yet, and takes the last one when
	// it is due at NotBefore.
	Band int
	Seq  int64
	// Count is how many stand here, one behind the other; 0 is one.
	Count int
	// Seqs are the places of a cohort that does not stand together, in order; Seq and Count do
	// not count then. Dues, as many, count instead of Due when there are any.
	Seqs []int64
	Dues []time.Time
	// Due is since when the mail is due; zero when nobody asks. NotBefore is until when
	// the contact sleeps: it keeps its place.
	Due, NotBefore time.Time
	// Froms are the NotBefores of a cohort whose contacts come one by one, in order; NotBefore
	// is the first of them then.
	Froms []time.Time
}

// Unbound is the sender of a contact that nobody has mailed, in a campaign of several
// senders: whichever is free first takes it, and keeps it.
const Unbound = -1

// WithoutLoss is the line of those who never answer, bounce or leave: what takes longest.
func (l Line) WithoutLoss() Line {
	campaigns := make([][]Step, len(l.Campaigns))
	for i, steps := range l.Campaigns {
		campaigns[i] = make([]Step, len(steps))
		for j, step := range steps {
			campaigns[i][j] = Step{Due: step.Due}
		}
	}
	l.Campaigns = campaigns
	return l
}

// loses is true when some of those who had a mail do not get the next.
func (l Line) loses() bool {
	for _, steps := range l.Campaigns {
		for _, step := range steps {
			if step.Lost > 0 {
				return true
			}
		}
	}
	return false
}

// Before is how many of those in line leave before the i-th at now: with the same sender, or
// as unbound as it is and, of who is, with the sender that takes it, as Forecast.By has it. Nobody
// does before one that has no place yet, and those whose
// window is closed do not while its own is open: it goes past them.
func (l Line) Before(now time.Time, i, by int, senders ...Sender) int {
	one, before := &l.Waiting[i], 0
	own, campaign := placeOf(one.first(), one.Band, i), l.same(one.Campaign)
	turns, ahead := l.turns(senders, one), 0
	others, first := map[int]int{}, map[int]int64{campaign: own.seq}
	goesPast := make([]bool, len(l.Windows))
	for window := range l.Windows {
		goesPast[window] = l.Windows[one.Window].Open(now) && !l.Windows[window].Open(now)
	}
	for j := range l.Waiting {
		other := &l.Waiting[j]
		if one.meets(other, by) && other.HasPlace() && own.seq > 0 && !goesPast[other.Window] && !other.NotBefore.After(now) {
			of := l.same(other.Campaign)
			if one.Band == FirstMails && other.Band == FirstMails {
				if seq, known := first[of]; !known || other.first() < seq {
					first[of] = other.first()
				}
				if of != campaign {
					others[of] += other.Size()
					continue
				}
				ahead += other.before(own, j)
			}
			before += other.before(own, j)
		}
	}
	for of, count := range others { // each campaign has a turn for each that one's own has before it, and the last turn's order stays
		if turns[of] < turns[campaign] || turns[of] == turns[campaign] && first[of] < first[campaign] {
			count--
			before++
		}
		before += min(count, ahead)
	}
	return before
}

// meets is true of another that leaves from the same line, or from that of the sender that takes who is unbound.
func (w *Waiting) meets(other *Waiting, by int) bool {
	if w.Sender != Unbound {
		return other.Sender == w.Sender
	}
	return other.Sender == Unbound && other.Pool == w.Pool || other.Sender != Unbound && other.Sender == by
}

// same is the campaign in the first of its hours.
func (l Line) same(campaign int) int {
	if len(l.Same) > 0 {
		return l.Same[campaign]
	}
	return campaign
}

// turns are those that the senders have given campaigns which may take a contact.
func (l Line) turns(senders []Sender, one *Waiting) []int64 {
	turns := make([]int64, len(l.Campaigns))
	for i, sender := range senders {
		if one.Sender == i || one.Sender == Unbound && (len(l.Pools) == 0 || slices.Contains(l.Pools[one.Pool], i)) {
			for of, turn := range sender.Turns {
				turns[of] = max(turns[of], turn)
			}
		}
	}
	return turns
}

// Size is how many it is.
func (w *Waiting) Size() int {
	return max(1, w.Count, len(w.Seqs), len(w.Froms))
}

// HasPlace is true of those who are in line.
func (w *Waiting) HasPlace() bool { return w.first() > 0 }

// Sort puts a cohort in order, by when each comes or else by their places; in slices of its own.
func (w *Waiting) Sort() {
	before := func(a, b int) int { return cmp.Compare(w.Seqs[a], w.Seqs[b]) }
	if len(w.Froms) > 0 {
		before = func(a, b int) int { return w.Froms[a].Compare(w.Froms[b]) }
	} else if slices.IsSorted(w.Seqs) {
		return
	}
	order := make([]int, max(len(w.Seqs), len(w.Froms)))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, before)
	w.Seqs, w.Dues, w.Froms = inOrder(w.Seqs, order), inOrder(w.Dues, order), inOrder(w.Froms, order)
}

func inOrder[T any](all []T, order []int) []T {
	if len(all) == 0 {
		return nil
	}
	sorted := make([]T, len(order))
	for i, at := range order {
		sorted[i] = all[at]
	}
	return sorted
}

// first and last are places; 0 is none.
func (w *Waiting) first() int64 {
	if len(w.Seqs) > 0 {
		return w.Seqs[0]
	}
	return w.Seq
}

func (w *Waiting) last() int64 {
	if len(w.Seqs) > 0 {
		return slices.Max(w.Seqs)
	}
	return w.Seq
}

// before is how many of it stand before a place; who is its own number.
func (w *Waiting) before(own place, who int) int {
	if len(w.Seqs) == 0 || int8(w.Band) != own.band {
		if placeOf(w.first(), w.Band, who).before(own) {
			return w.Size()
		}
		return 0
	}
	return sort.Search(len(w.Seqs), func(i int) bool { return !placeOf(w.Seqs[i], w.Band, who).before(own) })
}

// place is where one stands in line.
type place struct {
	band int8
	who  int32
	seq  int64
}

func placeOf(seq int64, band, who int) place { return place{int8(band), int32(who), seq} }

func (p place) before(other place) bool {
	if p.band != other.band {
		return p.band < other.band
	}
	return p.seq < other.seq || p.seq == other.seq && p.who < other.who
}
