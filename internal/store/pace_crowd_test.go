package store

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Of a crowd that finds an account free at the same moment, one claims (law 8). Nobody of
// them stands in the line yet: only the lock of the account's pace is between them.
func TestOfACrowdOneClaims(t *testing.T) {
	t.Parallel()
	const crowd = 20
	b := setupLedger(t, crowd)
	for round := range 5 {
		b.exec(`DELETE FROM deliveries`)
		b.exec(`DELETE FROM line`)
		b.exec(`DELETE FROM account_pace`)
		b.setPace(pace.AccountRules{Gap: time.Hour, PerDay: 10 + round})
		var claimed atomic.Int64
		var everybody errgroup.Group
		start := make(chan struct{})
		for id := range int64(crowd) {
			everybody.Go(func() error {
				timed := draft("c@contoso.example")
				timed.Timed = true
				<-start
				_, err := b.Claim(b.ctx, b.attempt(id+1), timed)
				if errors.Is(err, campaign.ErrNoTurn) {
					return nil
				}
				claimed.Add(1)
				return err
			})
		}
		close(start)
		require.NoError(t, everybody.Wait())
		require.EqualValues(t, 1, claimed.Load(), "law 8: the account has one turn")
	}
}
