package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newMoveSender(s *session) *cobra.Command {
	var from, to string
	var yes, dryRun bool
	var rate rateFlag
	command := &cobra.Command{
		Use: "move-sender CAMPAIGN --from ADDRESS --to ADDRESS", Short: "Move the contacts that one of several senders has mailed to another", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(campaigns),
		Long: `Moves the contacts of a campaign that one of its senders has mailed to another of
its senders, for good. A contact keeps the sender that has mailed it first, and its
thread, so this is done on purpose only: the next email comes from another person's
address and begins a new thread. Everybody keeps the place in line; those who were in
error because of the first sender go on. Contacts that nobody has mailed need no
move: any sender of the campaign takes them.

It says how many they are and asks first, or takes --yes.`,
		Example: `  starter campaign move-sender q4-outreach --from maya@northwind.example --to tom@northwind.example --dry-run
  starter campaign move-sender q4-outreach --from maya@northwind.example --to tom@northwind.example --yes`,
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			if from == "" || to == "" {
				return hint(usagef("say from which sender, and to which: --from ADDRESS --to ADDRESS"), "starter campaign show "+args[0])
			}
			if !dryRun && !yes {
				if err := s.confirmMove(ctx, args[0], from, to); err != nil {
					return err
				}
			}
			return s.moveSender(ctx, args[0], from, to, operator.How{DryRun: dryRun, Rate: rate.value})
		},
	}
	command.Flags().StringVar(&from, "from", "", "the `address` of the sender that has mailed them")
	command.Flags().StringVar(&to, "to", "", "the `address` of the sender that is to go on")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count the contacts and do nothing")
	command.Flags().BoolVar(&yes, "yes", false, "do not ask")
	rate.flag(command, "let go on")
	_ = command.RegisterFlagCompletionFunc("from", s.completes(accounts))
	_ = command.RegisterFlagCompletionFunc("to", s.completes(accounts))
	return command
}

// confirmMove asks before contacts get another sender; nobody to move is no question.
func (s *session) confirmMove(ctx context.Context, key, from, to string) error {
	would, err := s.operator.MoveSender(ctx, key, from, to, operator.How{DryRun: true})
	if err != nil || would.Contacts == 0 {
		return err
	}
	return s.confirm(ctx, fmt.Sprintf("the next email of %s comes from %s instead of %s, in a new thread", print.Plural(would.Contacts, "contact"), would.To, would.From),
		"say --yes", "starter campaign move-sender "+key+" --from "+from+" --to "+to+" --dry-run")
}

func (s *session) moveSender(ctx context.Context, key, from, to string, how operator.How) error {
	out, err := s.operator.MoveSender(ctx, key, from, to, how)
	if err != nil {
		return err
	}
	if out.Contacts > 0 && out.ToStatus == campaign.AccountInError {
		s.warnf("%s is in error (%s): they are in error at their next email until it is reconnected (starter email-account reconnect %s)", out.To, out.ToReason, out.To)
	}
	contacts := print.Plural(out.Contacts, "contact")
	switch {
	case out.Contacts == 0:
		s.sayf("%s has mailed nobody in %s who is still under way; nothing to move.", out.From, key)
	case how.DryRun:
		s.sayf("Would move %s of %s from %s to %s: the next email begins a new thread.", contacts, key, out.From, out.To)
	default:
		s.sayf("Moved %s of %s from %s to %s: the next email begins a new thread.", contacts, key, out.From, out.To)
	}
	if out.Resuming > 0 {
		s.sayf("%s in error because of %s, and %s.", wasOrWere(out.Resuming), out.From, either(how.DryRun, "would go on", either(out.Resuming == 1, "goes on", "go on")))
	}
	if err := s.delayed(ctx, out.Delayed, "those in error will go on"); err != nil {
		return err
	}
	return s.show(out, nil)
}

func wasOrWere(count int) string {
	return fmt.Sprintf("%d of them %s", count, either(count == 1, "was", "were"))
}

// sendersText is who a campaign sends with, in a cell of a table.
func sendersText(of operator.Campaign) string {
	if len(of.Senders) == 0 {
		return senderText(of.Sender, of.SenderStatus)
	}
	broken := 0
	for _, sender := range of.Senders {
		if sender.Status != campaign.AccountConnected {
			broken++
		}
	}
	text := senderText(of.Sender, of.SenderStatus)
	if more := len(of.Senders) - 1; more > 0 {
		text = fmt.Sprintf("%s and %d more", of.Sender, more)
		if broken > 0 {
			text += fmt.Sprintf(" (%d cannot send)", broken)
		}
	}
	return text
}

// sendersOf is who a campaign sends with, and how many each of several has mailed.
func sendersOf(of operator.CampaignDetails) string {
	if len(of.Senders) == 0 {
		return "sender " + senderText(of.Sender, of.SenderStatus)
	}
	var texts []string
	for _, sender := range of.Senders {
		text := senderText(sender.Address, sender.Status)
		if sender.Former {
			text += " (takes no new contacts)"
		}
		texts = append(texts, fmt.Sprintf("%s with %s", text, print.Plural(sender.Contacts, "contact")))
	}
	if of.Unmailed == 0 {
		return "senders " + strings.Join(texts, ", ")
	}
	return fmt.Sprintf("senders %s; any of them takes the %s that nobody has mailed", strings.Join(texts, ", "), print.Plural(of.Unmailed, "contact"))
}
