package operator_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
	"relance/internal/pace"
)

func TestForecastOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	follows := func(_, left time.Time) time.Time { return left.AddDate(0, 0, 1) }
	line := pace.Line{
		Windows:   []pace.Hours{{Zone: time.UTC}},
		Campaigns: [][]pace.Step{{{}, {Due: follows, Lost: 1}}},
		Waiting:   []pace.Waiting{{Band: 2, Seq: 1, Count: 5}},
	}
	maya := pace.Sender{Address: "maya@northwind.example", Account: pace.Account{PerDay: 2, Hours: pace.Hours{Zone: time.UTC}}}
	free := pace.Sender{Address: "tom@northwind.example", Account: pace.Account{Hours: pace.Hours{Zone: time.UTC}}}
	got := operator.ForecastOf(now, line, maya, free)
	require.Equal(t, 5, got.Senders[0].InLine)
	require.Equal(t, 2, *got.Senders[0].Today.Left)
	require.Equal(t, []pace.Row{{Limit: pace.DayLimit, Number: 2, Left: 2}, {Limit: pace.Sent, Number: 0, Left: 2}}, got.Senders[0].Today.Rows)
	require.Nil(t, got.Senders[1].Today.Left, "nothing limits it")
	most := 2
	require.Equal(t, operator.ForecastDay{Date: pace.Date{Year: 2026, Month: 11, Day: 2}, FirstMails: 2, Limit: &most, Bottleneck: pace.DayLimit}, got.Senders[0].Days[0])
	row, err := json.Marshal(got.Rows()[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"account": "maya@northwind.example", "day": "2026-11-02", "firstMails": 2, "followUps": 0, "lateSeconds": 0, "limit": 2, "bottleneck": "day_limit"}`, string(row))
	sum := 0
	for _, day := range got.Senders[0].Days {
		sum += day.FirstMails + day.FollowUps
	}
	require.Equal(t, 10, sum, "the table is of nobody who leaves")
	require.True(t, got.Likely.Before(*got.Latest))

	line.Waiting[0].Count = 50_000
	require.Greater(t, operator.ForecastOf(now, line, maya).Remain, 45_000, "two a day would take seventy years")

	encoded, err := json.Marshal(operator.ForecastOf(now, pace.Line{}, free))
	require.NoError(t, err)
	require.JSONEq(t, `{"at": "2026-11-02T08:00:00Z", "paused": 0, "remain": 0, "until": "2029-11-02T08:00:00Z", "senders": [{"account": "tom@northwind.example", "status": "", "zone": "UTC", "inLine": 0, "coming": 0, "days": [],
		"today": {"date": "2026-11-02", "sendingDay": 0, "rows": [], "openSeconds": 86400, "gapSeconds": 0}}]}`, string(encoded))
}

func TestWhyReasons(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 11, 10, 0, 0, 0, time.UTC)
	opens := time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC)
	facts := pace.Facts{InError: true, Window: pace.Hours{Zone: time.UTC, Holidays: pace.Holidays{Country: "BE"}}}
	require.Equal(t, []operator.WhyReason{
		{Reason: pace.InError, Detail: "EmailAccountInError"},
		{Reason: pace.Holiday, Until: &opens, Detail: "Wapenstilstand"},
	}, operator.WhyReasons(now, facts, map[pace.Limit]string{pace.InError: "EmailAccountInError"}))
	require.NotNil(t, operator.WhyReasons(now, pace.Facts{Window: pace.Hours{Zone: time.UTC}}, nil), "a list is never null")
}

// Every limit has a name and a text.
func TestLimitsHaveTexts(t *testing.T) {
	t.Parallel()
	for _, limit := range []pace.Limit{
		pace.Ended, pace.InError, pace.CampaignPaused, pace.Held, pace.NotDue, pace.CampaignWindow, pace.Holiday, pace.AccountInError,
		pace.AccountRests, pace.AccountHours, pace.DayLimit, pace.Gap, pace.InLine, pace.HasTurn, pace.Retried, operator.NotStarted, operator.NoMailLeft, operator.AwaitsLook,
		operator.GoesOn, operator.Looks, operator.NoWorkflow, operator.NoSender, operator.AccountRemoved, operator.Busy, operator.LetLapse,
	} {
		require.NotEmpty(t, operator.LimitText(limit), limit)
	}
	for _, limit := range []pace.Limit{
		pace.DayLimit, pace.RampLimit, pace.OpenTime, pace.Sent, pace.TimeLeft, pace.CampaignWindow, pace.AccountHours, pace.Gap, pace.AccountInError, pace.AccountRests,
	} {
		require.NotEmpty(t, operator.LimitName(limit), limit)
	}
}
