package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// Mailbox is the mailbox of an account that is read.
type Mailbox struct {
	Address string
	IMAP    campaign.IMAP
	// ByToken is true when it logs in with the account's token.
	ByToken bool
	// Generation grows when the mailbox becomes another one.
	Generation int
	// Calendar is the workspace's.
	Calendar pace.Calendar
	// Since is from when on its messages count: what came before is left alone.
	Since time.Time
	// LookBegan is zero when it has never been read to its end.
	LookBegan, LookEnded time.Time
	// Reason is why it cannot be read, empty while it can; Words who says which part of it, nil
	// where nobody knows.
	Reason       string
	Words        *failure.Words
	FailingSince time.Time
	WantedAt     time.Time
	// Lease is the reader's; HeldBy says who has it until HeldUntil.
	Lease     int64
	HeldBy    string
	HeldUntil time.Time
	// Waiting counts the follow-ups that wait for a look.
	Waiting int
}

// ErrNotRead says that an account has no mailbox that is read, or that another reader has it.
var ErrNotRead = errors.New("the mailbox is not read here")

// leaseFor is how long a reader has a mailbox without saying that it is still there.
const leaseFor = time.Minute

const mailboxSQL = `
	SELECT m.address, a.imap, a.imap_password, a.username, a.password, a.provider, m.generation, cal.rules AS calendar, m.since, m.look_began, m.look_ended,
	       CASE m.status WHEN 'in_error' THEN m.reason ELSE '' END AS reason, m.words, m.failing_since, m.wanted_at, m.lease, m.held_by, m.held_until,
	       (SELECT count(*) FROM line l WHERE coalesce(l.looks_at, l.account) = m.address AND l.awaits_look IS NOT NULL) AS waiting
	  FROM mailboxes m JOIN email_accounts a ON a.address = m.address CROSS JOIN calendar cal`

type mailboxRow struct {
	Address                                                 string
	IMAP                                                    *campaign.IMAP `db:"imap"`
	IMAPPassword                                            []byte         `db:"imap_password"`
	Username                                                string
	Password                                                []byte
	Provider                                                string
	Generation                                              int
	Calendar                                                pace.Calendar
	Since                                                   time.Time
	LookBegan, LookEnded, FailingSince, WantedAt, HeldUntil *time.Time
	Reason, HeldBy                                          string
	Words                                                   *keptWords
	Lease                                                   int64
	Waiting                                                 int
}

func (r mailboxRow) mailbox() Mailbox {
	m := Mailbox{
		Address: r.Address, Generation: r.Generation, Calendar: r.Calendar, Since: r.Since, LookBegan: timeOrZero(r.LookBegan), LookEnded: timeOrZero(r.LookEnded), Reason: r.Reason, Words: r.Words.of(r.Reason),
		FailingSince: timeOrZero(r.FailingSince), WantedAt: timeOrZero(r.WantedAt), Lease: r.Lease, HeldBy: r.HeldBy, HeldUntil: timeOrZero(r.HeldUntil), Waiting: r.Waiting,
	}
	if r.IMAP != nil {
		m.IMAP = *r.IMAP
	}
	m.ByToken = r.Provider != "" && len(r.IMAPPassword) == 0
	if m.IMAP.Username == "" {
		m.IMAP.Username = r.Username
	}
	return m
}

// Mailboxes lists the mailboxes that are read, without their passwords.
func (s *Store) Mailboxes(ctx context.Context) ([]Mailbox, error) {
	rows, err := s.pool.Query(ctx, mailboxSQL+` WHERE a.imap IS NOT NULL AND a.status <> 'removed' ORDER BY m.address`)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Mailbox, error) {
		read, err := pgx.RowToStructByName[mailboxRow](row)
		return read.mailbox(), err
	})
}

