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

// A year of three campaigns on four accounts, with edits, breaks, holidays, outages of the
// giver and clocks that jump. The checker knows the log alone.
func TestAYear(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			year := newYear(t, seed)
			year.run(time.Date(2027, 8, 1, 0, 0, 0, 0, time.UTC))
			require.Equal(t, 3*year.enrolled, len(year.log), "nobody is dropped")
			require.Greater(t, year.seen.jumps, 15)
			require.Greater(t, year.seen.outages, 5)
			require.Greater(t, year.seen.breaks, 5)
			require.Greater(t, year.seen.edits, 40)
			t.Logf("%d mails of %d contacts: %+v", len(year.log), year.enrolled, year.seen)
			require.NoError(t, checkLog(year.log, year.forward))
		})
	}
}

type year struct {
	*world
	dice     *rand.Rand
	enrolled int
	forward  []time.Time // when the clock was put forward
	seen     struct{ jumps, outages, breaks, edits int }
}

func newYear(t *testing.T, seed uint64) *year {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 365))
	y := &year{dice: dice, world: &world{now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)}}
	y.delay = func() time.Duration { return time.Duration(dice.IntN(4000)) * time.Millisecond }
	brussels, newYork := zone(t, "Europe/Brussels"), zone(t, "America/New_York")
	business := pace.Hours{Zone: newYork, Windows: []pace.Window{{Days: pace.Weekdays | pace.On(time.Saturday), From: clock(t, "07:00"), To: clock(t, "19:30")}}}
	for i, account := range []pace.Account{
		{Gap: 5 * time.Minute, Jitter: 2 * time.Minute, PerDay: 14, Ramp: pace.Ramp{Start: 2, Add: 2}, Hours: always(brussels)},
		{PerDay: 11, Hours: always(newYork)},
		{Gap: 40 * time.Minute, Jitter: 10 * time.Minute, Hours: business},
		{Gap: 10 * time.Minute, PerDay: 16, Hours: office(t, "Europe/Brussels")},
	} {
		y.boxes = append(y.boxes, &box{Sender: pace.Sender{Address: fmt.Sprintf("sender%d@northwind.example", i), Account: account}, fifo: i == 3})
	}
	belgian := office(t, "Europe/Brussels")
	belgian.Holidays = pace.Holidays{Country: "BE", Add: []pace.Date{{Year: 2026, Month: 12, Day: 24}}}
	night := pace.Hours{Zone: brussels, Windows: []pace.Window{{Days: pace.EveryDay, From: clock(t, "21:00"), To: clock(t, "02:30")}}}
	y.lists = []*list{
		{windows: []pace.Hours{belgian}, wait: []int{0, 3, 5}},
		{windows: []pace.Hours{office(t, "Asia/Tokyo"), office(t, "America/New_York"), belgian, office(t, "America/Los_Angeles")}, wait: []int{0, 2, 7}},
		{windows: []pace.Hours{night, always(brussels)}, wait: []int{0, 1, 1}},
	}
	for day := range 330 {
		for _, plan := range []struct {
			one in
			do  func()
		}{{12, y.enroll}, {12, y.jump}, {20, y.outage}, {20, y.broken}, {6, y.edit}, {40, y.pause}} {
			if dice.IntN(int(plan.one)) == 0 {
				y.in(time.Duration(day)*24*time.Hour+time.Duration(dice.IntN(24*3600))*time.Second, plan.do)
			}
		}
	}
	y.enroll()
	return y
}

// in is one day in so many.
type in int

func (y *year) enroll() {
	campaign := y.dice.IntN(3)
	for range 60 + y.dice.IntN(60) {
		windows := y.lists[campaign].windows
		c := &contact{id: y.enrolled, campaign: campaign, box: y.dice.IntN(4), window: y.dice.IntN(len(windows)), due: y.clock()}
		zone := windows[c.window].Zone.String()
		if c.box >= 2 && (zone == "Asia/Tokyo" || zone == "America/Los_Angeles" || campaign == 2 && c.window == 0) {
			c.box -= 2 // these accounts' hours and that window hardly meet, or never
		}
		y.enrolled++
		y.join(c)
	}
}

func (y *year) jump() {
	y.seen.jumps++
	by := time.Hour
	if y.skew > 0 || y.skew == 0 && y.dice.IntN(2) == 0 {
		by = -time.Hour
	} else {
		y.forward = append(y.forward, y.now)
	}
	y.skew += by
	for _, b := range y.boxes {
		y.recount(b)
	}
	y.edited()
}

func (y *year) outage() {
	if y.down {
		return
	}
	y.seen.outages++
	y.down = true
	y.in(time.Duration(1+y.dice.IntN(60))*time.Hour, func() { y.down = false; y.edited() })
}

func (y *year) broken() {
	b := y.boxes[y.dice.IntN(4)]
	if b.InError {
		return
	}
	y.seen.breaks++
	b.InError = true
	y.in(time.Duration(1+y.dice.IntN(100))*time.Hour, func() { b.InError = false; y.edited() })
}

func (y *year) pause() {
	one := y.lists[y.dice.IntN(3)]
	one.paused = true
	y.in(time.Duration(1+y.dice.IntN(72))*time.Hour, func() { one.paused = false; y.edited() })
}

// edit changes a limit, a gap, a window, a holiday or a zone.
func (y *year) edit() {
	y.seen.edits++
	b, one := y.boxes[y.dice.IntN(4)], y.lists[y.dice.IntN(3)]
	switch y.dice.IntN(5) {
	case 0:
		b.Account.PerDay = 8 + y.dice.IntN(14)
	case 1:
		b.Account.Gap = time.Duration(y.dice.IntN(45)) * time.Minute
	case 2:
		window := &one.windows[y.dice.IntN(len(one.windows))]
		window.Windows = slices.Clone(window.Windows)
		for i := range window.Windows {
			window.Windows[i].From += pace.Clock(y.dice.IntN(61) - 30)
		}
	case 3:
		window := &one.windows[y.dice.IntN(len(one.windows))]
		today := pace.DateOf(y.clock().In(window.Zone))
		window.Holidays.Add = append(slices.Clone(window.Holidays.Add), today.Add(y.dice.IntN(20)))
	case 4:
		zones := []*time.Location{y.boxes[0].Account.Hours.Zone, y.boxes[1].Account.Hours.Zone}
		b.Account.Hours.Zone = zones[y.dice.IntN(2)]
		y.recount(b)
	}
	y.edited()
}
