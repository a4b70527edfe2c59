package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// A send debits a credit while an operator moves to the credit plan without
// naming a number: the debit stays.
func TestSetPlanKeepsADebitUnderWay(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	b.exec(`UPDATE plan SET unlimited = false, credits = 3`)
	debit, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = debit.Exec(b.ctx, `UPDATE plan SET credits = credits - 1`)
	require.NoError(t, err)
	set := make(chan error, 1)
	go func() {
		_, err := b.SetPlan(b.ctx, false, nil, "test")
		set <- err
	}()
	require.Eventually(t, func() bool {
		return one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, waitFor, tick, "SetPlan waits for the send")
	require.NoError(t, debit.Commit(b.ctx))
	require.NoError(t, <-set)
	plan, err := b.Plan(b.ctx)
	require.NoError(t, err)
	require.Equal(t, campaign.Billing{Credits: 2}, plan)

	change, err := b.SetPlan(b.ctx, false, ptr(int64(9)), "test")
	require.NoError(t, err)
	require.Equal(t, []Edit{{Field: "credits", From: "2", To: "9"}}, change.Edits)
}
