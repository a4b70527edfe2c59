package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/reconcile"
	"relance/internal/store"
)

// ReconcileOptions say what is compared, and whether it is repaired.
type ReconcileOptions struct {
	// Campaign is the key of the only campaign to compare; empty compares all.
	Campaign string
	// Contacts are the ids of the only contacts to compare, nil compares all; Ended
	// compares only the enrollments whose workflow was ended from outside.
	Contacts []int64
	Ended    bool
	// Restored and TemporalRestored are the moments of the backups that the two
	// were restored from; zero when they were not.
	Restored, TemporalRestored time.Time
	// Apply repairs what differs.
	Apply bool
	// Comparing and Repairing are the progress of the two; Say is called with why
	// something takes long. All may be nil.
	Comparing, Repairing Progress
	Say                  func(why string)
}

// Reconciled is what PostgreSQL and Temporal differ in, and what was done about it.
type Reconciled struct {
	Enrollments int                    `json:"enrollments"`
	Workflows   int                    `json:"workflows"`
	ByKind      map[reconcile.Kind]int `json:"byKind"`
	// InDoubtSince is since when the ledger knows nothing; null when it is whole.
	InDoubtSince *time.Time `json:"inDoubtSince"`
	GoOn         int        `json:"goOn"`
	Repaired     int        `json:"mended"`
	Left         int        `json:"left"`
	// Forgotten are ended workflows of contacts that PostgreSQL does not have.
	Forgotten   []string     `json:"forgotten"`
	Differences []Difference `json:"differences"`

	// Guessed is true when Restored was not given and the moment of the ledger's
	// last send stands in for it.
	Guessed bool `json:"-"`
	// Delayed is why the outbox entries of the repair are not delivered at once;
	// see Changed.
	Delayed error `json:"-"`
}

// Difference is one enrollment about which the two differ.
type Difference struct {
	Kind        reconcile.Kind `json:"kind"`
	Campaign    string         `json:"campaign"`
	ContactID   int64          `json:"contactId"`
	ContactName string         `json:"contactName"`
	StepID      string         `json:"stepId"`
	WorkflowID  string         `json:"workflowId"`
	Postgres    string         `json:"postgres"`
	Temporal    string         `json:"temporal"`
	Repair      string         `json:"mend"`
	Repaired    bool           `json:"mended"`
	// Left says why it is not repaired, and what to do.
	Left string `json:"left"`
}

// Reconcile compares PostgreSQL with Temporal, and repairs what differs with
// o.Apply. An ErrRefused when the state of things does not allow it; an
// ErrNotFound when there is no such campaign, or when a contact is not enrolled.
func (o *Operator) Reconcile(ctx context.Context, options ReconcileOptions) (Reconciled, error) {
	db, err := o.campaigns(ctx, options.Campaign)
	if err != nil {
		return Reconciled{}, err
	}
	only, err := options.only(ctx, db)
	if err != nil {
		return Reconciled{}, err
	}
	count := len(only)
	if only == nil {
		if count, err = db.CountRecords(ctx, options.Campaign); err != nil {
			return Reconciled{}, err
		}
	}
	temporal, err := o.workflows(ctx)
	if err != nil {
		return Reconciled{}, err
	}
	comparison := &reconcile.Comparison{
		Ledger: db, Temporal: temporal, Campaign: options.Campaign, Only: only, Restored: options.Restored, TemporalRestored: options.TemporalRestored,
		Interval: o.LookAgain, Progress: func(done int) { options.Comparing.say(done, count) }, Say: options.Say,
	}
	report, err := comparison.Look(ctx)
	if err != nil {
		return Reconciled{}, refusal(err)
	}
	if !options.Apply || len(report.Differences) == 0 {
		return reconciled(report), nil
	}
	comparison.Progress = func(done int) { options.Repairing.say(done, len(report.Differences)) }
	if err := comparison.Apply(ctx, report); err != nil {
		return reconciled(report), refusal(err)
	}
	out := reconciled(report)
	if report.Asked {
		out.Delayed = o.drain(ctx)
	}
	return out, nil
}

// only are the enrollments to compare; nil is all.
func (r ReconcileOptions) only(ctx context.Context, db *store.Store) ([]campaign.EnrollmentKey, error) {
	switch {
	case r.Ended && r.Contacts != nil:
		return nil, &Invalid{Field: "ended", Text: "give contacts or the ended workflows, not both"}
	case r.Ended:
		return db.EndedKeys(ctx, r.Campaign)
	case r.Contacts == nil:
		return nil, nil
	}
	keys, err := db.KeysOf(ctx, r.Campaign, r.Contacts)
	if err != nil {
		return nil, err
	}
	for _, id := range r.Contacts {
		if !slices.ContainsFunc(keys, func(key campaign.EnrollmentKey) bool { return key.ContactID == id }) {
			text := fmt.Sprintf("contact %d is not enrolled", id)
			if r.Campaign != "" {
				text += " in " + r.Campaign
			}
			return nil, &store.Error{Kind: ErrNotFound, Text: text}
		}
	}
	return keys, nil
}

func reconciled(report *reconcile.Report) Reconciled {
	out := Reconciled{
		Enrollments: report.Enrollments, Workflows: report.Workflows, ByKind: map[reconcile.Kind]int{}, GoOn: report.GoOn,
		Left: report.Left(), Repaired: len(report.Differences) - report.Left(), Differences: []Difference{},
		Forgotten: list(report.Forgotten), Guessed: report.Guessed,
	}
	if since := report.Window.Since.UTC(); !report.Window.Since.IsZero() {
		out.InDoubtSince = &since
	}
	for _, d := range report.Differences {
		out.ByKind[d.Kind]++
		out.Differences = append(out.Differences, Difference{
			Kind: d.Kind, Campaign: d.CampaignKey, ContactID: d.ContactID, ContactName: d.ContactName, StepID: d.StepID,
			WorkflowID: d.WorkflowID(), Postgres: d.Postgres, Temporal: d.Temporal, Repair: d.Repair, Repaired: d.Repaired, Left: d.Left,
		})
	}
	return out
}

// refusal makes a reconciliation's refusal one like all others.
func refusal(err error) error {
	var refused reconcile.Refused
	if errors.As(err, &refused) {
		return &store.Error{Kind: ErrRefused, Text: err.Error(), Cause: err}
	}
	return err
}
