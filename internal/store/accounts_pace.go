package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// SetPace sets what an email account sends at most. shown is what the one who changes it has
// seen of it, in words; nil does not look. A Stale when it is another by now, ErrNotFound when
// there is no such account, ErrRefused when a campaign could never send.
func (s *Store) SetPace(ctx context.Context, address, by string, shown *string, become func(pace.AccountRules) (pace.AccountRules, error)) (Change, []string, error) {
	var change Change
	var notes []string
	var uncounted []string
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change, notes, uncounted = Change{rate: s.rate}, nil, nil
		// Campaigns before accounts: the order in which a park takes them.
		if _, err := tx.Exec(ctx, `SELECT FROM campaigns WHERE sender = ANY ($1) OR senders && $1 ORDER BY key FOR SHARE`, campaign.Spellings(address)); err != nil {
			return err
		}
		row, err := readAccount(ctx, tx, address, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if shown != nil && *shown != row.Pace.String() {
			return staleAccount(ctx, tx, row.Address, "the pace of "+row.Address+" has been changed meanwhile")
		}
		after, err := become(row.Pace)
		if err != nil {
			return err
		}
		var times timesChange
		causes, err := writePace(ctx, tx, row, after, &change, &times)
		if err != nil || len(change.Edits) == 0 {
			return err
		}
		said, err := times.meet(ctx, tx)
		if err != nil {
			return err
		}
		for _, note := range said {
			notes = append(notes, "campaign "+note.Campaign+": "+note.Text)
		}
		if err := change.announce(ctx, tx, by, causes...); err != nil {
			return err
		}
		if err := change.log(ctx, tx, by, DidChange, AnAccount, row.Address); err != nil {
			return err
		}
		uncounted = times.limited
		return times.take(ctx, tx)
	})
	if err == nil {
		err = s.countLate(ctx, uncounted)
	}
	return change, notes, err
}

// countLate counts once more what accounts have sent that have just been given limits: a message of a free account passes
// its gate without their rows, and so may have passed after it was counted and before the limit was there (law 8).
func (s *Store) countLate(ctx context.Context, addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		// What passes its gate at this moment is waited for.
		if _, err := tx.Exec(ctx, `SELECT FROM deliveries WHERE account = ANY ($1) AND kind = 'email' AND state = 'reserved' AND reserved_at > clock_timestamp() - interval '1 hour'
			ORDER BY enrollment_id, step_id, visit FOR UPDATE`, addresses); err != nil {
			return err
		}
		return timesChange{accounts: addresses}.take(ctx, tx)
	})
	if err != nil {
		err = fmt.Errorf("the change is saved, but what has left meanwhile was not counted: %w", err)
	}
	return err
}

// writePace writes an account's pace when it is another, and notes what that changes.
func writePace(ctx context.Context, tx pgx.Tx, before accountRow, after pace.AccountRules, change *Change, times *timesChange) ([]failure.Cause, error) {
	edits := len(change.Edits)
	change.compare("pace", before.Pace.String(), after.String())
	if len(change.Edits) == edits {
		return nil, nil
	}
	times.accounts = append(times.accounts, before.Address)
	if before.Pace.Free() && !after.Free() {
		times.limited = append(times.limited, before.Address)
	}
	if (before.Pace.Order == pace.FIFO) != (after.Order == pace.FIFO) {
		times.reordered = append(times.reordered, before.Address)
	}
	_, err := tx.Exec(ctx, `UPDATE email_accounts SET pace = $2, changed_at = clock_timestamp() WHERE address = $1`, before.Address, after)
	return []failure.Cause{failure.AccountPace(before.Address)}, err
}
