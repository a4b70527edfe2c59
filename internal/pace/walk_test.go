package pace_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// days is a step so many dates after the one before it left, as dueIn has it.
func days(n int, lost float64) pace.Step { return daysIn(time.UTC, n, lost) }

func daysIn(zone *time.Location, n int, lost float64) pace.Step {
	return pace.Step{Lost: lost, Due: func(due, left time.Time) time.Time { return dueIn(n, due.In(zone), left) }}
}

// dueIn is n dates after a mail left, at the time of day at which it was due, or left if
// that was earlier: those who leave at night, because the limit's day begins, would else
// take the budget of each day before its follow-ups are due.
func dueIn(n int, due, left time.Time) time.Time {
	left = left.In(due.Location())
	at := due
	if left.Hour()*60+left.Minute() < due.Hour()*60+due.Minute() {
		at = left
	}
	date := pace.DateOf(left).Add(n)
	return time.Date(date.Year, date.Month, date.Day, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
}

// minutes is a step so long after the one before it: it comes while others of the line still wait.
func minutes(n int) pace.Step {
	return pace.Step{Due: func(_, left time.Time) time.Time { return left.Add(time.Duration(n) * time.Minute) }}
}

// someLine is a line by lot: windows that seldom meet, places in two bands, some asleep.
func someLine(dice *rand.Rand, zones []*time.Location, now time.Time, senders int) pace.Line {
	line := pace.Line{Campaigns: [][]pace.Step{{{}}, {{}, days(1, 0)}, {{}, days(3, 0), days(2, 0)}, {{}, minutes(40)}}}
	for range 1 + dice.IntN(4) {
		hours := pace.Hours{Zone: zones[dice.IntN(len(zones))]}
		for range dice.IntN(3) {
			hours.Windows = append(hours.Windows, someWindow(dice))
		}
		line.Windows = append(line.Windows, hours)
	}
	for range dice.IntN(3) { // else all senders are one pool
		line.Pools = append(line.Pools, dice.Perm(senders)[:1+dice.IntN(senders)])
	}
	for range 1 + dice.IntN(40) {
		one := pace.Waiting{Window: dice.IntN(len(line.Windows)), Campaign: dice.IntN(4), Seq: 1 + dice.Int64N(1000)*100 + int64(len(line.Waiting))}
		one.Step = dice.IntN(len(line.Campaigns[one.Campaign]))
		one.Band = 1
		if one.Step == 0 {
			one.Band = 2
			one.Sender = dice.IntN(senders+1) - 1
			if len(line.Pools) > 0 {
				one.Pool = dice.IntN(len(line.Pools))
			}
		} else {
			one.Sender = dice.IntN(senders)
		}
		if senders == 1 {
			one.Sender = 0
		}
		one.Due = now.Add(-time.Duration(dice.IntN(3000)) * time.Minute)
		if dice.IntN(8) == 0 {
			one.Seq = 0
		}
		if one.Seq == 0 || dice.IntN(8) == 0 {
			one.NotBefore = now.Add(time.Duration(1+dice.IntN(3000)) * time.Minute)
		}
		line.Waiting = append(line.Waiting, one)
	}
	return line
}

func someSender(dice *rand.Rand, zones []*time.Location, now time.Time, i int) pace.Sender {
	s := pace.Sender{Address: fmt.Sprintf("sender%d@northwind.example", i), Seq: dice.Int64N(100)}
	s.Account.Hours.Zone = zones[dice.IntN(len(zones))]
	if dice.IntN(3) > 0 {
		s.Account.Gap, s.Account.Jitter = time.Duration(dice.IntN(5000))*time.Second, time.Duration(dice.IntN(900))*time.Second
	}
	if dice.IntN(3) > 0 {
		s.Account.PerDay = 1 + dice.IntN(9)
	}
	if dice.IntN(3) == 0 {
		s.Account.Ramp = pace.Ramp{Start: 1 + dice.IntN(3), Add: dice.IntN(3)}
	}
	if dice.IntN(3) == 0 {
		s.Account.Hours.Windows = []pace.Window{someWindow(dice), someWindow(dice)}
	}
	if dice.IntN(2) == 0 {
		s.Spent = s.Account.After(pace.Spent{}, now.Add(-time.Duration(dice.IntN(200))*time.Minute), s.Address, s.Seq)
		s.Spent.Count += dice.IntN(4)
	}
	if dice.IntN(6) == 0 {
		s.Rests = now.Add(time.Duration(dice.IntN(3000)) * time.Minute)
	}
	s.InError = dice.IntN(12) == 0
	for range dice.IntN(4) {
		s.Turns = append(s.Turns, dice.Int64N(3))
	}
	return s
}

// oneByOne is what the walk means, without any thought of speed: at each step every sender
// is asked of every window of those in line, and of those who could leave first the first
// in line does: of first mails that of the campaign that has had no turn for the longest.
func oneByOne(now time.Time, line pace.Line, senders []pace.Sender) ([]time.Time, int) {
	type one struct {
		pace.Waiting
		i     int
		joins time.Time
		isNew bool
	}
	leaves := make([]time.Time, len(line.Waiting))
	var all []one
	var seq int64
	turns := make([]map[int]int64, len(senders))
	for s, sender := range senders {
		turns[s] = map[int]int64{}
		for of, turn := range sender.Turns {
			turns[s][of] = turn
		}
	}
	same := func(campaign int) int {
		if len(line.Same) > 0 {
			return line.Same[campaign]
		}
		return campaign
	}
	before := func(a, b *one, s int) bool {
		if a.Band != b.Band {
			return a.Band < b.Band
		}
		if a.Band == pace.FirstMails && turns[s][same(a.Campaign)] != turns[s][same(b.Campaign)] {
			return turns[s][same(a.Campaign)] < turns[s][same(b.Campaign)]
		}
		return a.Seq < b.Seq
	}
	for i, waiting := range line.Waiting {
		seq = max(seq, waiting.Seq)
		all = append(all, one{waiting, i, waiting.NotBefore, waiting.Seq == 0})
	}
	for {
		// Who comes into line next, in the order in which it was put there?
		var joins time.Time
		for _, one := range all {
			if one.joins.After(now) && (joins.IsZero() || one.joins.Before(joins)) {
				joins = one.joins
			}
		}
		var who, by = -1, -1
		var first time.Time
		for s := range senders {
			asked := map[int]time.Time{}
			for k, one := range all {
				if one.joins.After(now) || senders[s].InError || one.Sender != s && (one.Sender != pace.Unbound || len(line.Pools) > 0 && !slices.Contains(line.Pools[one.Pool], s)) {
					continue
				}
				at, known := asked[one.Window]
				if !known {
					from := now
					if senders[s].Rests.After(now) {
						from = senders[s].Rests
					}
					var err error
					if at, _, err = senders[s].Account.When(from, line.Windows[one.Window], senders[s].Spent); err != nil {
						at = time.Time{}
					}
					asked[one.Window] = at
				}
				better := who < 0 || at.Before(first)
				if who >= 0 && at.Equal(first) && s == by {
					better = before(&one, &all[who], s)
				}
				if !at.IsZero() && better {
					who, by, first = k, s, at
				}
			}
		}
		if !joins.IsZero() && (who < 0 || !joins.After(first)) {
			now = joins
			for k := range all {
				if all[k].isNew && !all[k].joins.After(now) {
					seq++
					all[k].Seq, all[k].isNew = seq, false
				}
			}
			continue
		}
		if who < 0 {
			return leaves, len(all)
		}
		now = first
		s := &senders[by]
		s.Seq++
		s.Spent = s.Account.After(s.Spent, now, s.Address, s.Seq)
		left := all[who]
		if left.Step == 0 && left.Band == pace.Granted || left.Band == pace.FirstMails {
			last := int64(0)
			for _, turn := range turns[by] {
				last = max(last, turn)
			}
			turns[by][same(left.Campaign)] = last + 1
		}
		if leaves[left.i].IsZero() {
			leaves[left.i] = now
		}
		all = slices.Delete(all, who, who+1)
		if steps := line.Campaigns[left.Campaign]; left.Step+1 < len(steps) {
			left.Step++
			left.Due = steps[left.Step].Due(left.Due, now)
			left.Sender, left.Band, left.isNew, left.joins = by, 1, true, left.Due
			if !left.Due.After(now) { // it is due already
				seq++
				left.joins, left.Seq, left.isNew = now, seq, false
			}
			all = append(all, left)
		}
	}
}

func TestWalkIsOneByOne(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Europe/Brussels"), zone(t, "America/New_York"), zone(t, "Asia/Tokyo"), zone(t, "Pacific/Apia")}
	for seed := range uint64(150) {
		dice := rand.New(rand.NewPCG(seed, 18))
		now := time.Date(2026, 1+time.Month(dice.IntN(12)), 1+dice.IntN(28), dice.IntN(24), dice.IntN(60), 0, 0, time.UTC)
		var senders []pace.Sender
		for i := range 1 + dice.IntN(3) {
			senders = append(senders, someSender(dice, zones, now, i))
		}
		line := someLine(dice, zones, now, len(senders))
		got := pace.Walk(now, time.Time{}, line, senders...)
		want, never := oneByOne(now, line, slices.Clone(senders))
		require.Equal(t, never, got.Remain, "seed %d", seed)
		for i := range want {
			require.True(t, want[i].Equal(got.Leaves[i]), "seed %d, %d of %d: one by one at %s, in the walk at %s", seed, i, len(want), want[i], got.Leaves[i])
		}
	}
}

// Who begins in a thousand years leaves nobody else later, and not within a forecast.
func TestWhoBeginsInAThousandYears(t *testing.T) {
	t.Parallel()
	for _, years := range []int{250, 973, 7900} {
		line := pace.Line{Windows: []pace.Hours{always(time.UTC)}, Campaigns: [][]pace.Step{{{}}}, Waiting: []pace.Waiting{
			{Band: pace.FirstMails, Seq: 1, NotBefore: monday.AddDate(years, 0, 0), Due: monday}, {Band: pace.FirstMails, Seq: 2}, {Band: pace.FirstMails, NotBefore: monday.AddDate(years, 0, 0)},
		}}
		_, said := pace.Range(monday, line, maya(t))
		require.Zero(t, said.Leaves[0])
		require.Zero(t, said.Leaves[2])
		require.True(t, monday.Equal(said.Leaves[1]))
	}
}
