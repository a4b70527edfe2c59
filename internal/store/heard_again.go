package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/inbound"
)

// Reclassified is a message that the classifier judges otherwise now, and what follows.
type Reclassified struct {
	ID        int64     `json:"id"`
	ArrivedAt time.Time `json:"arrivedAt"`
	From      string    `json:"from"`
	ContactID int64     `json:"contactId,omitempty"`
	// Was is what it was judged to be, Is what it is judged to be now, and Reason why.
	Was    inbound.Kind `json:"was"`
	Is     inbound.Kind `json:"is"`
	Reason string       `json:"reason"`
	// State is what becomes of it. Ended counts the enrollments that end.
	State HeardState `json:"state"`
	Ended int        `json:"ended"`
	// HeldUntil is until when it holds the person now.
	HeldUntil *time.Time `json:"heldUntil,omitempty"`
	// Bounced: the address reaches the bounce list. Unbounced: it leaves it, since nothing else had
	// put it there, and Resuming contacts in error go on.
	Bounced   bool `json:"bounced"`
	Unbounced bool `json:"unbounced"`
	Resuming  int  `json:"resuming"`
	// Proved: a doubt about one of our messages is settled.
	Proved bool `json:"proved"`
}

// Differs is true when the classifier judges otherwise now, or something else follows.
func (r Reclassified) Differs() bool {
	return r.Was != r.Is || r.Bounced || r.Unbounced || r.HeldUntil != nil
}

// Signals is true when workflows are to be signalled.
func (r Reclassified) Signals() bool { return r.Ended > 0 || r.Resuming > 0 || r.Proved }

// keptSQL are the messages that can be judged anew. What a person has settled stays as it is, and
// what a signed token says is no matter of a classifier.
const keptSQL = `raw IS NOT NULL AND settled_by = '' AND state IN ('settled', 'open', 'unmatched') AND kind <> 'own' AND matched_by <> 'token' AND arrived_at >= $1`

// CountKept counts them, from a moment on.
func (s *Store) CountKept(ctx context.Context, since time.Time) (count int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM inbound WHERE `+keptSQL, since).Scan(&count)
	return count, mapError(err)
}

// Kept lists those after a number, in the order in which they were read.
func (s *Store) Kept(ctx context.Context, since time.Time, after int64, limit int) ([]int64, error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM inbound WHERE id > $2 AND `+keptSQL+` ORDER BY id LIMIT $3`, since, after, limit)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// errShown ends a transaction that has only shown what it would do.
var errShown = errors.New("shown")

// Reclassify judges a message anew and does what may follow, in one transaction (two where an address
// leaves the bounce list); without apply they are rolled back, and it says what would follow. The
// rule is in docs/hearing.md: by itself it ends, holds, suppresses and puts on the bounce list, and
// the one thing that it takes back is an address on that list. ErrNotFound when the
// message or its text is gone.
func (s *Store) Reclassify(ctx context.Context, id int64, apply bool, by string) (Reclassified, error) {
	var one Reclassified
	run := func(work func(tx pgx.Tx) error) error {
		err := s.inTx(ctx, func(tx pgx.Tx) error {
			if err := work(tx); err != nil || apply {
				return err
			}
			return errShown
		})
		if errors.Is(err, errShown) {
			return nil
		}
		return err
	}
	var unbounced bool
	var resuming int
	if err := run(func(tx pgx.Tx) (err error) {
		unbounced, resuming, err = s.unbounce(ctx, tx, id, by)
		return err
	}); err != nil {
		return one, err
	}
	err := run(func(tx pgx.Tx) error {
		one = Reclassified{Unbounced: unbounced, Resuming: resuming}
		return s.reclassify(ctx, tx, id, by, &one)
	})
	return one, err
}

// reclassify does what follows from one message that is judged anew.
func (s *Store) reclassify(ctx context.Context, tx pgx.Tx, id int64, by string, one *Reclassified) error {
	before, message, err := s.judgedAnew(ctx, tx, id)
	if err != nil {
		return err
	}
	of, err := s.ofAnew(ctx, tx, before, message)
	if err != nil {
		return err
	}
	contacts, enrollments, err := persons(ctx, tx, of, message)
	if err != nil {
		return err
	}
	now, err := readHeard(ctx, tx, id, "FOR UPDATE")
	if err != nil {
		return err
	}
	*one = Reclassified{
		ID: id, ArrivedAt: message.ArrivedAt, From: message.sender(), ContactID: of.ContactID,
		Was: before.Kind, Is: message.Verdict.Kind, Reason: message.Verdict.Reason, State: before.State,
		Unbounced: one.Unbounced, Resuming: one.Resuming,
	}
	if now.State != before.State || now.Kind != before.Kind || now.SettledBy != before.SettledBy {
		one.Is = before.Kind // somebody else was faster: nothing differs any more
		return nil
	}
	heard := Heard{ID: id, State: before.State, by: by}
	if of.EnrollmentID != 0 && before.Kind != inbound.Unreadable { // of that one only the header may be there
		if err := s.followAnew(ctx, tx, before, message, of, contacts, enrollments, &heard, one); err != nil {
			return err
		}
	}
	one.State, one.Ended, one.Proved = heard.State, heard.Ended, heard.SettledDoubt
	if !heard.Held.IsZero() {
		one.HeldUntil = &heard.Held
	}
	if !one.Differs() || before.Kind == inbound.Unreadable {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		UPDATE inbound SET kind = $2, reason = $3, words = $4, classifier = $5, state = $6, matched_by = $7, contact_id = nullif($8, 0), enrollment_id = nullif($9, 0), step_id = $10, class = $11, visit = nullif($12, 0)
		 WHERE id = $1`, id, message.Verdict.Kind, message.Verdict.Reason, message.Verdict.Words, classifierVersion, heard.State,
		of.By, of.ContactID, of.EnrollmentID, of.StepID, classOf(message.Verdict, of.Recipient), of.Visit); err != nil {
		return err
	}
	if err := keepFollowed(ctx, tx, heard); err != nil {
		return err
	}
	return Activity{By: by, Kind: DidReclassify, Thing: AnInbound, Subject: strconv.FormatInt(id, 10), Count: heard.Ended}.write(ctx, tx)
}
