package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	brussels := zone(t, "Europe/Brussels")
	belgian := office(t, "Europe/Brussels")
	belgian.Holidays.Country = "BE"
	now := at(t, brussels, "2026-11-04 10:00 +0100") // a Wednesday
	day := pace.DateOf(now)
	account := pace.Account{Gap: 90 * time.Second, Jitter: 30 * time.Second, PerDay: 400, Hours: always(brussels)}
	early := account
	early.Hours.Windows = []pace.Window{{Days: pace.EveryDay, From: clock(t, "06:00"), To: clock(t, "09:00")}}
	sender := func(account pace.Account, spent pace.Spent) *pace.Sender {
		return &pace.Sender{Account: account, Spent: spent, Address: "maya@northwind.example"}
	}
	free := sender(account, pace.Spent{})
	hour := now.Add(time.Hour)
	midnight := at(t, brussels, "2026-11-05 00:00 +0100")
	never := belgian
	never.Windows = []pace.Window{{Days: pace.On(time.Wednesday)}}

	for name, c := range map[string]struct {
		now   time.Time
		facts pace.Facts
		want  []pace.Reason
	}{
		"nothing":              {now, pace.Facts{Sender: free}, nil},
		"no sender yet":        {now, pace.Facts{}, nil},
		"ended, and no more":   {now, pace.Facts{Ended: true, InError: true, Before: 3}, []pace.Reason{{Limit: pace.Ended}}},
		"in error":             {now, pace.Facts{InError: true, Sender: free}, []pace.Reason{{Limit: pace.InError}}},
		"away until a date":    {now, pace.Facts{Held: true, HeldUntil: hour}, []pace.Reason{{pace.Held, hour}}},
		"away, nobody knows":   {now, pace.Facts{Held: true}, []pace.Reason{{Limit: pace.Held}}},
		"back again":           {now, pace.Facts{Held: true, HeldUntil: now}, nil},
		"not due":              {now, pace.Facts{Due: hour}, []pace.Reason{{pace.NotDue, hour}}},
		"due":                  {now, pace.Facts{Due: now}, nil},
		"a window":             {at(t, brussels, "2026-11-04 18:00 +0100"), pace.Facts{Window: belgian}, []pace.Reason{{pace.CampaignWindow, at(t, brussels, "2026-11-05 09:00 +0100")}}},
		"a holiday":            {at(t, brussels, "2026-11-11 10:00 +0100"), pace.Facts{Window: belgian}, []pace.Reason{{pace.Holiday, at(t, brussels, "2026-11-12 09:00 +0100")}}},
		"a holiday, at night":  {at(t, brussels, "2026-11-10 20:00 +0100"), pace.Facts{Window: belgian}, []pace.Reason{{pace.CampaignWindow, at(t, brussels, "2026-11-11 09:00 +0100")}, {pace.Holiday, at(t, brussels, "2026-11-12 09:00 +0100")}}},
		"never":                {now, pace.Facts{Window: never}, []pace.Reason{{Limit: pace.CampaignWindow}}},
		"the account's hours":  {now, pace.Facts{Sender: sender(early, pace.Spent{})}, []pace.Reason{{pace.AccountHours, at(t, brussels, "2026-11-05 06:00 +0100")}}},
		"the day's limit":      {now, pace.Facts{Sender: sender(account, pace.Spent{Day: day, Count: 400})}, []pace.Reason{{pace.DayLimit, midnight}}},
		"a gap":                {now, pace.Facts{Sender: sender(account, pace.Spent{Day: day, Count: 1, Next: now.Add(time.Minute)})}, []pace.Reason{{pace.Gap, now.Add(time.Minute)}}},
		"a clock put back":     {now, pace.Facts{Sender: sender(account, pace.Spent{Day: day, Count: 1, Next: hour})}, []pace.Reason{{pace.Gap, now.Add(2 * time.Minute)}}},
		"312 are before it":    {now, pace.Facts{Sender: free, Before: 312, Expected: hour}, []pace.Reason{{pace.InLine, hour}}},
		"it is being sent":     {now, pace.Facts{Sender: free, HasTurn: true}, []pace.Reason{{Limit: pace.HasTurn}}},
		"it is tried again":    {now, pace.Facts{Sender: free, RetryAt: hour}, []pace.Reason{{pace.Retried, hour}}},
		"an account in error":  {now, pace.Facts{Sender: &pace.Sender{Account: account, InError: true}}, []pace.Reason{{Limit: pace.AccountInError}}},
		"an account that rest": {now, pace.Facts{Sender: &pace.Sender{Account: account, Rests: hour}}, []pace.Reason{{pace.AccountRests, hour}}},
		"all of it, in order": {
			at(t, brussels, "2026-11-10 20:00 +0100"),
			pace.Facts{
				InError: true, CampaignPaused: true, Held: true, Due: at(t, brussels, "2026-11-12 20:00 +0100"), Window: belgian,
				Sender: &pace.Sender{Account: early, InError: true, Rests: at(t, brussels, "2026-11-10 21:00 +0100"), Spent: pace.Spent{
					Day: pace.Date{Year: 2026, Month: 11, Day: 10}, Count: 400, Next: at(t, brussels, "2026-11-10 20:01 +0100"),
				}},
				Before: 1, HasTurn: true, RetryAt: at(t, brussels, "2026-11-10 22:00 +0100"),
			},
			[]pace.Reason{
				{Limit: pace.InError}, {Limit: pace.CampaignPaused}, {Limit: pace.Held},
				{pace.NotDue, at(t, brussels, "2026-11-12 20:00 +0100")},
				{pace.CampaignWindow, at(t, brussels, "2026-11-11 09:00 +0100")},
				{pace.Holiday, at(t, brussels, "2026-11-12 09:00 +0100")},
				{Limit: pace.AccountInError},
				{pace.AccountRests, at(t, brussels, "2026-11-10 21:00 +0100")},
				{pace.AccountHours, at(t, brussels, "2026-11-11 06:00 +0100")},
				{pace.DayLimit, at(t, brussels, "2026-11-11 00:00 +0100")},
				{pace.Gap, at(t, brussels, "2026-11-10 20:01 +0100")},
				{Limit: pace.InLine}, {Limit: pace.HasTurn},
				{pace.Retried, at(t, brussels, "2026-11-10 22:00 +0100")},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.facts.Window.Zone == nil {
				c.facts.Window = always(brussels)
			}
			require.Equal(t, plain(c.want), plain(pace.Why(c.now, c.facts)))
		})
	}
}

// plain are reasons as text: instants of any zone.
func plain(reasons []pace.Reason) []string {
	var lines []string
	for _, reason := range reasons {
		until := "nobody knows"
		if !reason.Until.IsZero() {
			until = reason.Until.UTC().Format(time.RFC3339)
		}
		lines = append(lines, string(reason.Limit)+" until "+until)
	}
	return lines
}
