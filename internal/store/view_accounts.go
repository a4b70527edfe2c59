package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// AccountWait is how many contacts are in error of one code because of an email account.
type AccountWait struct {
	Cause failure.Cause
	Code  failure.Code
	Count int
}

// AccountWaits counts the contacts in error because of email accounts: from the tally,
// so that it costs the same however many they are.
func (s *Store) AccountWaits(ctx context.Context) ([]AccountWait, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT cause, code, sum(n)::bigint AS count FROM tally
		 WHERE status = 'InError' AND cause LIKE 'email\_account:%' GROUP BY 1, 2 HAVING sum(n) > 0 ORDER BY 3 DESC, 2, 1`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[AccountWait])
}

// BrokenAccounts are the email accounts that are in error: the names of a few of them,
// those first for which the most wait, how many there are, and how many wait for all.
type BrokenAccounts struct {
	Few            []string
	Total, Waiting int
}

// BrokenAccounts is asked for with every page, and is quick.
func (s *Store) BrokenAccounts(ctx context.Context, few int) (BrokenAccounts, error) {
	var b BrokenAccounts
	err := s.pool.QueryRow(ctx, `
		WITH broken AS MATERIALIZED (SELECT address FROM email_accounts WHERE status = 'in_error'),
		waiting AS (SELECT cause, sum(n) AS n FROM tally WHERE status = 'InError' AND EXISTS (SELECT FROM broken) AND cause LIKE 'email\_account:%' GROUP BY 1)
		SELECT coalesce((array_agg(b.address ORDER BY coalesce(w.n, 0) DESC, b.address))[1:$1], '{}'), count(*), coalesce(sum(w.n), 0)::bigint
		  FROM broken b LEFT JOIN waiting w ON w.cause = 'email_account:' || b.address`, few).Scan(&b.Few, &b.Total, &b.Waiting)
	return b, err
}

// WouldPark counts the contacts that an account still has an email to send to: those are
// put in error at it when the account is removed. Contacts in error are not among them.
func (s *Store) WouldPark(ctx context.Context, address string) (int, error) {
	return wouldPark(ctx, s.pool, address)
}

func wouldPark(ctx context.Context, db querier, address string) (count int, err error) {
	rows, err := db.Query(ctx, `
		SELECT count(*) FROM campaigns c
		 CROSS JOIN LATERAL (SELECT max(i) AS i FROM jsonb_array_elements(c.steps) WITH ORDINALITY AS s (step, i) WHERE step->>'kind' = $2) AS last
		  JOIN enrollments e ON e.campaign = c.key AND e.status IN ('Active', 'Waiting', 'Paused') AND e.step_index < last.i
		 WHERE CASE WHEN c.senders = '{}' THEN c.sender = $1 ELSE coalesce(`+ownSenderSQL+`, '') = $1 END`, address, campaign.Email)
	if err != nil {
		return 0, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
}

// stillAs is a Stale when an account is not the one any more that a person has decided on:
// other settings, or more contacts that it has an email to send to.
func stillAs(ctx context.Context, tx pgx.Tx, row accountRow, seen RemovalSeen) error {
	switch {
	case seen == RemovalSeen{}:
		return nil
	case row.Epoch != seen.Epoch:
		return staleAccount(ctx, tx, row.Address, "the settings of "+row.Address+" have been changed meanwhile")
	}
	parks, err := wouldPark(ctx, tx, row.Address)
	if err != nil {
		return err
	}
	if parks > seen.Parks {
		return &Stale{Text: "more contacts are on their way with " + row.Address + " than a moment ago"}
	}
	return nil
}

// staleAccount is a Stale by who has changed an account last.
func staleAccount(ctx context.Context, tx pgx.Tx, address, text string) error {
	stale := &Stale{Text: text}
	err := tx.QueryRow(ctx, `SELECT by, at FROM activity WHERE thing = $1 AND subject = $2 ORDER BY id DESC LIMIT 1`, AnAccount, address).Scan(&stale.By, &stale.At)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return stale
}

// RemovalSeen is what somebody has seen who decides to remove an account; the zero value
// decides whatever there is.
type RemovalSeen struct {
	Epoch int64
	Parks int
}
