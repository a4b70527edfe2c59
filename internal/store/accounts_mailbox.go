package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// SetMailbox has an account's mail read there, or not any more (nil), and lets those go on who
// waited for the mailbox. ErrNotFound when there is no such account.
func (s *Store) SetMailbox(ctx context.Context, address string, imap *campaign.IMAP, by string) (Change, error) {
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: s.rate}
		row, err := readAccount(ctx, tx, address, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if err := s.setMailbox(ctx, tx, row.Address, imap, &change); err != nil || len(change.Edits) == 0 && imap == nil {
			return err
		}
		if err := change.announce(ctx, tx, by, failure.Mailbox(row.Address)); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidConnect, Thing: AnAccount, Subject: row.Address, Fields: fieldNames(change.Edits), Count: change.Resuming}.write(ctx, tx)
	})
	return change, err
}

// MailboxSettings is where an account's mail is read, with a password of its own if it has one; nil
// when it is not read. ErrNotFound when there is no such account.
func (s *Store) MailboxSettings(ctx context.Context, address string) (*campaign.IMAP, error) {
	row, err := readAccount(ctx, s.pool, address, "")
	if err != nil {
		return nil, err
	}
	of, err := s.imapOf(ctx, s.pool, row.Address)
	if of != nil {
		of.Username = cmp.Or(of.Username, row.Username)
	}
	return of, mapError(err)
}

// setMailbox writes the settings. Another server or user may be another mailbox: it is read from
// three days before the last look on, and what has been read already is a duplicate. The reader
// of before loses it. The account's row is locked.
func (s *Store) setMailbox(ctx context.Context, tx pgx.Tx, address string, imap *campaign.IMAP, change *Change) error {
	before, err := s.imapOf(ctx, tx, address)
	if err != nil {
		return err
	}
	compareMailboxes(change, before, imap)
	if imap == nil {
		if before == nil {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE email_accounts SET imap = NULL, imap_password = NULL WHERE address = $1`, address); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mailboxes SET lease = lease + 1, held_until = NULL, held_by = '', wanted_at = NULL WHERE address = $1`, address)
		if err == nil {
			err = lookedAt(ctx, tx, address, nil)
		}
		return err
	}
	own, err := s.sealPassword(imapName(address), imap.Password)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE email_accounts SET imap = $2, imap_password = $3 WHERE address = $1`, address, imap, own); err != nil {
		return err
	}
	moved := before == nil || !strings.EqualFold(before.Host, imap.Host) || before.Username != imap.Username
	if _, err := tx.Exec(ctx, `
		INSERT INTO mailboxes AS m (address) VALUES ($1)
		    ON CONFLICT (address) DO UPDATE
		   SET status = 'reading', reason = '', failing_since = NULL, retry_at = NULL, lease = m.lease + 1, held_until = NULL, held_by = '', wanted_at = NULL,
		       generation = CASE WHEN $2 THEN m.generation + 1 ELSE m.generation END,
		       since = CASE WHEN $2 THEN coalesce(m.look_began - interval '3 days', m.since) ELSE m.since END,
		       look_began = CASE WHEN $2 THEN NULL ELSE m.look_began END`, address, moved); err != nil || !moved {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM mailbox_folders WHERE address = $1`, address)
	return err
}

// imapOf is where an account's mail is read, with a password of its own; nil when it is not read.
func (s *Store) imapOf(ctx context.Context, db querier, address string) (*campaign.IMAP, error) {
	rows, err := db.Query(ctx, `SELECT imap, imap_password FROM email_accounts WHERE address = $1`, address)
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[struct {
		IMAP   *campaign.IMAP
		Sealed []byte
	}])
	if err != nil || row.IMAP == nil {
		return nil, err
	}
	if row.IMAP.Password, err = s.openPassword(imapName(address), row.Sealed); err != nil {
		row.IMAP.Password = "another key's" // a new one replaces it
	}
	return row.IMAP, nil
}

func compareMailboxes(change *Change, before, after *campaign.IMAP) {
	was, is := mailboxFields(before), mailboxFields(after)
	for i, name := range []string{"imap host", "imap port", "imap tls", "imap username", "imap folders"} {
		change.compare(name, was[i], is[i])
	}
	if before != nil && after != nil && before.Password != after.Password {
		change.Edits = append(change.Edits, Edit{Field: "imap password"})
	}
}

func mailboxFields(m *campaign.IMAP) [5]string {
	if m == nil {
		return [5]string{}
	}
	return [5]string{m.Host, strconv.Itoa(m.Port), string(m.TLS), m.Username, strings.Join(slices.Sorted(slices.Values(m.Folders)), ", ")}
}
