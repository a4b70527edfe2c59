package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/smsgateway"
)

// records are what is compared: what the receiving servers accepted, which is
// the only judge of what was sent, and what PostgreSQL says.
type records struct {
	mails       []inbox.Entry
	byMessageID map[string][]inbox.Entry
	texts       map[string][]smsgateway.Entry // by their text, which names the contact
	cuts        map[string]cut
	enrollments []enrollment
	deliveries  []delivery
	parks       []parked
	answered    []answered
	bounced     map[string]bool
	heard       heard
	replies     map[string]string // what a mail of one of several senders answers, empty for none
}

type enrollment struct {
	ID         int64
	Campaign   string
	ContactID  int64
	FirstName  string
	Status     string
	StepIndex  int
	Code       *string
	ParkID     int
	VisitBase  int // above 0 when it has been enrolled again, which the lab does once a contact
	StartedAt  *time.Time
	EndedAt    *time.Time
	EndedBy    *string // as what the person's answer has ended it
	Email      string
	Away       bool
	Unfinished bool // what it is parked or paused for is gone
}

type delivery struct {
	EnrollmentID int64
	StepID       string
	Visit        int
	Kind         string
	State        string
	MessageID    string
	Recipient    string
	Account      string
	ReservedAt   time.Time
	WireAt       *time.Time
	SettledAt    *time.Time
	AssumedBy    string
}

type parked struct {
	EnrollmentID int64
	StepID       string
	Code         string
	At           time.Time
}

// answered is an operator's word about a message in doubt. Its note keeps it: the row in the ledger
// forgets it when an edit leads the contact back to the step, and the message is claimed anew.
type answered struct {
	EnrollmentID int64
	StepID       string
	At           time.Time
}

func (l *lab) read(ctx context.Context) (*records, error) {
	r := &records{byMessageID: map[string][]inbox.Entry{}, texts: map[string][]smsgateway.Entry{}, cuts: map[string]cut{}, bounced: map[string]bool{}}
	var err error
	if r.mails, err = l.mails(); err != nil {
		return nil, err
	}
	for _, mail := range r.mails {
		r.byMessageID[bare(mail.MessageID)] = append(r.byMessageID[bare(mail.MessageID)], mail)
	}
	texts, err := readLines[smsgateway.Entry](filepath.Join(l.dir, roleGateway, smsgateway.LogName))
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		r.texts[text.Text] = append(r.texts[text.Text], text)
	}
	cuts, err := readLines[cut](filepath.Join(l.dir, roleInbox, faultsName))
	if err != nil {
		return nil, err
	}
	for _, one := range cuts {
		r.cuts[one.MessageID] = one
	}
	if r.enrollments, err = rowsOf[enrollment](ctx, l, `
		SELECT e.id, e.campaign, e.contact_id, k.first_name, e.status, e.step_index, e.code, e.park_id, e.visit_base, e.started_at, e.ended_at, e.ended_by, k.email, `+awaySQL+` AS away,
		       `+unfinishedSQL+` AS unfinished
		  FROM enrollments e JOIN campaigns c ON c.key = e.campaign JOIN contacts k ON k.id = e.contact_id
		  JOIN users u ON u.key = c.owner CROSS JOIN plan p LEFT JOIN email_accounts a ON a.address = c.sender LEFT JOIN mailboxes m ON m.address = c.sender ORDER BY e.id`); err != nil {
		return nil, err
	}
	if r.deliveries, err = rowsOf[delivery](ctx, l, `
		SELECT enrollment_id, step_id, visit, kind, state, message_id, recipient, coalesce(account, '') AS account, reserved_at, wire_at, settled_at, assumed_by
		  FROM deliveries ORDER BY enrollment_id, step_id, visit`); err != nil {
		return nil, err
	}
	if r.replies, err = l.repliesTo(r); err != nil {
		return nil, err
	}
	bounced, err := rowsOf[struct{ Address string }](ctx, l, `SELECT address FROM bounces`)
	if err != nil {
		return nil, err
	}
	for _, one := range bounced {
		r.bounced[one.Address] = true
	}
	if r.heard, err = l.readHeard(); err != nil {
		return nil, err
	}
	if r.parks, err = rowsOf[parked](ctx, l, `SELECT enrollment_id, step_id, code, at FROM notes WHERE kind = 'in_error' ORDER BY id`); err != nil {
		return nil, err
	}
	r.answered, err = rowsOf[answered](ctx, l, `SELECT enrollment_id, step_id, at FROM notes WHERE kind = 'resumed' AND text = $1 ORDER BY id`, lookedIntoSent)
	return r, err
}

// ownSQL is the one of several senders that has mailed enrollment e; while none has, any of
// them sends.
const ownSQL = `(SELECT m.account FROM deliveries m WHERE m.enrollment_id = e.id AND m.kind = 'email' AND m.state IN ('wire', 'sent', 'uncertain') AND m.account <> '' ORDER BY m.wire_at DESC LIMIT 1)`

// unfinishedSQL is law 3 as a condition: the cause of the park is gone, or the
// pause is over. Only what is certain counts: an account that is in error and
// was removed since is still no sender.
const unfinishedSQL = `CASE
	WHEN e.status = 'Paused' THEN NOT c.paused
	WHEN e.status <> 'InError' THEN false
	WHEN e.code IN ('EmailAccountInError', 'EmailAccountDisconnected') AND c.senders <> '{}' THEN
	     EXISTS (SELECT FROM email_accounts s WHERE s.status = 'connected' AND s.address = ANY (CASE WHEN ` + ownSQL + ` IS NULL THEN c.senders ELSE ARRAY[` + ownSQL + `] END))
	WHEN e.code IN ('EmailAccountInError', 'EmailAccountDisconnected') THEN c.sender IS NULL OR a.status = 'connected'
	WHEN e.code = 'OwnerHasNoSendingAddress' THEN c.sender IS NOT NULL OR c.senders <> '{}'
	WHEN e.code = 'ContactHasNoEmail' THEN k.email <> ''
	WHEN e.code = 'EmailAlreadyBounced' THEN NOT EXISTS (SELECT FROM bounces b WHERE b.address = lower(k.email))
	WHEN e.code = 'OwnerHasNoPhone' THEN u.phone <> ''
	WHEN e.code = 'NoCreditsLeft' THEN p.unlimited
	WHEN e.code = 'MailboxUnreadable' THEN m.status = 'reading'
	ELSE false END`

func rowsOf[T any](ctx context.Context, l *lab, sql string, args ...any) ([]T, error) {
	rows, err := l.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

func readLines[T any](path string) ([]T, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []T
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			continue // cut off by a kill, before anything was answered
		}
		all = append(all, one)
	}
	return all, lines.Err()
}

// anyFileSays is true when a file of a directory has these words.
func anyFileSays(dir, words string) bool {
	entries, _ := os.ReadDir(dir) // not there: none
	return slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		return err == nil && bytes.Contains(text, []byte(words))
	})
}

func textFor(e enrollment) string { return e.FirstName + " is through" }
