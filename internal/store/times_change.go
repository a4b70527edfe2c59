package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// timesChange is what a transaction has changed of the times at which messages may leave.
type timesChange struct {
	// calendar is true when the holidays or the zone of the workspace are others, zone when
	// the zone is.
	calendar, zone bool
	// accounts are those with another pace, reordered those of them with another order, limited those that limited nothing before.
	accounts, reordered, limited []string
	// campaigns are those with another window, or another sender, or that go on; moved those
	// with another sender, zoned those whose window goes by the recipients' zones since.
	campaigns, moved, zoned []string
}

func (c timesChange) none() bool {
	return !c.calendar && len(c.accounts) == 0 && len(c.campaigns) == 0
}

// take has the change reach those who wait in line: the giver of turns looks again at once,
// and nobody's timer is moved. It comes after every other lock of the transaction:
// account_pace by address, then line (law 8).
func (c timesChange) take(ctx context.Context, tx pgx.Tx) error {
	// A row is made with what the ledger says, before anything is sent at the new pace.
	if _, err := tx.Exec(ctx, `
		INSERT INTO account_pace (address) SELECT address FROM email_accounts WHERE address = ANY ($1) AND pace <> '{}'
		 UNION SELECT unnest(senders || coalesce(sender, '')) FROM campaigns WHERE key = ANY ($2) ORDER BY 1
		    ON CONFLICT DO NOTHING`, c.accounts, c.moved); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT p.address, a.pace FROM account_pace p LEFT JOIN email_accounts a ON a.address = p.address
		 WHERE $1 OR p.address = ANY ($2)
		    OR p.address IN (SELECT account FROM line WHERE campaign = ANY ($3)) OR p.address IN (SELECT unnest(senders || coalesce(sender, '')) FROM campaigns WHERE key = ANY ($3))
		 ORDER BY p.address FOR UPDATE OF p`, c.calendar, c.accounts, c.campaigns)
	if err != nil {
		return err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		Address string
		Pace    *pace.AccountRules
	}])
	if err != nil {
		return err
	}
	calendar, err := readCalendar(ctx, tx)
	if err != nil {
		return err
	}
	addresses := make([]string, len(locked))
	for i, row := range locked {
		addresses[i] = row.Address
		if row.Pace == nil || !slices.Contains(c.accounts, row.Address) && (!c.zone || row.Pace.Zone != "") {
			continue
		}
		account, err := row.Pace.Account(calendar)
		if err != nil {
			return err
		}
		if slices.Contains(c.limited, row.Address) {
			// What passes its gate until this is committed is seen by those who count after it: the next
			// claim, under the row's lock (law 8).
			err = countAnew(ctx, tx, row.Address)
		} else {
			_, err = rebuildSpent(ctx, tx, row.Address, account)
		}
		if err != nil {
			return err
		}
	}
	for _, key := range c.moved {
		of, err := readCampaign(ctx, tx, key, "")
		if err != nil {
			return err
		}
		if err := changeLine(ctx, tx, of); err != nil {
			return err
		}
	}
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE account_pace SET look_at = NULL WHERE address = ANY ($1) AND look_at IS NOT NULL`, []any{addresses}},
		{`UPDATE line SET state = 'waiting', not_before = NULL WHERE state = 'asleep' AND ($1 OR campaign = ANY ($2))`, []any{c.calendar, c.campaigns}},
		{`UPDATE line l SET band = CASE WHEN a.pace->>'order' = 'fifo'
		         OR EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = l.enrollment_id AND d.visit > ` + visitBaseSQL("l.enrollment_id") + ` AND d.kind = 'email' AND d.state = 'sent') THEN 1 ELSE 2 END
		    FROM email_accounts a WHERE a.address = l.account AND NOT l.unbound AND (l.account = ANY ($1) OR l.campaign = ANY ($2))`, []any{c.reordered, c.moved}},
		{`UPDATE line l SET band = ` + unboundBand(`c.senders`) + ` FROM campaigns c WHERE c.key = l.campaign AND l.unbound AND (c.senders && $1 OR l.campaign = ANY ($2))`,
			[]any{c.reordered, c.moved}},
	} {
		if _, err := tx.Exec(ctx, statement.sql, statement.args...); err != nil {
			return err
		}
	}
	if len(c.zoned) == 0 {
		return nil
	}
	return zoneLine(ctx, tx, `l.campaign = ANY ($1)`, c.zoned)
}
