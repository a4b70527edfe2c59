package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func always(zone *time.Location) pace.Hours { return pace.Hours{Zone: zone} }

func TestWhen(t *testing.T) {
	t.Parallel()
	brussels := zone(t, "Europe/Brussels")
	day := pace.Date{Year: 2026, Month: 11, Day: 4}
	account := pace.Account{Gap: 90 * time.Second, Jitter: 30 * time.Second, PerDay: 400, Hours: always(brussels)}
	early := account
	early.Hours = pace.Hours{Zone: brussels, Windows: []pace.Window{{Days: pace.EveryDay, From: clock(t, "08:00"), To: clock(t, "12:00")}}}
	ramp := account
	ramp.Ramp = pace.Ramp{Start: 20, Add: 10}
	afternoon := pace.Hours{Zone: brussels, Windows: []pace.Window{{Days: pace.EveryDay, From: clock(t, "13:00"), To: clock(t, "14:00")}}}
	for name, c := range map[string]struct {
		account pace.Account
		window  pace.Hours
		spent   pace.Spent
		now     string
		want    string
		limits  []pace.Limit
	}{
		"nothing sent yet":             {account, always(brussels), pace.Spent{}, "2026-11-04 10:00 +0100", "2026-11-04 10:00 +0100", nil},
		"a gap":                        {account, always(brussels), pace.Spent{Next: at(t, brussels, "2026-11-04 10:01 +0100"), Day: day, Count: 1}, "2026-11-04 10:00 +0100", "2026-11-04 10:01 +0100", []pace.Limit{pace.Gap}},
		"a clock that was put back":    {account, always(brussels), pace.Spent{Next: at(t, brussels, "2026-11-04 11:00 +0100"), Day: day, Count: 1}, "2026-11-04 10:00 +0100", "2026-11-04 10:02 +0100", []pace.Limit{pace.Gap}},
		"the day's limit":              {account, always(brussels), pace.Spent{Day: day, Count: 400}, "2026-11-04 10:00 +0100", "2026-11-05 00:00 +0100", []pace.Limit{pace.DayLimit}},
		"a limit that was lowered":     {account, always(brussels), pace.Spent{Day: day, Count: 900}, "2026-11-04 10:00 +0100", "2026-11-05 00:00 +0100", []pace.Limit{pace.DayLimit}},
		"the limit, and then a window": {account, office(t, "Europe/Brussels"), pace.Spent{Day: day, Count: 400}, "2026-11-04 10:00 +0100", "2026-11-05 09:00 +0100", []pace.Limit{pace.DayLimit, pace.CampaignWindow}},
		"hours, and then a window":     {early, office(t, "Europe/Brussels"), pace.Spent{}, "2026-11-04 13:00 +0100", "2026-11-05 09:00 +0100", []pace.Limit{pace.AccountHours, pace.CampaignWindow}},
		"the first day of a ramp":      {ramp, always(brussels), pace.Spent{Day: day, Count: 19}, "2026-11-04 10:00 +0100", "2026-11-04 10:00 +0100", nil},
		"the first day's end":          {ramp, always(brussels), pace.Spent{Day: day, Count: 20}, "2026-11-04 10:00 +0100", "2026-11-05 00:00 +0100", []pace.Limit{pace.DayLimit}},
		"the sixth day of a ramp":      {ramp, always(brussels), pace.Spent{Day: day, Count: 70, SendingDay: 5}, "2026-11-04 10:00 +0100", "2026-11-05 00:00 +0100", []pace.Limit{pace.DayLimit}},
		"a ramp that is through":       {ramp, always(brussels), pace.Spent{Day: day, Count: 399, SendingDay: 90}, "2026-11-04 10:00 +0100", "2026-11-04 10:00 +0100", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reasons, err := c.account.When(at(t, brussels, c.now), c.window, c.spent)
			require.NoError(t, err)
			require.Equal(t, at(t, brussels, c.want).Format(time.RFC3339), got.In(brussels).Format(time.RFC3339))
			var limits []pace.Limit
			for _, reason := range reasons {
				limits = append(limits, reason.Limit)
			}
			require.Equal(t, c.limits, limits)
		})
	}
	_, _, err := early.When(at(t, brussels, "2026-11-04 10:00 +0100"), afternoon, pace.Spent{})
	require.ErrorIs(t, err, pace.ErrNever)
}

// Law 8 by simulation: a year of mails, each as soon as the account may send it, with looks
// in between that must change nothing.
func TestAYearWithinItsLimits(t *testing.T) {
	t.Parallel()
	newYork := zone(t, "America/New_York")
	account := pace.Account{
		Gap: 5 * time.Minute, Jitter: 2 * time.Minute, PerDay: 60, Ramp: pace.Ramp{Start: 5, Add: 5},
		Hours: pace.Hours{Zone: newYork, Holidays: pace.Holidays{Country: "US"}, Windows: []pace.Window{{Days: pace.Weekdays | pace.On(time.Saturday), From: clock(t, "08:00"), To: clock(t, "18:00")}}},
	}
	window := office(t, "Europe/Brussels")
	dice := rand.New(rand.NewPCG(8, 8))
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var spent pace.Spent
	var last time.Time
	perDay := map[pace.Date]int{}
	for seq := int64(1); now.Year() == 2026; seq++ {
		at, _, err := account.When(now, window, spent)
		require.NoError(t, err)
		for range 3 { // looks on the way
			between := now.Add(time.Duration(dice.Int64N(int64(at.Sub(now)) + 1)))
			again, _, err := account.When(between, window, spent)
			require.NoError(t, err)
			require.True(t, again.Equal(at), "shown %s, then %s", at, again)
		}
		require.True(t, window.Open(at) && account.Hours.Open(at), at)
		require.True(t, last.IsZero() || at.Sub(last) >= account.Gap, "%s after %s", at, last)
		spent, last = account.After(spent, at, "maya@northwind.example", seq), at
		perDay[pace.DateOf(at.In(newYork))]++
		now = at.Add(time.Duration(dice.IntN(200)) * time.Second)
	}
	days := 0
	for day, count := range perDay {
		limit, limited := account.Limit(spent.SendingDay)
		require.True(t, limited)
		require.LessOrEqual(t, count, limit, day)
		days++
	}
	require.Greater(t, days, 200)
}

// Jitter only adds, is the same at every look, and is spread over its whole.
func TestJitter(t *testing.T) {
	t.Parallel()
	account := pace.Account{Gap: time.Minute, Jitter: time.Minute, Hours: always(time.UTC)}
	sent := time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)
	var least, most, sum time.Duration = time.Hour, 0, 0
	const many = 1000
	for seq := range int64(many) {
		pause := account.After(pace.Spent{}, sent, "maya@northwind.example", seq).Next.Sub(sent)
		require.Equal(t, pause, account.After(pace.Spent{}, sent, "maya@northwind.example", seq).Next.Sub(sent))
		least, most, sum = min(least, pause), max(most, pause), sum+pause
	}
	require.GreaterOrEqual(t, least, time.Minute)
	require.Less(t, most, 2*time.Minute)
	require.InDelta(t, 90, (sum / many).Seconds(), 3)
}

func TestAnAccountThatLimitsNothingIsFree(t *testing.T) {
	t.Parallel()
	require.True(t, pace.Account{Hours: always(time.UTC)}.Free())
	require.False(t, pace.Account{Hours: always(time.UTC), PerDay: 1}.Free())
	require.False(t, pace.Account{Hours: pace.Hours{Zone: time.UTC, Holidays: pace.Holidays{Country: "BE"}}}.Free())
}
