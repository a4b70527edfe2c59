package store

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// Workspace is what a workspace file says, valid in itself. What it does not
// name is left alone.
type Workspace struct {
	// Plan is nil when the file does not speak of it.
	Plan *campaign.Billing
	// Timezone is empty, and Holidays is nil, when the file does not speak of it.
	Timezone      string
	Holidays      *pace.Holidays
	Users         []campaign.User
	EmailAccounts []campaign.EmailAccount
	Campaigns     []CampaignSpec
}

// CampaignSpec is a campaign as a file says it.
type CampaignSpec struct {
	campaign.Campaign
	// KeepSender is true when the file names no sender: a campaign that exists
	// keeps the one that it has, a new one has none.
	KeepSender bool
}

// AppliedItem is what Apply has done to one thing.
type AppliedItem struct {
	// Kind is plan, calendar, user, email account or campaign.
	Kind string `json:"kind"`
	Key  string `json:"key"`
	// Action is created, updated or unchanged.
	Action string `json:"action"`
	Edits  []Edit `json:"edits"`
	// Reach is what the edits of its steps mean for the contacts of a campaign.
	Reach []campaign.Reach `json:"reach,omitempty"`
	// Notes are what a person should know about it, a sentence each.
	Notes []string `json:"notes"`
}

// Applied is what Apply has done, in the order of the file.
type Applied struct {
	Items []AppliedItem
	// Resuming counts the contacts that were parked on what changed.
	Resuming int
	// Ended counts those of them that cannot go on: their workflow was ended from outside.
	Ended int
	// Looking counts the enrollments that look at once what comes next, since the steps of
	// their campaign were edited.
	Looking int
	// Lines are those of campaigns of which contacts become due at once, by key, as the file would leave them; of a dry run alone.
	Lines map[string]LineView

	causes []failure.Cause
	// request is the outbox row of the first edit; 0 when nobody has to look.
	request int64
}

// Change is the whole as one change, for those who were parked on it.
func (a Applied) Change() Change {
	return Change{Resuming: a.Resuming, Ended: a.Ended, Looking: a.Looking, Request: a.request, causes: a.causes}
}

// Changed is true when anything was, or would be, written.
func (a Applied) Changed() bool {
	for _, item := range a.Items {
		if item.Action != unchanged {
			return true
		}
	}
	return false
}

// log keeps who has applied the file, and a row for each thing that it has changed.
func (a Applied) log(ctx context.Context, tx pgx.Tx, by string) error {
	if !a.Changed() {
		return nil
	}
	rows := []Activity{{By: by, Kind: DidApply, Thing: TheWorkspace, Count: a.Resuming}}
	for _, item := range a.Items {
		if item.Action == unchanged {
			continue
		}
		row := Activity{By: by, Kind: DidChange, Thing: appliedThings[item.Kind], Subject: item.Key, Fields: fieldNames(item.Edits)}
		if item.Action == created {
			row.Kind = DidAdd
		}
		if row.Thing == ThePlan || row.Thing == TheCalendar {
			row.Subject = ""
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		if err := row.write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// appliedThings are the kinds of an AppliedItem as the activity names them.
var appliedThings = map[string]ActivityThing{"plan": ThePlan, "calendar": TheCalendar, "user": AUser, "email account": AnAccount, "campaign": ACampaign}

const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"
)

// Apply makes the database say what the workspace says, in one transaction, and
// wakes the contacts that wait for what changed. Applied again it changes nothing. With
// dryRun nothing is written. ErrNotFound when a campaign names a user or an
// account that neither the workspace nor the database has, ErrNoSecretKey when
// a password is given and cannot be kept, ErrRefused when a campaign could never send.
func (s *Store) Apply(ctx context.Context, workspace Workspace, by string, dryRun bool) (Applied, error) {
	var applied Applied
	var uncounted []string
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run := applying{store: s, tx: tx, by: by, dryRun: dryRun}
		if err := run.lock(ctx, workspace); err != nil {
			return err
		}
		if err := run.all(ctx, workspace); err != nil {
			return err
		}
		applied = run.applied
		if dryRun {
			if err := applied.readLines(ctx, tx); err != nil {
				return err
			}
			return errDryRun
		}
		uncounted = run.times.limited
		return applied.log(ctx, tx, by)
	})
	switch {
	case errors.Is(err, errDryRun):
		err = nil
	case err == nil:
		err = s.countLate(ctx, uncounted)
	}
	return applied, err
}

