package pace

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Where a clock is steady its edges are reckoned without asking it: they are those that it shows, on
// every date from before Apia's lost day on, also around each change.
func TestEdgesWhileAClockIsSteady(t *testing.T) {
	t.Parallel()
	windows := []Window{{Days: EveryDay, From: 0, To: EndOfDay}, {Days: EveryDay, From: 2*60 + 30, To: 17 * 60}, {Days: EveryDay, From: 23 * 60, To: 4 * 60}}
	reckoned, asked := 0, 0
	for _, name := range []string{
		"UTC", "Europe/Brussels", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu",
		"Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Niue",
	} {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		hours, never := Hours{Windows: windows, Zone: zone}, &steady{}
		for date := (Date{2011, time.November, 1}); date.Year < 2031; date = date.Add(1) {
			clock := steadyAt(date.naive(0), zone)
			if begins := date.naive(0).Unix(); !clock.has(begins-aroundDate) || !clock.has(begins+aroundDate) {
				asked++
				continue
			}
			reckoned++
			fast, slow := slices.Collect(hours.edges(date, clock)), slices.Collect(hours.edges(date, never))
			require.True(t, slices.EqualFunc(slow, fast, time.Time.Equal), "%s %s: %v, not %v", name, date, fast, slow)
		}
	}
	require.Greater(t, reckoned, 100_000)
	require.Greater(t, asked, 1_000)
}
