package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

func TestAStepsWait(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]campaign.Plan{
		"3d":    {Kind: campaign.Wait, Wait: 72 * time.Hour, Days: 3},
		"3bd":   {Kind: campaign.Wait, Wait: 72 * time.Hour, SendingDays: 3},
		"72h":   {Kind: campaign.Wait, Wait: 72 * time.Hour},
		"1d12h": {Kind: campaign.Wait, Wait: 36 * time.Hour},
	} {
		wait, err := pace.ParseWait(text)
		require.NoError(t, err)
		step := campaign.Step{Kind: campaign.Wait}
		step.SetWait(wait)
		plans := campaign.Plans([]campaign.Step{step, {Kind: campaign.Email}})
		require.Equal(t, want, plans[0], "Wait is what a release goes by that knows no dates")
		require.Equal(t, wait, step.Waits())
		require.Equal(t, wait, campaign.NextAfter(plans, -1).Waits())
	}
	require.Equal(t, "72h", campaign.Step{Kind: campaign.Wait, Wait: 72 * time.Hour}.Waits().String(), "as the release before has stored it")
}

func TestNextAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 26, 8, 0, 0, 0, time.UTC)
	facts := campaign.Facts{Now: now, Calendar: pace.Calendar{Zone: "Europe/Brussels", Holidays: pace.Holidays{Country: "BE"}}}
	attempt := campaign.Attempt{Next: campaign.Next{Wait: 72 * time.Hour, Days: 3}}
	require.Equal(t, now.Add(71*time.Hour), facts.NextAt(attempt).UTC(), "the workspace's zone")

	tokyo := facts
	tokyo.Campaign.Window.Zone = pace.RecipientZone
	require.Equal(t, now.Add(71*time.Hour), tokyo.NextAt(attempt).UTC(), "nothing says the recipient's")
	tokyo.Contact.Phone = "+81312345678"
	require.Equal(t, pace.Recipient{Zone: "Asia/Tokyo", By: pace.ByPhone}, tokyo.Recipient())
	require.Equal(t, now.Add(72*time.Hour), tokyo.NextAt(attempt).UTC())

	attempt.Due = now.Add(-24*time.Hour - 30*time.Minute)
	require.Equal(t, now.Add(71*time.Hour-30*time.Minute), facts.NextAt(attempt).UTC(), "from the date of the sending, at the time at which it was due")

	lost := facts // the answer was lost, and the next attempt finds the message sent
	lost.Now = now.Add(20 * time.Hour)
	lost.Delivery = &campaign.Delivery{State: campaign.Sent, WireAt: now}
	attempt.Due = time.Time{}
	require.Equal(t, now.Add(71*time.Hour), lost.NextAt(attempt).UTC())

	easter := campaign.Attempt{Next: campaign.Next{Wait: 24 * time.Hour, SendingDays: 1}}
	require.Equal(t, time.Date(2027, 3, 30, 7, 0, 0, 0, time.UTC), facts.NextAt(easter).UTC(), "Easter Monday is a holiday in Belgium")
	facts.Campaign.Window.IgnoreHolidays = true
	require.Equal(t, time.Date(2027, 3, 29, 7, 0, 0, 0, time.UTC), facts.NextAt(easter).UTC())

	require.Zero(t, facts.NextAt(campaign.Attempt{Next: campaign.Next{Wait: time.Hour}}), "a length of time counts from when the step is settled")
	require.Zero(t, facts.NextAt(campaign.Attempt{Next: campaign.Next{Completed: true}}))
	facts.Calendar.Zone = "Europe/Atlantis"
	require.Zero(t, facts.NextAt(attempt), "its window says what is wrong")
}
