package operator

import (
	"bytes"
	"context"

	"relance/internal/liquid"
	"relance/internal/store"
	"relance/internal/workspace"
)

// AppliedItem is what Apply has done to one thing.
type AppliedItem = store.AppliedItem

// Applied is what Apply has done, in the order of the file.
type Applied struct {
	DryRun bool          `json:"dryRun"`
	Items  []AppliedItem `json:"items"`
	// Unfilled are the variables of the file's templates that no contact can fill
	// in; empty as long as there are no contacts.
	Unfilled []UnfilledVariable `json:"unfilledVariables"`
	Effect

	// AnyChange is true when anything was, or would be, written.
	AnyChange bool `json:"-"`
}

// Apply makes users, plan, email accounts and campaigns as a workspace file says,
// all or nothing; applied again it changes nothing. name is the file's, for its
// errors and for paths beside it. An Invalid, with the lines, when the file
// cannot be read, an ErrRefused when it wants a stored password sent elsewhere, or a campaign
// could never send.
func (o *Operator) Apply(ctx context.Context, name string, content []byte, dryRun bool) (Applied, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Applied{}, err
	}
	known, err := knownTo(ctx, db)
	if err != nil {
		return Applied{}, err
	}
	read, err := workspace.Read(bytes.NewReader(content), name, o.LookupEnv, workspace.Options{Known: known, ValidateTemplate: validateTemplate})
	if err != nil {
		return Applied{}, invalid("file", err)
	}
	unfilled, err := unfilledVariables(ctx, db, read.Templates)
	if err != nil {
		return Applied{}, err
	}
	done, err := db.Apply(ctx, specOf(read), o.by, dryRun)
	if err != nil {
		return Applied{}, err
	}
	if err := spread(ctx, db, done); err != nil && dryRun { // else it is saved, and says no duration
		return Applied{}, err
	}
	out := Applied{DryRun: dryRun, Items: list(done.Items), Unfilled: list(unfilled), AnyChange: done.Changed()}
	if dryRun {
		out.Freed = freed(done.Resuming, done.Ended)
		return out, nil
	}
	out.Effect, err = o.effect(ctx, db, done.Change())
	return out, err
}

// knownTo lists what a file may name without defining it.
func knownTo(ctx context.Context, db *store.Store) (workspace.Known, error) {
	var known workspace.Known
	users, err := db.Users(ctx)
	if err != nil {
		return known, err
	}
	for _, user := range users {
		known.Users = append(known.Users, user.Key)
	}
	accounts, err := db.AccountUses(ctx)
	for _, account := range accounts {
		known.Accounts = append(known.Accounts, account.Address)
	}
	return known, err
}

// specOf is the file in the store's terms.
func specOf(read workspace.Workspace) store.Workspace {
	spec := store.Workspace{Plan: read.Plan, Timezone: read.Timezone, Holidays: read.Holidays, Users: read.Users, EmailAccounts: read.EmailAccounts}
	for _, of := range read.Campaigns {
		spec.Campaigns = append(spec.Campaigns, store.CampaignSpec{Campaign: of, KeepSender: of.Sender == ""})
	}
	return spec
}

// validateTemplate is the check of the file's texts.
func validateTemplate(template string, report func(line int, text string)) {
	for _, problem := range liquid.Validate(template) {
		report(problem.Line, problem.Text)
	}
}

// WorkspaceSchema is the JSON Schema of a workspace file; see workspace.Schema.
func WorkspaceSchema() []byte { return workspace.Schema() }
