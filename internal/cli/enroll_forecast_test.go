package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/cli/print"
	"relance/internal/operator"
	"relance/internal/pace"
)

func TestEnrollForecastIsPrinted(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	late := time.Date(2027, 1, 9, 23, 0, 30, 0, time.UTC)
	last, after := first.AddDate(0, 0, 8), first.AddDate(0, 0, 10)
	forecast := operator.EnrollForecast{
		New: 900, Account: "maya@northwind.example", LastFirst: &first, Last: &after, Likely: &last, Limit: pace.DayLimit, LateSeconds: 7200, Remain: 3, Until: after,
		Others: []operator.HeldUp{{Campaign: "spring", LateAfter: 2 * 86400, LastBefore: &first, LastAfter: &last}},
	}
	require.Equal(t, []string{
		"From maya@northwind.example the last first email would leave on " + print.Moment(first) + ", which depends on: limit of the day.",
		"The last email of q4 would leave between " + print.Moment(last) + ", if as many people stop as so far, and " + print.Moment(after) + ", if nobody does; its follow-ups would be up to 2 h late.",
		"3 contacts would not have had the first email by 2026-12-11.",
		"spring would be held up: its latest follow-up from not at all to 2 days late, its last email from " + print.Moment(first) + " to " + print.Moment(last) + ".",
	}, enrollForecastLines("q4", forecast))
	forecast.Zone = "Europe/Brussels" // as forecast and why say it, also of a date that has begun there alone
	forecast.Others[0].LastAfter = &late
	lines := enrollForecastLines("q4", forecast)
	require.Contains(t, lines[0], "would leave on Tue 1 Dec 2026 10:00:00 Europe/Brussels, which")
	require.Contains(t, lines[3], "its last email from Tue 1 Dec 2026 10:00:00 Europe/Brussels to Sun 10 Jan 2027 00:00:30 Europe/Brussels.")
	for want, other := range map[string]operator.HeldUp{ // the pair that differs
		"its last first email from Tue 1 Dec 2026 10:00:00 Europe/Brussels to Wed 9 Dec 2026 10:00:00 Europe/Brussels": {LastBefore: &after, LastAfter: &after, LastFirstBefore: &first, LastFirstAfter: &last},
		"its last first email would not leave, its last email would not leave":                                         {LastBefore: &after, LastFirstBefore: &first},
	} {
		other.Campaign = "spring"
		require.Equal(t, "spring would be held up: "+want+".", heldUpText(other, "Europe/Brussels"))
	}
	require.Equal(t, []string{"None of the 900 new contacts would be mailed from maya@northwind.example: starter forecast q4"},
		enrollForecastLines("q4", operator.EnrollForecast{New: 900, Account: "maya@northwind.example"}))
	require.Equal(t, []string{"The new contact would not be mailed from maya@northwind.example: starter forecast q4"},
		enrollForecastLines("q4", operator.EnrollForecast{New: 1, Account: "maya@northwind.example"}))
}
