package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// The example of the field: a limit of 400, on the sixth day of a ramp, in eight hours.
func TestWaterfall(t *testing.T) {
	t.Parallel()
	brussels := zone(t, "Europe/Brussels")
	now := at(t, brussels, "2026-11-04 11:00 +0100")
	sender := pace.Sender{
		Address: "maya@northwind.example", Seq: 341,
		Account: pace.Account{Gap: 80 * time.Second, Jitter: 20 * time.Second, PerDay: 400, Ramp: pace.Ramp{Start: 10, Add: 10}, Hours: office(t, "Europe/Brussels")},
		Spent:   pace.Spent{Day: pace.DateOf(now), Count: 41, SendingDay: 5},
	}
	got := sender.Today(now)
	require.Equal(t, 8*time.Hour, got.Open)
	require.Equal(t, 90*time.Second, got.Each)
	require.Equal(t, 5, got.SendingDay)
	require.Equal(t, []pace.Row{{pace.DayLimit, 400, 400}, {pace.RampLimit, 60, 60}, {pace.OpenTime, 320, 60}, {pace.Sent, 41, 19}, {pace.TimeLeft, got.Rows[4].Number, 19}}, got.Rows)
	require.InDelta(t, 240, got.Rows[4].Number, 3, "six hours at 90 s")
	require.Equal(t, 19, got.Left)
	require.Equal(t, pace.RampLimit, got.Bottleneck)

	evening := sender.Today(at(t, brussels, "2026-11-04 16:55 +0100"))
	require.Equal(t, pace.TimeLeft, evening.Bottleneck)
	require.InDelta(t, 4, evening.Left, 1)

	broken := sender
	broken.InError = true
	require.Equal(t, pace.AccountInError, broken.Today(now).Bottleneck)
	require.Zero(t, broken.Today(now).Left)

	resting := sender
	resting.Rests = now.Add(48 * time.Hour)
	require.Equal(t, pace.AccountRests, resting.Today(now).Bottleneck)
	require.Zero(t, resting.Today(now).Left)

	free := pace.Sender{Account: pace.Account{Hours: always(brussels)}}
	require.False(t, free.Today(now).Limited)
	require.Empty(t, free.Today(now).Rows)
	require.True(t, free.Today(at(t, brussels, "2026-11-04 18:00 +0100"), office(t, "Europe/Brussels")).Limited, "its campaign is closed for today")

	window := office(t, "Europe/Brussels")
	window.Windows[0].To = clock(t, "09:10")
	short := pace.Sender{Account: pace.Account{Gap: 5 * time.Minute, PerDay: 400, Hours: always(brussels)}}
	few := short.Today(at(t, brussels, "2026-11-04 08:00 +0100"), window)
	require.Equal(t, 2, few.Left, "09:00 and 09:05")
	require.Equal(t, pace.OpenTime, few.Bottleneck)
}

// What remains is what leaves: the walk's own count of a long line up to midnight.
func TestTheWaterfallAddsUpAndIsWhatTheWalkSends(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Europe/Brussels"), zone(t, "America/New_York"), zone(t, "Asia/Tokyo")}
	limited := map[pace.Limit]int{}
	for seed := range uint64(120) {
		dice := rand.New(rand.NewPCG(seed, 25))
		now := time.Date(2026, 1+time.Month(dice.IntN(12)), 1+dice.IntN(28), dice.IntN(24), dice.IntN(60), 0, 0, time.UTC)
		sender := someSender(dice, zones, now, 0)
		line := pace.Line{Campaigns: [][]pace.Step{{{}}}}
		for range 1 + dice.IntN(3) {
			line.Windows = append(line.Windows, pace.Hours{Zone: zones[dice.IntN(4)], Windows: []pace.Window{someWindow(dice), someWindow(dice)}})
		}
		got := sender.Today(now, line.Windows...)
		for i := range 1200 {
			line.Waiting = append(line.Waiting, pace.Waiting{Window: i % len(line.Windows), Seq: int64(i), Band: 2})
		}
		walked := pace.Walk(now, now.AddDate(0, 0, 1), line, sender)
		leave := 0
		for _, day := range walked.Days[0] {
			if day.Date == got.Date {
				leave = day.First
			}
		}
		if !got.Limited {
			require.NotZero(t, leave, "seed %d", seed)
			continue
		}
		if got.Left < 300 { // of each window there are enough
			require.Equal(t, got.Left, leave, "seed %d: %+v", seed, got)
		}
		limited[got.Bottleneck]++
		left := -1
		for _, row := range got.Rows {
			switch {
			case row.Limit == pace.Sent:
				left = max(0, left-row.Number)
			case left < 0 || row.Number < left:
				left = row.Number
			}
			require.Equal(t, left, row.Left, "seed %d: %+v", seed, got)
		}
		if got.Bottleneck != pace.AccountInError {
			require.Equal(t, left, got.Left, "seed %d", seed)
		}
	}
	for _, limit := range []pace.Limit{pace.DayLimit, pace.RampLimit, pace.OpenTime, pace.TimeLeft, pace.AccountInError, pace.AccountRests} {
		require.NotZero(t, limited[limit], "%s has been the bottleneck: %v", limit, limited)
	}
}
