package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Moved is what MoveSender has done, or would do.
type Moved struct {
	// From and To are the addresses as they are stored.
	From, To string
	// ToStatus is that of To, ToReason why it is in error, ToWords who says which part of that.
	ToStatus campaign.AccountStatus
	ToReason string
	ToWords  *failure.Words
	// Contacts are those that From has mailed and that have not ended; Waking are those of
	// them that are in error because of it, and go on.
	Contacts, Waking int
	// Request is the row of the outbox that wakes them; 0 when there is none.
	Request int64
}

// MoveSender gives the contacts of a campaign that one of its senders has mailed to another
// of them, for good: their next email begins a new thread. Those in error because of the
// first go on; everybody keeps the place in line. ErrNotFound when there is no such campaign
// or account; ErrRefused when the campaign has one sender, or to is none of its senders or
// removed. With options.Confirmed a Grown when there are more; a Stale when the first account, or
// the campaign's sender, was mended since Seeing.
func (s *Store) MoveSender(ctx context.Context, key, from, to, by string, options BatchOptions) (Moved, error) {
	var moved Moved
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if moved, err = movable(ctx, tx, key, from, to); err != nil {
			return err
		}
		// Enrollments before everything else, as everywhere: no park of theirs is under way then.
		lock := ` ORDER BY e.id FOR UPDATE OF e`
		if options.DryRun {
			lock = ``
		}
		rows, err := tx.Query(ctx, `
			SELECT e.id FROM enrollments e JOIN campaigns c ON c.key = e.campaign
			 WHERE e.campaign = $1 AND e.`+runningSQL+` AND `+ownSenderSQL+` = $2`+lock, key, moved.From)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		if moved.Contacts = len(ids); len(ids) == 0 {
			return nil
		}
		if options.Confirmed > 0 && moved.Contacts > options.Confirmed {
			return &Grown{Confirmed: options.Confirmed, Now: moved.Contacts}
		}
		if rows, err = tx.Query(ctx, `
			SELECT DISTINCT e.contact_id FROM parked_on p JOIN enrollments e ON e.id = p.enrollment_id
			 WHERE p.cause = ANY ($1) AND e.id = ANY ($2) AND e.status = 'InError' ORDER BY 1`,
			[]failure.Cause{failure.EmailAccount(moved.From), failure.AccountPace(moved.From)}, ids); err != nil {
			return err
		}
		waking, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if moved.Waking = len(waking); err != nil || options.DryRun {
			return err
		}
		if err := moved.write(ctx, tx, key, by, ids, waking, options.Limit()); err != nil {
			return err
		}
		return s.fresh(ctx, tx, failure.CampaignSender(key), failure.EmailAccount(moved.From))
	})
	return moved, err
}

// movable looks whether contacts of a campaign can be moved from one account to another.
func movable(ctx context.Context, tx pgx.Tx, key, from, to string) (Moved, error) {
	of, err := readCampaign(ctx, tx, key, "")
	if err != nil {
		return Moved{}, err
	}
	if len(of.Senders) == 0 {
		return Moved{}, refusedf("campaign %s has one sender, for everybody: `starter campaign set-sender %s ADDRESS` selects another", key, key)
	}
	giver, err := readAccount(ctx, tx, from, "")
	if err != nil {
		return Moved{}, err
	}
	taker, err := readAccount(ctx, tx, to, "")
	if err != nil {
		return Moved{}, err
	}
	moved := Moved{From: giver.Address, To: taker.Address, ToStatus: taker.Status, ToReason: taker.Reason, ToWords: taker.Words.of(taker.Reason)}
	isSender := false
	for _, address := range of.Senders {
		isSender = isSender || address == taker.Address
	}
	switch {
	case giver.Address == taker.Address:
		return moved, refusedf("%s cannot be moved to itself", giver.Address)
	case !isSender:
		return moved, refusedf("%s is no sender of campaign %s; add it to its `senders` in the workspace file first", taker.Address, key)
	case taker.Status == campaign.AccountRemoved:
		return moved, refusedf("%s has been removed; add it again first", taker.Address)
	}
	return moved, nil
}

// write holds the enrollments' rows.
func (m *Moved) write(ctx context.Context, tx pgx.Tx, key, by string, ids, waking []int64, rate campaign.Rate) error {
	// Neither may the senders change under it, nor the account be removed.
	if _, err := tx.Exec(ctx, `SELECT FROM campaigns WHERE key = $1 FOR SHARE`, key); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT FROM email_accounts WHERE address = $1 FOR SHARE`, m.To); err != nil {
		return err
	}
	again, err := movable(ctx, tx, key, m.From, m.To)
	if err != nil {
		return err
	}
	m.ToStatus, m.ToReason, m.ToWords = again.ToStatus, again.ToReason, again.ToWords
	if _, err := tx.Exec(ctx, `UPDATE enrollments SET sender = $2 WHERE id = ANY ($1)`, ids, m.To); err != nil {
		return err
	}
	if len(waking) > 0 {
		if err := tx.QueryRow(ctx, `INSERT INTO outbox (kind, campaign, contacts, by, note, rate, total) VALUES ('resume', $1, $2, $3, $4, $5, $6) RETURNING id`,
			key, waking, by, "moved from "+m.From+" to "+m.To, rate, len(waking)).Scan(&m.Request); err != nil {
			return err
		}
	}
	if err := (Activity{By: by, Kind: DidMove, Thing: ACampaign, Subject: key, Fields: []string{"sender " + m.From, "sender " + m.To}, Count: m.Contacts}).write(ctx, tx); err != nil {
		return err
	}
	return moveLine(ctx, tx, ids, m.From, m.To)
}

// moveLine has those who wait for one account's turn wait for another's: each keeps its place
// by when it came. It comes after every other lock of the transaction.
func moveLine(ctx context.Context, tx pgx.Tx, ids []int64, from, to string) error {
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO account_pace (address) SELECT unnest(ARRAY[$1, $2]) ORDER BY 1 ON CONFLICT DO NOTHING`, []any{from, to}},
		{`SELECT FROM account_pace WHERE address IN ($1, $2) ORDER BY address FOR UPDATE`, []any{from, to}},
		{`UPDATE account_pace SET look_at = NULL WHERE address IN ($1, $2)`, []any{from, to}},
		// They have been mailed: what they wait for is a follow-up. A claim keeps the turn of its account (law 8): that gives
		// no other before this one has come to its gate, which refuses it for the sender that it has now.
		{`UPDATE line SET account = CASE state WHEN 'claimed' THEN account ELSE $2 END, unbound = false, band = 1, state = CASE state WHEN 'claimed' THEN state ELSE 'waiting' END, not_before = NULL, awaits_look = NULL, granted_at = CASE state WHEN 'claimed' THEN granted_at END
		   WHERE enrollment_id = ANY ($1) AND state <> 'held'`, []any{ids, to}},
	} {
		if _, err := tx.Exec(ctx, statement.sql, statement.args...); err != nil {
			return err
		}
	}
	return nil
}
