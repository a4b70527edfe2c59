package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// LineQuery says whose lines are looked at. Exactly one part is set; the zero value is every
// account that a campaign sends with.
type LineQuery struct {
	Account, Campaign string
	// Contact is whose enrollments stand apart from the cohorts, of OfCampaign when it is set.
	Contact    int64
	OfCampaign string
	// manyActive is a test's own.
	manyActive int
}

// LineView is what a forecast is made of, all of one moment.
type LineView struct {
	Now       time.Time
	Calendar  pace.Calendar
	Senders   []LineSender
	Campaigns []campaign.Campaign
	// Cohorts are those in line, and then those without a place.
	Cohorts []LineCohort
	// Passed says of each step how many have had it, and how many have left at it.
	Passed []StepPassed
	// Contact and Enrollments are those of the query.
	Contact     campaign.Contact
	Enrollments []LineEnrollment
}

// LineSender is an email account with what it has spent.
type LineSender struct {
	Address      string
	Status       campaign.AccountStatus
	Reason       string
	RestingUntil *time.Time
	RestReason   string
	Pace         pace.AccountRules
	Spent        pace.Spent
	Seq          int64
	// Turns are the last that first mails of each campaign had, by its key.
	Turns map[string]int64
	// Asked is false of one that was not asked for, and shares contacts with one that was.
	Asked bool
}

// LineCohort is those who wait alike in one line: of one campaign, for one step, in one zone;
// or those who will come into it.
type LineCohort struct {
	// Account is empty for those who are Unbound: any of the campaign's senders takes them.
	Account, Campaign, StepID string
	Unbound                   bool
	StepIndex                 int
	// Zone is the recipient's where it counts; it is not known of those who have no place.
	Zone string
	Band int
	// Seqs are their places, in no order, and Sinces when each was put into the line, in
	// the same; the latter are left out where only first mails can be. Without a place there are none.
	Seqs   []int64
	Sinces []time.Time
	Count  int
	// Since is when the first of them was put into the line, NotBefore when they come back,
	// or the first of those who come does; Froms is when each of these does, with its place in Seqs if it has one.
	Since, NotBefore *time.Time
	Froms            []time.Time
	// State is waiting, granted, claimed or stuck; empty for those who have no place.
	State string
	// Enrollment is set for one that stands apart.
	Enrollment int64
}

// StepPassed is how many have had a step's message, how many were disenrolled at it, and
// how many stand at it.
type StepPassed struct {
	Campaign, StepID            string
	Sent, Disenrolled, Standing int
}

// LineEnrollment is one enrollment of a contact.
type LineEnrollment struct {
	ID       int64
	Campaign string
	// Sender is its own: the campaign's, or of several the one that has mailed it; empty when
	// it has none.
	Sender    string
	Status    campaign.Status
	StepID    string
	StepIndex int
	// Had are the messages that it has had, in their order.
	Had     []campaign.Sending
	NextAt  *time.Time
	Started bool
	// WorkflowEnded is true of one whose workflow was ended from outside: nothing moves it.
	WorkflowEnded bool
	// StartsAt is when it is to begin, while that is to come.
	StartsAt *time.Time
	// Code and Detail are the open park's.
	Code, Detail string
	// LineState and Since are of its place; empty without one.
	LineState string
	Since     *time.Time
	// AsideUntil is until when it rests beside the line, as it has let several turns lapse; nil when it does not.
	AsideUntil *time.Time
	// RetryAt is set while a try has failed and is repeated, RetryWhy is how it has failed.
	RetryAt  *time.Time
	RetryWhy string
	// HeldUntil is set while the person is away, or somebody has to look at an answer, as
	// HeldWords say.
	HeldUntil *time.Time
	HeldWords string
	// AwaitsLook is the moment after which a look at the mailbox LooksAt has to begin
	// (law 9); nil when it waits for none.
	AwaitsLook *time.Time
	LooksAt    string
}

