package operator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/pace"
)

// A dry run says when the new ones would be mailed, and what they do to the others.
func TestWouldEnroll(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	b.inTurns(pace.AccountRules{PerDay: 2, Order: pace.FIFO})
	b.spentToday(2)
	midnight := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps, paused) SELECT 'q5', 'Q5', owner, sender, steps, true FROM campaigns`)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 6`)

	got, err := b.WouldEnroll(b.ctx, "q5", nil, How{})
	require.NoError(t, err)
	require.Equal(t, failure.ContactHasNoEmail, got.WouldPark[0].Code)
	forecast := got.Forecast
	require.NotNil(t, forecast)
	require.Equal(t, 5, forecast.New)
	require.Equal(t, pace.DayLimit, forecast.Limit)
	require.Zero(t, forecast.Remain)
	require.False(t, forecast.LastFirst.Before(midnight.AddDate(0, 0, 5)), "eleven first mails at two a day: %s", forecast.LastFirst)
	require.Len(t, forecast.Others, 1)
	require.Equal(t, "q4", forecast.Others[0].Campaign)
	require.True(t, forecast.Others[0].LastBefore.Before(*forecast.Others[0].LastAfter))

	alone, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, *alone.Latest, *forecast.Others[0].LastBefore, "as the forecast has it without them")
	_, err = b.db.Enroll(b.ctx, "q5", []int64{1, 2, 3, 4, 5}, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE campaigns SET paused = false`)
	q5, err := b.Forecast(b.ctx, "q5")
	require.NoError(t, err)
	require.Equal(t, *q5.LastFirst, *forecast.LastFirst, "as the forecast has it with them")
	require.Equal(t, *q5.Latest, *forecast.Last)

	got, err = b.WouldEnroll(b.ctx, "q4", nil, How{})
	require.NoError(t, err)
	require.Nil(t, got.Forecast, "all are enrolled")

	_, _, err = b.db.SetPace(b.ctx, mayas, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return pace.AccountRules{}, nil })
	require.NoError(t, err)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'q6', 'Q6', owner, sender, steps FROM campaigns WHERE key = 'q4'`)
	got, err = b.WouldEnroll(b.ctx, "q6", nil, How{})
	require.NoError(t, err)
	require.Nil(t, got.Forecast, "nothing limits it")
}

// What does not leave any more is held up most of all.
func TestHoldsUp(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		before, after pace.Reach
		heldUp        bool
	}{
		"nothing":                   {pace.Reach{Last: now, LastFirst: now}, pace.Reach{Last: now, LastFirst: now}, false},
		"a little":                  {pace.Reach{Last: now, LastFirst: now}, pace.Reach{Last: now.Add(time.Second), LastFirst: now}, false},
		"the last":                  {pace.Reach{Last: now, LastFirst: now}, pace.Reach{Last: now.Add(time.Hour), LastFirst: now}, true},
		"the last first":            {pace.Reach{Last: now, LastFirst: now}, pace.Reach{Last: now, LastFirst: now.Add(time.Hour)}, true},
		"the last, for ever":        {pace.Reach{Last: now, LastFirst: now}, pace.Reach{LastFirst: now}, true},
		"the last first, for ever":  {pace.Reach{Last: now, LastFirst: now}, pace.Reach{Last: now}, true},
		"what did not leave before": {pace.Reach{}, pace.Reach{}, false},
		"its follow-ups":            {pace.Reach{Last: now}, pace.Reach{Last: now, Late: time.Hour}, true},
	} {
		out := EnrollForecast{}
		out.holdsUp("spring", c.before, c.after)
		require.Len(t, out.Others, map[bool]int{true: 1}[c.heldUp], name)
	}
}

// The last first email is that of the new ones, also where people who were enrolled before are mailed after them; and of
// several senders the limits of all count.
func TestTheLastFirstEmailIsOfTheNew(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	b.exec(`DELETE FROM enrollments WHERE contact_id > 5`)
	b.inTurns(pace.AccountRules{Gap: time.Minute})
	b.exec(`UPDATE account_pace SET next_at = NULL`)
	b.exec(`DELETE FROM line`)
	later := time.Now().AddDate(0, 0, 9).UTC().Truncate(time.Second)
	b.exec(`UPDATE enrollments SET status = 'Waiting', started_at = NULL, next_at = $1`, later)
	got, err := b.WouldEnroll(b.ctx, "q4", nil, How{})
	require.NoError(t, err)
	require.Equal(t, 1, got.Forecast.New)
	require.WithinDuration(t, time.Now(), *got.Forecast.LastFirst, time.Hour)
	require.Empty(t, got.Forecast.Limit)
	require.True(t, got.Forecast.Last.After(later), "the campaign's last is everybody's")

	b.exec(`INSERT INTO email_accounts (address, host, port, tls, pace) VALUES ('tom@northwind.example', 'smtp.northwind.example', 587, 'starttls', '{"perDay": 1}')`)
	b.exec(`UPDATE email_accounts SET status = 'in_error' WHERE address = $1`, mayas)
	b.exec(`UPDATE campaigns SET senders = ARRAY[$1, 'tom@northwind.example']`, mayas)
	b.exec(`DELETE FROM enrollments`)
	got, err = b.WouldEnroll(b.ctx, "q4", nil, How{})
	require.NoError(t, err)
	require.Equal(t, pace.DayLimit, got.Forecast.Limit)
}

// Who could never be sent anything is counted before anything is started.
func TestWouldEnrollCountsThoseWithoutACommonTime(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.exec(`UPDATE contacts SET fields = '{"Country": "Japan"}' WHERE id < 3`)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps, send_window) SELECT 'q5', 'Q5', owner, sender, steps, $1 FROM campaigns`,
		pace.CampaignRules{Windows: windows(t, "09:00-17:00"), Zone: pace.RecipientZone})
	_, _, err := b.db.SetPace(b.ctx, mayas, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) {
		return pace.AccountRules{Gap: time.Minute, Hours: windows(t, "12:00-14:00")}, nil
	})
	require.NoError(t, err)
	got, err := b.WouldEnroll(b.ctx, "q5", nil, How{})
	require.NoError(t, err)
	require.Len(t, got.WouldPark, 1)
	require.Equal(t, failure.NoCommonSendingTime, got.WouldPark[0].Code)
	require.Equal(t, 2, got.WouldPark[0].Count)
	require.Equal(t, 1, got.Forecast.New)
}
