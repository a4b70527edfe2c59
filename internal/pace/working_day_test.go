package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func TestMorningOf(t *testing.T) {
	t.Parallel()
	brussels, err := time.LoadLocation("Europe/Brussels")
	require.NoError(t, err)
	calendar := pace.Calendar{Zone: "Europe/Brussels", Holidays: pace.Holidays{Country: "BE"}}
	for from, want := range map[string]string{
		"2026-01-10": "2026-01-12", // a Saturday: "bis einschließlich 09.01."
		"2026-01-12": "2026-01-12",
		"2026-12-25": "2026-12-28", // Christmas is a Friday
	} {
		date, err := pace.ParseDate(from)
		require.NoError(t, err)
		morning, err := calendar.MorningOf(date)
		require.NoError(t, err)
		require.Equal(t, want+" 08:00", morning.In(brussels).Format("2006-01-02 15:04"), from)
	}
}
