package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/store"
)

// pausing is what campaign pause and unpause print with -o json.
type pausing struct {
	changed
	// Concerned counts the contacts that it concerns: of a pause those that are
	// under way, of an unpause those that are Paused.
	Concerned int  `json:"concerned"`
	DryRun    bool `json:"dryRun"`
}

func newCampaignPause(s *session) *cobra.Command {
	var dryRun bool
	command := &cobra.Command{
		Use: "pause CAMPAIGN", Short: "Pause a campaign: no further step begins", Args: cobra.ExactArgs(1),
		Long: `Pauses a campaign. No step begins any more: each contact is Paused when its next
step comes, and a wait goes on meanwhile. A message that is being sent is sent.`,
		Example: "  starter campaign pause q4-outreach\n  starter campaign pause q4-outreach --dry-run",
		RunE: func(command *cobra.Command, args []string) error {
			return s.setPaused(command.Context(), args[0], true, store.BatchOptions{DryRun: dryRun})
		},
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count whom it concerns and do nothing")
	return command
}

func newCampaignUnpause(s *session) *cobra.Command {
	var dryRun bool
	var rate rateFlag
	command := &cobra.Command{
		Use: "unpause CAMPAIGN", Short: "Let a paused campaign go on", Args: cobra.ExactArgs(1),
		Long: `Lets a paused campaign go on. Contacts that are Paused begin their step at once,
or at --rate (starter background shows how far it is).`,
		Example: "  starter campaign unpause q4-outreach\n  starter campaign unpause q4-outreach --rate 300/m",
		RunE: func(command *cobra.Command, args []string) error {
			return s.setPaused(command.Context(), args[0], false, store.BatchOptions{DryRun: dryRun, Rate: rate.value})
		},
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count who would go on and do nothing")
	rate.flag(command, "let go on")
	return command
}

func (s *session) setPaused(ctx context.Context, key string, pause bool, how store.BatchOptions) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	if err := checkCampaign(ctx, db, key); err != nil {
		return err
	}
	change, err := db.SetPaused(ctx, key, pause, s.by(), how)
	if err != nil {
		return err
	}
	out := pausing{changed: changed{list(change.Edits), freeing(change.Resuming)}, Concerned: change.Resuming, DryRun: how.DryRun}
	switch {
	case len(change.Edits) == 0:
		s.sayf("%s: nothing changed; it is %s already.", key, activeText(pause))
	case pause:
		var whom string
		if out.Concerned, whom, err = underWay(ctx, db, key); err != nil {
			return err
		}
		s.sayf("%s%s", either(how.DryRun, "Dry run: would pause "+key, key+" is paused"), whom)
	case how.DryRun:
		s.sayf("Dry run: would let %s go on: %s would begin their step%s.", key,
			plural(change.Resuming, "paused contact"), atRate(how.Limit(), change.Resuming))
	default:
		s.sayf("%s is active again.", key)
	}
	if err := s.show(out, nil); err != nil || how.DryRun {
		return err
	}
	return s.goOnAt(ctx, change.Resuming, "that had been paused", either(how.Limit() > 0, "at "+how.Limit().String(), "now"))
}

// underWay counts whom a pause concerns, and says so as the end of a sentence.
func underWay(ctx context.Context, db *store.Store, key string) (int, string, error) {
	statuses, err := db.CampaignStatuses(ctx, key)
	if err != nil || len(statuses) == 0 {
		return 0, "", err
	}
	now := statuses[0]
	concerned := now.Active + now.Waiting + now.InError
	if concerned == 0 {
		return 0, ": no further step begins.", nil
	}
	var parts []string
	for _, part := range []struct {
		count int
		name  string
	}{{now.Active, "active"}, {now.Waiting, "waiting"}, {now.InError, "in error"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.name))
		}
	}
	return concerned, fmt.Sprintf(": no further step begins for %s (%s).", plural(concerned, "contact"), strings.Join(parts, ", ")), nil
}

func either(which bool, yes, no string) string {
	if which {
		return yes
	}
	return no
}