// Idle lists the mailboxes that nobody reads now.
func (s *Store) Idle(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT m.address FROM mailboxes m JOIN email_accounts a ON a.address = m.address
		 WHERE a.imap IS NOT NULL AND a.status <> 'removed' AND (m.held_until IS NULL OR m.held_until < clock_timestamp() OR m.held_until > clock_timestamp() + $1::interval * 2)
		   AND (m.retry_at IS NULL OR m.retry_at < clock_timestamp() OR m.retry_at > clock_timestamp() + $2::interval)
		 ORDER BY m.address`, leaseFor, retryLater)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TakeMailbox takes the lease of a mailbox, with its password, and the cursors of its folders.
// ErrNotRead when the account is not read, or when another reader has it.
func (s *Store) TakeMailbox(ctx context.Context, address, by string) (Mailbox, []Cursor, error) {
	var mailbox Mailbox
	var cursors []Cursor
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE mailboxes SET lease = lease + 1, held_by = $2, held_until = clock_timestamp() + $3::interval
			 WHERE address = $1 AND (held_until IS NULL OR held_until < clock_timestamp() OR held_by = $2 OR held_until > clock_timestamp() + $3::interval * 2)`, address, by, leaseFor)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotRead
		}
		rows, err := tx.Query(ctx, mailboxSQL+` WHERE m.address = $1 AND a.imap IS NOT NULL AND a.status <> 'removed'`, address)
		if err != nil {
			return err
		}
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[mailboxRow])
		if isMissing(err) {
			return ErrNotRead
		}
		if err != nil {
			return err
		}
		mailbox = row.mailbox()
		if mailbox.IMAP.Password, err = s.openPassword(imapName(address), row.IMAPPassword); err == nil && len(row.IMAPPassword) == 0 {
			mailbox.IMAP.Password, err = s.openPassword(address, row.Password)
		}
		if err != nil {
			return err
		}
		cursors, err = cursorsOf(ctx, tx, address)
		return err
	})
	return mailbox, cursors, err
}

// imapName is what a password of its own is sealed to.
func imapName(address string) string { return "imap/" + address }

// Cursors says how far a mailbox has been read, and what PostgreSQL's clock says: a look that
// begins now has begun after that. ErrNotRead when the mailbox is no longer the reader's.
func (s *Store) Cursors(ctx context.Context, address string, lease int64) (now time.Time, cursors []Cursor, err error) {
	err = s.pool.QueryRow(ctx, `SELECT clock_timestamp() FROM mailboxes WHERE address = $1 AND lease = $2`, address, lease).Scan(&now)
	if isMissing(err) {
		return now, nil, ErrNotRead
	}
	if err == nil {
		cursors, err = cursorsOf(ctx, s.pool, address)
	}
	return now, cursors, mapError(err)
}

func cursorsOf(ctx context.Context, db querier, address string) ([]Cursor, error) {
	rows, err := db.Query(ctx, `SELECT folder, role, uidvalidity, next_uid, reconciled_at FROM mailbox_folders WHERE address = $1 ORDER BY folder`, address)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Cursor, error) {
		var c Cursor
		var validity, next int64
		var reconciled *time.Time
		err := row.Scan(&c.Folder, &c.Role, &validity, &next, &reconciled)
		c.UIDValidity, c.NextUID, c.ReconciledAt = uint32(validity), uint32(next), timeOrZero(reconciled)
		return c, err
	})
}

// KeepMailbox says that the reader is still there; ErrNotRead when the mailbox is no longer its.
func (s *Store) KeepMailbox(ctx context.Context, address string, lease int64) error {
	tag, err := s.pool.Exec(ctx, `
		UPDATE mailboxes m SET held_until = clock_timestamp() + $3::interval FROM email_accounts a
		 WHERE m.address = $1 AND m.lease = $2 AND a.address = m.address AND a.imap IS NOT NULL AND a.status <> 'removed'`, address, lease, leaseFor)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotRead
	}
	return mapError(err)
}

