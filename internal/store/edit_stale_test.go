package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// A worker that was taken for dead and lives has the enrollment go on after an edit, while its
// workflow waits in the line, for the signal of that edit and for nothing else: the signal still
// comes (law 3).
func TestAStaleAttemptTakesNobodysSignalOfAnEdit(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.pace(`{"gap": 3600000000000}`)
	b.exec(`INSERT INTO account_pace (address, next_at) VALUES ('maya@northwind.example', now() + interval '1 hour')`)
	b.exec(`UPDATE enrollments SET started_at = now(), follows = true`)
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(t, err)
	attempt := b.attempt(1)
	attempt.Follows, attempt.Version, attempt.Kind = true, of.Version, campaign.Email
	held, err := b.Hold(b.ctx, attempt, emailCheck)
	require.NoError(t, err)
	require.True(t, held.InLine)

	of.Steps = append([]campaign.Step{{ID: "extra", Kind: campaign.Email, Subject: "Before", Body: "Hello"}}, of.Steps...)
	_, err = b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "maya", false)
	require.NoError(t, err)
	signalled := func() (ids []int64) {
		entries, err := b.OpenEntries(b.ctx)
		require.NoError(t, err)
		for _, entry := range entries {
			if entry.Kind == campaign.OutboxEdit {
				targets, err := b.Targets(b.ctx, entry, 10)
				require.NoError(t, err)
				for _, target := range targets {
					ids = append(ids, target.EnrollmentID)
				}
			}
		}
		return ids
	}
	require.Equal(t, []int64{1}, signalled())
	next, moved, err := b.GoOn(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, "extra", next.StepID)
	require.Equal(t, []int64{1}, signalled(), "its workflow waits for it")

	// It looks from where it waited, and goes on to where its row stands.
	again, moved, err := b.GoOn(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, next.StepIndex, again.StepIndex)
}
