package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// BatchOptions controls a request for many enrollments: dry run, listing, rate.
type BatchOptions struct {
	// DryRun counts, and writes nothing.
	DryRun bool
	// Listed lists the matches too, and does not only count them.
	Listed bool
	// Rate is how fast the worker may carry it out; nil keeps the rate of the same
	// request that is still open, and is no limit when there is none.
	Rate *campaign.Rate
	// Most is how many contacts an enrollment takes at most; 0 is all of them.
	Most int
	// At is when an enrollment begins; zero is at once.
	At time.Time
	// Named has EnrollAgain take also those that a reply or the like has ended, or with a message in
	// doubt: a person has named each of them.
	Named bool
	// Confirmed is for how many contacts at most a person has confirmed MoveSender; 0 is any number.
	Confirmed int
}

// Limit is the rate, or 0 for no limit.
func (o BatchOptions) Limit() campaign.Rate {
	if o.Rate == nil {
		return 0
	}
	return *o.Rate
}

// Selection says which enrollments an operator means. Contacts nil means all.
type Selection struct {
	Campaign string
	Code     failure.Code
	Contacts []int64
}

// Match is an enrollment that a request selects, with its state at that time.
type Match struct {
	EnrollmentID int64
	ContactID    int64
	FirstName    string
	LastName     string
	Campaign     string
	Status       campaign.Status
	StepIndex    int
	ParkID       int
	// Code is empty unless the enrollment is in error.
	Code failure.Code
	// Ended is true when its workflow was ended from outside: nothing reaches it.
	Ended bool
}

// Requested is what a request has asked for, or would ask for.
type Requested struct {
	// Count is how many enrollments match, ByCode of them those in error,
	// ByCampaign how many of each campaign.
	Count      int
	ByCode     map[failure.Code]int
	ByCampaign map[string]int
	// Targets lists them when they were named, or when that was asked for.
	Targets []Match
	// LeftOut counts those in DeliveryUncertain that a resume of all does not
	// touch, because it brings no answer for them.
	LeftOut int
	// Ended counts those of Count whose workflow was ended from outside.
	Ended int
	// ID is the row of the outbox; 0 when nothing was written.
	ID int64
	// Rate is how fast it goes on; 0 is no limit.
	Rate campaign.Rate
}

func (r *Requested) add(count int, of Match) {
	r.Count += count
	r.ByCampaign[of.Campaign] += count
	if of.Code != "" {
		r.ByCode[of.Code] += count
	}
}

// RequestResume asks for the parks of a selection to be resumed: it checks that
// this can be done and leaves one row in the outbox, in one transaction. The
// error wraps ErrNotFound for a contact that does not exist, ErrRefused for
// one that is not in error, and is a NeedsAnswer where an answer is missing.
// When there is no park to resume, nothing is written.
//
// The same request while the first is still under way takes its place: it has
// the effect of one, at the rate that was said last.
func (s *Store) RequestResume(ctx context.Context, selection Selection, resume campaign.Resume, options BatchOptions) (Requested, error) {
	return s.request(ctx, request{kind: campaign.OutboxResume, selection: selection, say: resume, judge: selection.resumes(resume.Assume)}, options)
}

// RequestDisenroll asks for the enrollments of a selection to be ended, like RequestResume.
func (s *Store) RequestDisenroll(ctx context.Context, selection Selection, reason, by string, options BatchOptions) (Requested, error) {
	say := campaign.Resume{Note: reason, By: by}
	return s.request(ctx, request{kind: campaign.OutboxDisenroll, selection: selection, say: say, judge: selection.ends}, options)
}

// request is what resume and disenroll have in common.
type request struct {
	kind      campaign.OutboxKind
	selection Selection
	say       campaign.Resume
	judge     judge
	// id is its number in the outbox; 0 takes the next one.
	id int64
}

func (s *Store) request(ctx context.Context, r request, options BatchOptions) (Requested, error) {
	var requested Requested
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := contactsExist(ctx, tx, r.selection.Contacts); err != nil {
			return err
		}
		if err := r.number(ctx, tx, s.seen != nil && !options.DryRun); err != nil {
			return err
		}
		var err error
		requested, err = r.choose(ctx, tx, options.Listed)
		requested.Rate = options.Limit()
		if err != nil || options.DryRun || requested.Count == 0 {
			return err
		}
		if r.kind == campaign.OutboxDisenroll || r.selection.Contacts == nil { // it names no park
			err = s.notAsked(ctx, tx, r.kind, r.selection)
		} else {
			err = s.freshParks(ctx, tx, requested.Targets)
		}
		if err != nil {
			return err
		}
		return r.write(ctx, tx, &requested, options)
	})
	return requested, err
}

// number takes a number for a request of one who has seen something, before anything is
// looked at: a park that is decided later has a higher one, and is not resumed.
func (r *request) number(ctx context.Context, tx pgx.Tx, needed bool) error {
	if r.id = 0; !needed {
		return nil
	}
	if err := lockRequests(ctx, tx); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `SELECT nextval('fact_seq')`).Scan(&r.id)
}

// write leaves the request in the outbox, in the place of one that asked for
// the same: this one signals the contacts that the older one has not, since it
// reaches every park that the older one reaches.
func (r request) write(ctx context.Context, tx pgx.Tx, requested *Requested, options BatchOptions) error {
	code := r.selection.Code
	if r.say.Assume != "" { // the answer is for those who need one, and for nobody else
		code = failure.DeliveryUncertain
	}
	contacts := r.selection.Contacts
	if contacts == nil {
		contacts = []int64{}
	}
	var before campaign.Rate
	err := tx.QueryRow(ctx, `
		WITH replaced AS (
			DELETE FROM outbox WHERE done_at IS NULL AND kind = $1 AND campaign = $2 AND code = $3 AND contacts = $4 AND assume = $5 AND note = $6
			RETURNING id, rate)
		SELECT coalesce((SELECT rate FROM replaced ORDER BY id DESC LIMIT 1), 0)`,
		r.kind, r.selection.Campaign, code, contacts, r.say.Assume, r.say.Note).Scan(&before)
	if err != nil {
		return err
	}
	if options.Rate == nil {
		options.Rate = &before
	}
	requested.Rate = options.Limit()
	if err := tx.QueryRow(ctx, `
		INSERT INTO outbox (id, kind, campaign, code, contacts, assume, note, by, rate, total)
		VALUES (coalesce(nullif($10, 0), nextval('fact_seq')), $1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		r.kind, r.selection.Campaign, code, contacts, r.say.Assume, r.say.Note, r.say.By, requested.Rate, requested.Count, r.id).Scan(&requested.ID); err != nil {
		return err
	}
	return r.asActivity(requested.Count).write(ctx, tx)
}
