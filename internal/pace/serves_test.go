package pace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServes(t *testing.T) {
	t.Parallel()
	brussels, err := Zone("Europe/Brussels")
	require.NoError(t, err)
	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, brussels)
	today := DateOf(monday)
	hours := Hours{Zone: brussels}
	windows, err := ParseWindows("mon-fri 09:00-17:00")
	require.NoError(t, err)
	office := Hours{Zone: brussels, Windows: windows}
	for name, c := range map[string]struct {
		account Account
		spent   Spent
		days    int
		want    int
	}{
		"nothing limits it":       {Account{Hours: hours}, Spent{}, 90, Unlimited},
		"a day's limit":           {Account{Hours: hours, PerDay: 400}, Spent{}, 90, 36_000},
		"less what it has used":   {Account{Hours: hours, PerDay: 400}, Spent{Day: today, Count: 388}, 2, 412},
		"the ramp comes first":    {Account{Hours: hours, PerDay: 40, Ramp: Ramp{Start: 20, Add: 10}}, Spent{}, 4, 20 + 30 + 40 + 40},
		"a gap on days of work":   {Account{Hours: office, Gap: time.Hour}, Spent{}, 7, 5 * 8},
		"two weeks of such hours": {Account{Hours: office, Gap: time.Hour}, Spent{}, 14, 10 * 8},
		"no day":                  {Account{Hours: hours, PerDay: 400}, Spent{}, 0, 0},
	} {
		require.Equal(t, c.want, c.account.Serves(monday, c.spent, c.days), name)
	}
}

func TestUsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	account := Account{Hours: Hours{Zone: time.UTC}, PerDay: 400}
	used, limit, limited := account.Used(now, Spent{Day: DateOf(now), Count: 388})
	require.Equal(t, []any{388, 400, true}, []any{used, limit, limited})
	used, _, _ = account.Used(now, Spent{Day: DateOf(now).Add(-1), Count: 388})
	require.Zero(t, used, "that was yesterday")
	_, _, limited = Account{Hours: Hours{Zone: time.UTC}, Gap: time.Minute}.Used(now, Spent{})
	require.False(t, limited)
}

// A line is stalled only where something could have left all the time.
func TestCouldLeave(t *testing.T) {
	t.Parallel()
	always := Hours{Zone: time.UTC}
	windows, err := ParseWindows("mon-fri 09:00-17:00")
	require.NoError(t, err)
	office := Hours{Zone: time.UTC, Windows: windows}
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC) // a Monday
	account := Account{Gap: time.Minute, PerDay: 10, Hours: always}
	require.Equal(t, 3*time.Minute, account.Stalled())
	require.Equal(t, time.Minute, Account{Gap: time.Second}.Stalled())
	for name, c := range map[string]struct {
		at     time.Duration
		window Hours
		hours  Hours
		spent  Spent
		want   bool
	}{
		"open all the time":            {12 * time.Hour, office, always, Spent{}, true},
		"the window has just opened":   {9*time.Hour + time.Minute, office, always, Spent{}, false},
		"it has opened long before":    {9*time.Hour + 3*time.Minute, office, always, Spent{}, true},
		"it has just closed":           {17 * time.Hour, office, always, Spent{}, false},
		"the account's hours are over": {20 * time.Hour, always, office, Spent{}, false},
		"the day is spent":             {12 * time.Hour, always, always, Spent{Day: DateOf(day), Count: 10}, false},
		"yesterday was":                {12 * time.Hour, always, always, Spent{Day: DateOf(day).Add(-1), Count: 10}, true},
		"a day that has just begun":    {time.Minute, always, always, Spent{Day: DateOf(day).Add(-1), Count: 10}, false},
		"the gap is no matter":         {12 * time.Hour, always, always, Spent{Next: day.Add(24 * time.Hour)}, true},
	} {
		account := account
		account.Hours = c.hours
		require.Equal(t, c.want, account.CouldLeave(day.Add(c.at), account.Stalled(), c.window, c.spent), name)
	}
}
