package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Stale refuses a change that was decided on facts which have changed since: a
// page that was left open, a second click, two people at one repair. It wraps
// ErrRefused.
type Stale struct {
	// By changed it and At when; By is empty when nobody knows.
	By string
	At time.Time
	// Text is one sentence about what has happened, without a full stop.
	Text string
}

func (e *Stale) Error() string { return e.Text }

// Unwrap makes it a refusal.
func (*Stale) Unwrap() error { return ErrRefused }

// Seeing is the same Store for one who decides on what was seen up to the number
// seen of the common sequence of facts: a park or a fix with a higher number was
// not seen yet. A change is then a Stale when its cause has been fixed since, a
// resume when the contact has parked again, or has been resumed.
func (s *Store) Seeing(seen int64) *Store {
	other := *s
	other.seen = &seen
	return &other
}

// Fix is a fix of a cause.
type Fix struct {
	ID int64
	By string
	At time.Time
}

// LastFixes returns the last fix of each of the causes that has one.
func (s *Store) LastFixes(ctx context.Context, causes []failure.Cause) (map[failure.Cause]Fix, error) {
	return lastFixes(ctx, s.pool, causes)
}

func lastFixes(ctx context.Context, db querier, causes []failure.Cause) (map[failure.Cause]Fix, error) {
	rows, err := db.Query(ctx, `
		SELECT DISTINCT ON (cause) cause, id, by, created_at FROM outbox
		 WHERE kind = 'fix' AND cause = ANY ($1) ORDER BY cause, id DESC`, causes)
	if err != nil {
		return nil, err
	}
	fixes := map[failure.Cause]Fix{}
	var cause failure.Cause
	var last Fix
	_, err = pgx.ForEachRow(rows, []any{&cause, &last.ID, &last.By, &last.At}, func() error {
		fixes[cause] = last
		return nil
	})
	return fixes, err
}

// fresh is a Stale when a cause has been fixed since. It is called with the rows of
// the cause locked, so that a fix under way is waited for, and then seen.
func (s *Store) fresh(ctx context.Context, tx pgx.Tx, causes ...failure.Cause) error {
	if s.seen == nil || len(causes) == 0 {
		return nil
	}
	stale := &Stale{Text: "this has been fixed meanwhile"}
	err := tx.QueryRow(ctx, `SELECT by, created_at FROM outbox WHERE kind = 'fix' AND cause = ANY ($1) AND id > $2 ORDER BY id DESC LIMIT 1`,
		causes, *s.seen).Scan(&stale.By, &stale.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return stale
}

// sameContact is a Stale when a contact has changed since the version that was seen.
func sameContact(ctx context.Context, tx pgx.Tx, contact campaign.Contact, seen int64) error {
	if seen == 0 {
		return nil
	}
	stale := &Stale{Text: contact.Name() + " has been changed meanwhile"}
	var version int64
	err := tx.QueryRow(ctx, `SELECT `+versionSQL+`, changed_at, coalesce((
			SELECT by FROM outbox WHERE kind = 'fix' AND cause = ANY ($2) AND created_at >= changed_at ORDER BY id DESC LIMIT 1), '')
		  FROM contacts WHERE id = $1`, contact.ID, []failure.Cause{failure.ContactEmail(contact.ID), failure.ContactFields(contact.ID)}).
		Scan(&version, &stale.At, &stale.By)
	if err != nil || version == seen {
		return err
	}
	return stale
}

// answered is how long a resume that was signalled may take to show.
const answered = time.Minute

// freshParks is a Stale when one of the contacts has parked again since it was seen,
// or when somebody has just resumed the park that was seen. It is called under
// lockRequests, and locks no enrollment: no claim waits for a page (law 3). A park that
// comes after it is not resumed either; see request.
func (s *Store) freshParks(ctx context.Context, tx pgx.Tx, targets []Match) error {
	if s.seen == nil || len(targets) == 0 {
		return nil
	}
	ids := make([]int64, len(targets))
	for i, target := range targets {
		ids[i] = target.EnrollmentID
	}
	// One statement, one snapshot: a claim between two of them would hide the answer with the park.
	var again bool
	var by *string
	var at *time.Time
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM enrollments WHERE id = ANY ($1) AND (park_seq IS NULL OR park_seq > $3)), earlier.by, earlier.created_at
		  FROM (SELECT) AS one LEFT JOIN LATERAL (
		       SELECT o.by, o.created_at FROM outbox o JOIN enrollments e ON e.id = ANY ($1) AND e.contact_id = ANY (o.contacts)
		        WHERE o.kind = 'resume' AND o.id > e.park_seq AND (o.campaign = '' OR o.campaign = e.campaign) AND (o.code = '' OR o.code = e.code)
		          AND (o.assume <> '' OR e.code <> 'DeliveryUncertain') AND (o.done_at IS NULL OR o.done_at > clock_timestamp() - $2::interval)
		        ORDER BY o.id DESC LIMIT 1) AS earlier ON true`, ids, answered, *s.seen).Scan(&again, &by, &at)
	switch {
	case err != nil:
		return err
	case again:
		return &Stale{Text: "this has changed meanwhile: it has gone on, or is in error again"}
	case by == nil:
		return nil
	}
	stale := &Stale{Text: "this has been answered meanwhile", By: *by, At: *at}
	return stale
}

// sameAccount is a Stale when an account has other settings than those of the
// epoch that was seen.
func (s *Store) sameAccount(ctx context.Context, tx pgx.Tx, now accountRow, account campaign.EmailAccount) error {
	if s.seen == nil || account.Epoch == now.Epoch {
		return nil
	}
	stale := &Stale{Text: fmt.Sprintf("the settings of %s have been changed meanwhile", now.Address)}
	err := tx.QueryRow(ctx, `SELECT o.by, o.created_at FROM outbox o WHERE kind = 'fix' AND cause = $1 AND id > $2 ORDER BY id DESC LIMIT 1`,
		failure.EmailAccount(now.Address), *s.seen).Scan(&stale.By, &stale.At)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return stale
}
