package operator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A send debits a credit while an operator moves to the credit plan without
// naming a number: the debit stays.
func TestMovingToCreditsKeepsADebitUnderWay(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	b.exec(`UPDATE plan SET unlimited = false, credits = 3`)
	send, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = send.Exec(b.ctx, `UPDATE plan SET credits = credits - 1`)
	require.NoError(t, err)
	set := make(chan error, 1)
	go func() {
		_, err := b.SetPlan(b.ctx, false, nil)
		set <- err
	}()
	require.Eventually(t, func() bool {
		return one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, waitFor, testTick, "it waits for the send")
	require.NoError(t, send.Commit(b.ctx))
	require.NoError(t, <-set)
	plan, err := b.Plan(b.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, plan.Credits)

	_, err = b.AddCredits(b.ctx, 0)
	require.EqualError(t, err, `"0" is not a number of credits; expected 1 or more`)
	_, err = ParseCredits("9999999999999", 0)
	require.Error(t, err)
}