// LeaveMailbox gives the lease back, for the next reader to take at once.
func (s *Store) LeaveMailbox(ctx context.Context, address string, lease int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE mailboxes SET held_until = NULL, held_by = '' WHERE address = $1 AND lease = $2`, address, lease)
	return mapError(err)
}

// LapseMailbox ends the lease of whichever reader has it, for the next one to take at once. That reader
// learns of it when it says that it is still there.
func (s *Store) LapseMailbox(ctx context.Context, address string) error {
	_, err := s.pool.Exec(ctx, `UPDATE mailboxes SET lease = lease + 1, held_until = NULL, held_by = '' WHERE address = $1`, address)
	return mapError(err)
}

// UnseenUIDs are those of uids that have no row.
func (s *Store) UnseenUIDs(ctx context.Context, address string, generation int, folder string, validity uint32, uids []uint32) ([]uint32, error) {
	asked := make([]int64, len(uids))
	for i, uid := range uids {
		asked[i] = int64(uid)
	}
	rows, err := s.pool.Query(ctx, `
		SELECT uid FROM unnest($4::bigint[]) AS uid EXCEPT SELECT uid FROM inbound WHERE address = $1 AND generation = $5 AND folder = $2 AND uidvalidity = $3 ORDER BY 1`,
		address, folder, int64(validity), asked, generation)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (uint32, error) {
		var uid int64
		err := row.Scan(&uid)
		return uint32(uid), err
	})
}

// MoveCursor moves a folder's cursor alone.
func (s *Store) MoveCursor(ctx context.Context, address string, generation int, cursor Cursor) error {
	return s.inTx(ctx, func(tx pgx.Tx) error { return moveCursor(ctx, tx, address, generation, cursor) })
}

// CompleteLook records that a look which began then has read every watched folder to its end
// (law 9), and lets those go on who waited for it. A look of a reader that has lost the
// mailbox does not count: it may have read another one.
func (s *Store) CompleteLook(ctx context.Context, address string, lease int64, began time.Time) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE mailboxes SET look_began = greatest(look_began, $3), look_ended = clock_timestamp(), status = 'reading', reason = '', failing_since = NULL, retry_at = NULL,
			       wanted_at = CASE WHEN wanted_at >= $3 THEN wanted_at END
			 WHERE address = $1 AND lease = $2`, address, lease, began)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotRead
		}
		if err := lookedAt(ctx, tx, address, &began); err != nil {
			return err
		}
		// A hold has shared the mailbox's row, so each that it has parked is seen now (law 3), be
		// it for an error or because nobody had read the mailbox for a while.
		cause := failure.Mailbox(address)
		var parked bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM parked_on WHERE cause = $1)`, cause).Scan(&parked); err != nil || !parked {
			return err // a look every minute writes nothing where nobody waits
		}
		return fix(ctx, tx, heardBy, cause)
	})
}

// patience is how long a mailbox may fail for a technical reason before it is in error.
const patience = 15 * time.Minute

// retryLater is when a mailbox is tried again that only a person can mend: somebody may have
// mended it where we do not see that.
const retryLater = 10 * time.Minute

// MailboxFailed records why a mailbox cannot be read. A refused login is final: it is in error
// at once; what may pass is, after a while. News is true when that is new.
func (s *Store) MailboxFailed(ctx context.Context, address string, lease int64, reason string, words *failure.Words, final bool) (news bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		news = false
		err := tx.QueryRow(ctx, `
			WITH before AS (SELECT status, reason FROM mailboxes WHERE address = $1 AND lease = $2 FOR UPDATE)
			UPDATE mailboxes m SET failing_since = coalesce(m.failing_since, clock_timestamp()),
			       status = CASE WHEN $4 OR m.failing_since < clock_timestamp() - $5::interval THEN 'in_error' ELSE m.status END, reason = $3, words = $7,
			       retry_at = CASE WHEN $4 THEN clock_timestamp() + $6::interval END
			  FROM before WHERE m.address = $1
			RETURNING m.status = 'in_error' AND before.status <> 'in_error'`, address, lease, reason, final, patience, retryLater, keepWords(reason, words)).Scan(&news)
		if isMissing(err) {
			return ErrNotRead
		}
		if err != nil || !news {
			return err
		}
		return lookedAt(ctx, tx, address, nil) // those who wait for a look learn of it now
	})
	return news, err
}

// AwaitLook asks for a look at a mailbox that begins after this moment, and waits for it, at most
// so long; false when there has been none.
func (s *Store) AwaitLook(ctx context.Context, address string, after time.Time, atMost time.Duration) (bool, error) {
	if _, err := s.pool.Exec(ctx, `UPDATE mailboxes SET wanted_at = clock_timestamp() WHERE address = $1 AND wanted_at IS NULL`, address); err != nil {
		return false, mapError(err)
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(pause):
		}
		var looked bool
		err := s.pool.QueryRow(ctx, `SELECT look_began > $2 FROM mailboxes WHERE address = $1 AND look_began IS NOT NULL`, address, after).Scan(&looked)
		switch {
		case ctx.Err() != nil:
			return false, nil
		case err != nil && !isMissing(err):
			return false, mapError(err)
		case looked:
			return true, nil
		}
	}
}

// Wanted lists the mailboxes that a follow-up waits for.
func (s *Store) Wanted(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT address FROM mailboxes WHERE wanted_at IS NOT NULL`)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ForgetRaw forgets the text of messages that was kept for so long, some thousand at once: until then a better
// classifier can read it again.
func (s *Store) ForgetRaw(ctx context.Context, kept time.Duration) (int64, error) {
	tag, err := s.pool.Exec(ctx, `
		UPDATE inbound SET raw = NULL WHERE id IN (
			SELECT id FROM inbound WHERE raw IS NOT NULL AND kept_at < clock_timestamp() - $1::interval ORDER BY kept_at LIMIT 5000)`, kept)
	return tag.RowsAffected(), mapError(err)
}
