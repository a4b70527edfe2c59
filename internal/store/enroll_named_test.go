package store

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// enrollments are what takes ids of contacts that an operator has named.
func enrollments(b *ledgerBundle) map[string]func(ids []int64) (Enrolled, error) {
	rate := campaign.Rate(60)
	return map[string]func(ids []int64) (Enrolled, error){
		"enroll": func(ids []int64) (Enrolled, error) {
			return b.EnrollAt(b.ctx, "q4", ids, "maya", BatchOptions{Rate: &rate})
		},
		"again": func(ids []int64) (Enrolled, error) {
			result, _, err := b.EnrollAgain(b.ctx, "q4", ids, "maya", BatchOptions{})
			return result, err
		},
	}
}

// begun is a transaction that does not outlive the test.
func (b *ledgerBundle) begun() pgx.Tx {
	b.t.Helper()
	tx, err := b.pool.Begin(b.ctx)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// A contact that is being deleted when it is named is unknown once it is gone: the whole is
// refused, and nobody is left out in silence.
func TestAContactIsDeletedWhileItIsNamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"enroll", "again"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1)
			b.done(1)
			b.exec(`INSERT INTO contacts (first_name, email) SELECT 'D', 'd' || i || '@contoso.example' FROM generate_series(2, 3) AS i`)
			deleter := b.begun()
			_, err := deleter.Exec(b.ctx, `DELETE FROM contacts WHERE id = 3`)
			require.NoError(t, err)
			failed := make(chan error, 1)
			go func() {
				_, err := enrollments(b)[name]([]int64{1, 2, 3})
				failed <- err
			}()
			b.awaitLockWait()
			require.NoError(t, deleter.Commit(b.ctx))
			err = <-failed
			require.ErrorIs(t, err, ErrNotFound)
			require.ErrorContains(t, err, "3")
			require.Equal(t, 1, one[int](b, `SELECT count(*) FROM enrollments`))
			require.Equal(t, campaign.Completed, b.status(1), "nobody is taken")
		})
	}
}

// A contact that was found is there until it is enrolled.
func TestANamedContactIsKept(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"enroll", "again"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1)
			b.done(1)
			b.exec(`INSERT INTO contacts (first_name, email) VALUES ('D', 'd2@contoso.example')`)
			between := b.begun()
			_, err := between.Exec(b.ctx, `LOCK TABLE outbox IN EXCLUSIVE MODE`) // both write there when they have looked
			require.NoError(t, err)
			done := make(chan error, 1)
			go func() {
				_, err := enrollments(b)[name]([]int64{1, 2})
				done <- err
			}()
			b.awaitLockWait()
			_, err = b.pool.Exec(b.ctx, `SET LOCAL lock_timeout = '50ms'; DELETE FROM contacts WHERE id = 2`)
			var waits *pgconn.PgError
			require.ErrorAs(t, err, &waits, "it is deleted between the look and what follows")
			require.Equal(t, "55P03", waits.Code)
			require.NoError(t, between.Commit(b.ctx))
			require.NoError(t, <-done)
			require.Equal(t, map[string]int{"enroll": 2, "again": 1}[name], one[int](b, `SELECT count(*) FROM enrollments`))
		})
	}
}

// A dry run takes nothing, and says the same of an id that no contact has.
func TestADryRunKeepsNobody(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	holder := b.begun()
	_, err := holder.Exec(b.ctx, `SELECT FROM contacts FOR UPDATE`)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(b.ctx, waitFor)
	defer cancel()
	would, err := b.EnrollAt(ctx, "q4", []int64{1, 2, 2}, "maya", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 2, would.Already)
	_, err = b.EnrollAt(ctx, "q4", []int64{1, 9}, "maya", BatchOptions{DryRun: true})
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, holder.Rollback(b.ctx))
}
