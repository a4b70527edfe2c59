package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// A bounce of one spelling counts for all, whichever release has stored them.
func TestABounceCountsForEverySpelling(t *testing.T) {
	t.Parallel()
	all := campaign.Spellings("jösé@münchen.example")
	require.Len(t, all, 6)
	b := setupLedger(t, len(all))
	for i, spelling := range all {
		b.exec(`UPDATE contacts SET email = $2 WHERE id = $1`, i+1, spelling)
	}
	for _, bounced := range all {
		b.exec(`INSERT INTO bounces (address, reason) VALUES ($1, 'gone')`, bounced)
		for i, spelling := range all {
			facts, err := b.Facts(b.ctx, b.attempt(int64(i+1)))
			require.NoError(t, err)
			require.True(t, facts.Bounced, "%s has bounced, and %s is mailed", bounced, spelling)
			require.Equal(t, "gone", facts.BounceReason)
			held, err := b.Hold(b.ctx, b.attempt(int64(i+1)), func(facts campaign.Facts) campaign.Finding {
				return campaign.CheckEmail(facts, func() error { return nil })
			})
			require.NoError(t, err)
			require.Equal(t, failure.EmailAlreadyBounced, held.Parked.Problem.Code)
		}
		change, err := b.RemoveBounce(b.ctx, "JÖSÉ@xn--mnchen-3ya.example", "test")
		require.NoError(t, err)
		require.Equal(t, len(all), change.Resuming, "everyone who was parked on it is woken (law 3)")
		b.exec(`DELETE FROM parked_on`)
		b.exec(`UPDATE enrollments SET status = 'Active', park_seq = NULL, parked_at = NULL, code = NULL, detail = NULL, cause = NULL, attempts = NULL`)
	}
}