// LineView reads the lines of a few accounts as cohorts: what it returns is short, however
// many wait. Nothing is locked: it is to be looked at, not to be acted on.
func (s *Store) LineView(ctx context.Context, query LineQuery) (view LineView, err error) {
	options := pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}
	err = pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		view, err = lineView(ctx, tx, query)
		return err
	})
	return view, mapError(err)
}

// lineView is LineView as a transaction sees the lines.
func lineView(ctx context.Context, tx pgx.Tx, query LineQuery) (view LineView, err error) {
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp(), rules FROM calendar`).Scan(&view.Now, &view.Calendar); err != nil {
		return view, err
	}
	if query.Contact != 0 {
		if view.Contact, err = lineContact(ctx, tx, query.Contact); err != nil {
			return view, err
		}
		if view.Enrollments, err = lineEnrollments(ctx, tx, query); err != nil || len(view.Enrollments) == 0 {
			return view, err
		}
	}
	return view, view.read(ctx, tx, query)
}

func (v *LineView) read(ctx context.Context, tx pgx.Tx, query LineQuery) error {
	apart, open, own := []int64{}, []string{}, []string{}
	for _, enrollment := range v.Enrollments {
		apart = append(apart, enrollment.ID)
		if !enrollment.Status.Ended() {
			open, own = append(open, enrollment.Campaign), append(own, enrollment.Sender)
		}
	}
	rows, err := tx.Query(ctx, lineSendersSQL, pgx.NamedArgs{
		"account": query.Account, "campaign": query.Campaign, "contact": query.Contact, "open": open, "own": own,
	})
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[lineSenderRow])
	if err != nil {
		return err
	}
	args := pgx.NamedArgs{"apart": apart}
	addresses := make([]string, len(found))
	for i, row := range found {
		sender, err := row.sender()
		if err != nil {
			return err
		}
		v.Senders, addresses[i] = append(v.Senders, sender), row.Address
	}
	// A contact's own campaigns have to be known, also those without a sender.
	of := open
	if query.Campaign != "" {
		of = append(of, query.Campaign)
	}
	for _, enrollment := range v.Enrollments {
		of = append(of, enrollment.Campaign)
	}
	args["accounts"], args["of"] = addresses, of
	if err := v.cohorts(ctx, tx, linePlacesSQL, args); err != nil {
		return err
	}
	for _, cohort := range v.Cohorts {
		of = append(of, cohort.Campaign)
	}
	if rows, err = tx.Query(ctx, `SELECT `+campaignColumns+` FROM campaigns WHERE key = ANY ($1) OR sender = ANY ($2) OR senders && $2 ORDER BY key`, of, addresses); err != nil {
		return err
	}
	if v.Campaigns, err = pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Campaign]); err != nil {
		return err
	}
	keys := make([]string, len(v.Campaigns))
	for i, of := range v.Campaigns {
		keys[i] = of.Key
	}
	args["campaigns"] = keys
	if err := v.coming(ctx, tx, query, args); err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, linePassedSQL, args); err != nil {
		return err
	}
	v.Passed, err = pgx.CollectRows(rows, pgx.RowToStructByName[StepPassed])
	return err
}

func (v *LineView) cohorts(ctx context.Context, tx pgx.Tx, sql string, args pgx.NamedArgs) error {
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return err
	}
	cohorts, err := pgx.CollectRows(rows, pgx.RowToStructByName[LineCohort])
	v.Cohorts = append(v.Cohorts, cohorts...)
	return err
}

func lineEnrollments(ctx context.Context, tx pgx.Tx, query LineQuery) ([]LineEnrollment, error) {
	rows, err := tx.Query(ctx, lineEnrollmentsSQL, query.Contact, query.OfCampaign)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[LineEnrollment])
}

func lineContact(ctx context.Context, tx pgx.Tx, id int64) (campaign.Contact, error) {
	rows, err := tx.Query(ctx, `SELECT `+contactColumns+` FROM contacts WHERE id = $1`, id)
	if err != nil {
		return campaign.Contact{}, err
	}
	contact, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[campaign.Contact])
	return contact, named(err, "contact", id)
}