// readLines reads the lines of the campaigns of which contacts become due at once, as the file leaves them: a dry run
// takes that back.
func (a *Applied) readLines(ctx context.Context, tx pgx.Tx) error {
	for _, item := range a.Items {
		if !slices.ContainsFunc(item.Reach, func(reach campaign.Reach) bool { return reach.DueAtOnce > 0 }) {
			continue
		}
		view, err := lineView(ctx, tx, LineQuery{Campaign: item.Key})
		if err != nil {
			return err
		}
		if a.Lines == nil {
			a.Lines = map[string]LineView{}
		}
		a.Lines[item.Key] = view
	}
	return nil
}

// applying is one run of Apply.
type applying struct {
	store   *Store
	tx      pgx.Tx
	by      string
	dryRun  bool
	applied Applied
	// looking are the enrollments that have to look what comes next.
	looking []int64
	causes  []failure.Cause
	// times is what has changed of the times at which messages may leave.
	times timesChange
	// credits is the number of contacts that a change of the plan can serve; -1 is all.
	credits int64
}

// lock takes the rows in the order in which a park takes them, so that the two
// wait for each other and never deadlock.
func (a *applying) lock(ctx context.Context, workspace Workspace) error {
	const key = 0x72656c6170706c79 // "relapply": two runs do not both create what is missing
	keys := make([]string, len(workspace.Campaigns))
	for i, of := range workspace.Campaigns {
		keys[i] = of.Key
	}
	if _, err := a.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(key)); err != nil {
		return err
	}
	if err := a.lockInside(ctx, workspace); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT FROM campaigns WHERE key = ANY ($1) ORDER BY key FOR NO KEY UPDATE`, keys)
	batch.Queue(`SELECT FROM users ORDER BY key FOR NO KEY UPDATE`)
	batch.Queue(`SELECT FROM email_accounts ORDER BY address FOR NO KEY UPDATE`)
	return a.tx.SendBatch(ctx, batch).Close()
}

func (a *applying) all(ctx context.Context, workspace Workspace) error {
	if workspace.Plan != nil {
		if err := a.plan(ctx, *workspace.Plan); err != nil {
			return err
		}
	}
	if err := a.calendar(ctx, workspace); err != nil {
		return err
	}
	for _, user := range workspace.Users {
		if err := a.user(ctx, user); err != nil {
			return err
		}
	}
	for _, account := range workspace.EmailAccounts {
		if err := a.account(ctx, account); err != nil {
			return err
		}
	}
	for _, of := range workspace.Campaigns {
		if err := a.campaign(ctx, of); err != nil {
			return err
		}
	}
	if err := a.meet(ctx); err != nil {
		return err
	}
	if err := a.announce(ctx); err != nil {
		return err
	}
	if !a.times.none() {
		if err := a.times.take(ctx, a.tx); err != nil {
			return err
		}
	}
	return a.holdPlaces(ctx)
}

// announce comes after every update (law 3).
func (a *applying) announce(ctx context.Context) error {
	var things, plan Change
	var others []failure.Cause
	for _, cause := range a.causes {
		if cause != failure.Plan {
			others = append(others, cause)
			continue
		}
		if err := plan.announce(ctx, a.tx, a.by, cause); err != nil {
			return err
		}
		if a.credits >= 0 {
			plan.Resuming = int(min(int64(plan.Resuming), a.credits))
		}
	}
	err := things.announce(ctx, a.tx, a.by, others...)
	a.applied.Resuming, a.applied.Ended, a.applied.causes = things.Resuming+plan.Resuming, things.Ended+plan.Ended, a.causes
	return err
}

// done notes what was done to one thing, and what it may have fixed.
func (a *applying) done(kind, key string, isNew bool, edits []Edit, notes []string, causes ...failure.Cause) {
	action := unchanged
	switch {
	case isNew:
		action = created
	case len(edits) > 0:
		action = updated
	}
	if edits == nil {
		edits = []Edit{}
	}
	if notes == nil {
		notes = []string{}
	}
	a.applied.Items = append(a.applied.Items, AppliedItem{Kind: kind, Key: key, Action: action, Edits: edits, Notes: notes})
	a.causes = append(a.causes, causes...)
}
