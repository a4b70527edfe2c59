package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// Holidays of five weeks are waited for (law 7), as apply takes them; what meets at the change of a clock alone is an error.
func TestALongHolidayIsNoError(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 20, 10, 0, 0, 0, time.UTC)
	var closed []pace.Date
	for i := range 35 {
		closed = append(closed, pace.DateOf(now).Add(i))
	}
	windows := func(text string) []pace.Window {
		parsed, err := pace.ParseWindows(text)
		require.NoError(t, err)
		return parsed
	}
	facts := campaign.Facts{
		Now:      now,
		Calendar: pace.Calendar{Zone: "Europe/Brussels", Holidays: pace.Holidays{Add: closed}},
		Campaign: campaign.Campaign{Key: "summer", Window: pace.CampaignRules{Windows: windows("mon-fri 09:00-17:00")}},
		Account:  &campaign.EmailAccount{Address: "maya@northwind.example", Pace: pace.AccountRules{Gap: time.Minute}},
	}
	finding := campaign.CheckTurn(facts)
	require.Nil(t, finding.Problem)
	require.NotNil(t, finding.Place)
	require.Equal(t, "2026-08-24T07:00:00Z", finding.Place.NotBefore.UTC().Format(time.RFC3339), "nine o'clock on the Monday after")

	facts.Calendar.Holidays = pace.Holidays{}
	facts.Campaign.Window = pace.CampaignRules{Windows: windows("09:00-10:00"), Zone: "America/New_York"}
	facts.Account.Pace = pace.AccountRules{Hours: windows("14:00-15:00")} // but for the weeks in which one clock has changed, New York's window is 15:00 to 16:00 here
	finding = campaign.CheckTurn(facts)
	require.NotNil(t, finding.Problem)
	require.Equal(t, failure.NoCommonSendingTime, finding.Problem.Code)
}
