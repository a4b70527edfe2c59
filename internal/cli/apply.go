package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/liquid"
	"relance/internal/store"
	"relance/internal/workspace"
)

// applied is what apply prints with -o json.
type applied struct {
	DryRun bool                `json:"dryRun"`
	Items  []store.AppliedItem `json:"items"`
	freed
}

func newApply(s *session) *cobra.Command {
	var file string
	var dryRun bool
	command := &cobra.Command{
		Use: "apply -f FILE", Short: "Make users, plan, email accounts and campaigns as a file says", Args: cobra.NoArgs, GroupID: groupConfigure,
		Long: `Reads a workspace file (- is standard input) and makes users, plan, email accounts
and campaigns as it says, all or nothing; it says what it changed, and applied
again it changes nothing.

What the file does not name is left alone: other accounts and campaigns, whether a
campaign is paused, and also a sender, a phone number or an address that the file
leaves out (starter campaign set-sender, starter user set change and clear those).
Credits are the balance to begin with: they are set when the file gives another
number than the last time, not filled up each time.

An email account that is in error stays in error unless its settings change; one
that was removed is added again. Contacts that wait for what has changed go on at
once. New texts reach every contact that has not had the step yet; the order of the
steps and the waits are those with which a contact was enrolled.`,
		Example: "  starter apply -f workspace.yaml --dry-run\n  starter apply -f workspace.yaml",
		RunE: func(command *cobra.Command, _ []string) error {
			if file == "" {
				return usagef("say which file: -f workspace.yaml, or -f - for standard input")
			}
			return s.apply(command.Context(), file, dryRun)
		},
	}
	command.Flags().StringVarP(&file, "file", "f", "", "the workspace `file`; - is standard input")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done and do nothing")
	return command
}

func (s *session) apply(ctx context.Context, name string, dryRun bool) error {
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	known, err := knownTo(ctx, db)
	if err != nil {
		return err
	}
	if name == "-" {
		name = "standard input"
	}
	read, err := workspace.Read(bytes.NewReader(content), name, s.env, workspace.Options{Known: known, ValidateTemplate: validateTemplate})
	if err != nil {
		return usageError{err}
	}
	done, err := db.Apply(ctx, specOf(read), s.by(), dryRun)
	if err != nil {
		return err
	}
	s.sayApplied(done, dryRun)
	if err := s.show(applied{dryRun, list(done.Items), freeing(done.Resuming)}, nil); err != nil || dryRun {
		return err
	}
	return s.goOn(ctx, done.Resuming, "in error")
}

// validateTemplate is the check of the file's texts.
func validateTemplate(template string, report func(line int, text string)) {
	for _, problem := range liquid.Validate(template) {
		report(problem.Line, problem.Text)
	}
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
	accounts, err := db.EmailAccounts(ctx)
	for _, account := range accounts {
		known.Accounts = append(known.Accounts, account.Address)
	}
	return known, err
}

// specOf is the file in the store's terms.
func specOf(read workspace.Workspace) store.Workspace {
	spec := store.Workspace{Plan: read.Plan, Users: read.Users, EmailAccounts: read.EmailAccounts}
	for _, of := range read.Campaigns {
		spec.Campaigns = append(spec.Campaigns, store.CampaignSpec{Campaign: of, KeepSender: of.Sender == ""})
	}
	return spec
}

func (s *session) sayApplied(done store.Applied, dryRun bool) {
	for _, item := range done.Items {
		edits := make([]string, len(item.Edits))
		for i, edit := range item.Edits {
			edits[i] = editText(edit)
		}
		line := fmt.Sprintf("%-9s  %s %s", item.Action, item.Kind, item.Key)
		if len(edits) > 0 {
			line += ": " + strings.Join(edits, ", ")
		}
		s.sayf("%s", line)
		for _, note := range item.Notes {
			s.sayf("           note: %s", note)
		}
	}
	switch {
	case dryRun && done.Changed():
		s.sayf("Dry run: nothing was written.")
	case !done.Changed():
		s.sayf("Nothing changed.")
	}
}
