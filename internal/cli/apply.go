package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/operator"
)

func newApply(s *session) *cobra.Command {
	var file string
	var dryRun bool
	var wait waitFlag
	command := &cobra.Command{
		Use: "apply -f FILE", Short: "Make users, plan, email accounts and campaigns as a file says", Args: cobra.NoArgs, GroupID: groupConfigure,
		Long: `Reads a workspace file (- is standard input) and makes users, plan, calendar, email
accounts and campaigns as it says, all or nothing; it says what it changed, and
applied again it changes nothing.

What the file does not name is left alone: other accounts and campaigns, whether a
campaign is paused, the time zone and the holidays, and also a sender, a phone number
or an address that the file leaves out (starter campaign set-sender, starter user set
change and clear those). An account that the file names without pace has none then,
and a campaign that it names without window sends at any time. Credits are the
balance to begin with: they are set when the file gives another number than the last
time, not filled up each time.

An email account that is in error stays in error unless its settings change; one
that was removed is added again. A window that never meets the hours of its sender
is refused, with the number of contacts. Contacts that wait for what has changed go
on at once.

A campaign may be edited while contacts are in it. Each gets next the step after the
last one that it has had, as the campaign is now: nothing that was sent is sent again, and
nothing that was passed is caught up. A wait counts from the message before it, as it is
now. For each step that is edited it says how many get it, are past it, or become due at
once; --dry-run says that before anything is written. A step that is given another id says
renamed_from: OLD-ID, or else it is another step; another kind needs a new id.

A variable without a default that no contact has is pointed out, and refuses nothing.`,
		Example: "  starter apply -f workspace.yaml --dry-run\n  starter apply -f workspace.yaml",
		RunE: func(command *cobra.Command, _ []string) error {
			if file == "" {
				return usagef("say which file: -f workspace.yaml, or -f - for standard input")
			}
			return s.apply(command.Context(), file, dryRun, wait)
		},
	}
	command.Flags().StringVarP(&file, "file", "f", "", "the workspace `file`; - is standard input")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done and do nothing")
	wait.fix(command)
	return command
}

func (s *session) apply(ctx context.Context, name string, dryRun bool, wait waitFlag) error {
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	if name == "-" {
		name = "standard input"
	}
	done, err := s.operations(wait).Apply(ctx, name, content, dryRun)
	if err != nil {
		return err
	}
	s.sayApplied(done)
	s.warnUnfilled(name, done.Unfilled)
	if dryRun {
		s.sayEnded(done.Ended)
		return s.show(done, nil)
	}
	return s.showChange(ctx, wait, changeOf(&done.Effect, &done))
}

func (s *session) sayApplied(done operator.Applied) {
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
		for _, reach := range item.Reach {
			s.sayf("           %s", reachText(item.Key, reach))
		}
		for _, note := range item.Notes {
			s.sayf("           note: %s", note)
		}
	}
	switch {
	case done.DryRun && done.AnyChange:
		s.sayf("Dry run: nothing was written.")
	case !done.AnyChange:
		s.sayf("Nothing changed.")
	}
}

// warnUnfilled points out the variables that no contact can fill in.
func (s *session) warnUnfilled(file string, unfilled []operator.UnfilledVariable) {
	for _, v := range unfilled {
		then := "give it a default, or import the field"
		if v.Meant != "" {
			then = "did you mean {{ " + v.Meant + " }}?"
		}
		s.warnf("%s:%d: campaign %s, step %s: the %s names {{ %s }}, which no contact has a value for; %s", file, v.Line, v.Campaign, v.StepID, v.Part, v.Variable, then)
	}
}
