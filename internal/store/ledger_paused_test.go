package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// A first try whose workflow task was given up lives on, and must not take away the pause that
// the next attempt has written: the workflow waits for its end, and would never hear of it (law 2).
func TestAStaleAttemptTakesNoPauseAway(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	stale := b.attempt(1)
	stale.Seen = campaign.Active
	b.exec(`UPDATE campaigns SET paused = true`)
	held, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
	require.NoError(t, err)
	require.True(t, held.Paused)
	b.exec(`UPDATE campaigns SET paused = false`)
	until := func(campaign.Facts) campaign.Finding { return campaign.Finding{Until: time.Now().Add(time.Minute)} }
	_, err = b.Hold(b.ctx, stale, until)
	require.ErrorIs(t, err, campaign.ErrSuperseded)
	require.Equal(t, campaign.Paused, b.status(1))
	fresh := b.attempt(1)
	fresh.Seen = campaign.Paused
	held, err = b.Hold(b.ctx, fresh, until)
	require.NoError(t, err)
	require.False(t, held.Until.IsZero(), "the attempt after the pause goes on")
}
