package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// runningSQL is true of an enrollment that has not ended.
const runningSQL = `status NOT IN ('Completed', 'Disenrolled')`

// Enrolled says what Enroll has done, or would do.
type Enrolled struct {
	Enrolled int `json:"enrolled"`
	// Already counts contacts that had been enrolled before, in any status.
	Already int `json:"already"`
	// Suppressed counts contacts that are left out, as nothing is sent to their address.
	Suppressed int `json:"suppressed,omitempty"`
	// Answered counts those that Continue leaves out, as the person has answered since.
	Answered int `json:"-"`
	// At is when they begin; left out when that is at once.
	At *time.Time `json:"at,omitempty"`
	// Left counts those that BatchOptions.Most has left out.
	Left int `json:"left,omitempty"`
	// Request is the outbox row that has them started; 0 when nobody was enrolled.
	Request int64 `json:"-"`
	// Contacts are those that EnrollAgain takes, with DryRun.
	Contacts []int64 `json:"-"`
}

// Enroll is EnrollAt as fast as it goes.
func (s *Store) Enroll(ctx context.Context, key string, ids []int64, by string, dryRun bool) (Enrolled, error) {
	return s.EnrollAt(ctx, key, ids, by, BatchOptions{DryRun: dryRun})
}

// EnrollAt writes the enrollments of contacts in a campaign together with an
// outbox row that gets their workflows started. ids nil means every contact.
// Contacts that are enrolled already are left alone, and so are those to whose address
// nothing is sent any more (suppressions). An id that no contact has
// refuses the whole: ErrNotFound.
//
// Each call is started at the rate of its own. A rate also goes for those of
// the campaign that earlier calls have left to be started. With At, they wait until then,
// and are started within a minute of it.
func (s *Store) EnrollAt(ctx context.Context, key string, ids []int64, by string, options BatchOptions) (Enrolled, error) {
	var result Enrolled
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		result, err = enroll(ctx, tx, key, ids, by, options)
		return err
	})
	return result, err
}

// enroll is EnrollAt in a transaction.
func enroll(ctx context.Context, tx pgx.Tx, key string, ids []int64, by string, options BatchOptions) (Enrolled, error) {
	result := Enrolled{At: timeOrNull(options.At)}
	of, err := readCampaign(ctx, tx, key, `FOR SHARE`)
	if err != nil {
		return result, err
	}
	total, err := namedContacts(ctx, tx, ids, !options.DryRun)
	if err != nil {
		return result, err
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM enrollments
		WHERE campaign = $1 AND ($2::bigint[] IS NULL OR contact_id = ANY ($2))`, key, ids).Scan(&result.Already); err != nil {
		return result, err
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM contacts k WHERE ($2::bigint[] IS NULL OR id = ANY ($2)) AND `+suppressedSQL+`
		AND NOT EXISTS (SELECT FROM enrollments e WHERE e.campaign = $1 AND e.contact_id = k.id)`, key, ids).Scan(&result.Suppressed); err != nil {
		return result, err
	}
	total -= result.Suppressed
	if options.DryRun { // counted, and not tried: a hundred thousand rows that are taken back cost as much as if they stayed
		result.Enrolled = total - result.Already
		if options.Most > 0 {
			result.Enrolled = min(result.Enrolled, options.Most)
		}
		result.Left = total - result.Already - result.Enrolled
		return result, nil
	}
	if err := options.pace(ctx, tx, key); err != nil {
		return result, err
	}
	if err := tx.QueryRow(ctx, `SELECT nextval('fact_seq')`).Scan(&result.Request); err != nil {
		return result, err
	}
	first := of.Path().Ahead(nil).Next(-1, of.Version) // as its workflow is given it
	step, index := first.Stands()
	tag, err := tx.Exec(ctx, `
		INSERT INTO enrollments (campaign, contact_id, status, step_id, step_index, next_at, enrolled_by, request)
		SELECT $1, id, CASE WHEN $5::interval > '0' OR $9::timestamptz IS NOT NULL THEN 'Waiting' ELSE 'Active' END, $3, $4,
		       CASE WHEN $5::interval > '0' OR $9::timestamptz IS NOT NULL THEN coalesce($9, clock_timestamp()) + $5::interval END, $6, $7
		  FROM contacts k WHERE ($2::bigint[] IS NULL OR id = ANY ($2))
		   AND NOT EXISTS (SELECT FROM enrollments e WHERE e.campaign = $1 AND e.contact_id = k.id)
		   AND NOT `+suppressedSQL+`
		 ORDER BY id LIMIT nullif($8, 0)
		    ON CONFLICT (campaign, contact_id) DO NOTHING`, key, ids, step, index, first.Wait, by, result.Request, options.Most, result.At)
	if err != nil {
		return result, err
	}
	result.Enrolled = int(tag.RowsAffected())
	if options.Most == 0 {
		result.Already = total - result.Enrolled // another request may have enrolled some meanwhile
	}
	result.Left = total - result.Already - result.Enrolled
	if result.Enrolled == 0 {
		result.Request = 0
		return result, nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO outbox (id, kind, campaign, by, rate, total, not_before) VALUES ($1, 'enroll', $2, $3, $4, $5, $6)`,
		result.Request, key, by, options.Limit(), result.Enrolled, result.At); err != nil {
		return result, err
	}
	return result, Activity{By: by, Kind: DidEnroll, Thing: ACampaign, Subject: key, Count: result.Enrolled}.write(ctx, tx)
}

// pace has the rate, if there is one, go also for those that earlier calls have left to be started.
func (o BatchOptions) pace(ctx context.Context, tx pgx.Tx, key string) error {
	if o.Rate == nil || o.DryRun {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE outbox SET rate = $2 WHERE kind = 'enroll' AND campaign = $1 AND done_at IS NULL`, key, *o.Rate)
	return err
}

// namedContacts counts the contacts with these ids, nil being all, and refuses an id that none has. What is kept
// can not be deleted until the transaction has ended: it would be left out in silence by the statements that follow.
func namedContacts(ctx context.Context, tx pgx.Tx, ids []int64, keep bool) (count int, err error) {
	if ids == nil {
		return count, tx.QueryRow(ctx, `SELECT count(*) FROM contacts`).Scan(&count)
	}
	lock := ""
	if keep {
		lock = ` FOR KEY SHARE`
	}
	var unknown []int64
	err = tx.QueryRow(ctx, `
		WITH found AS MATERIALIZED (SELECT id FROM contacts WHERE id = ANY ($1) ORDER BY id`+lock+`)
		SELECT count(*), ARRAY(SELECT unnest($1::bigint[]) EXCEPT SELECT id FROM found ORDER BY 1) FROM found`, ids).Scan(&count, &unknown)
	if err != nil {
		return 0, err
	}
	return count, unknownContacts(unknown)
}
