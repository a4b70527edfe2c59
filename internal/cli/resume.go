package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// requested is what resume and disenroll print with -o json.
type requested struct {
	Requested int                  `json:"requested"`
	ByCode    map[failure.Code]int `json:"byCode"`
	// LeftOut counts those in DeliveryUncertain that no answer was given for.
	LeftOut int  `json:"leftOut"`
	DryRun  bool `json:"dryRun"`
	// Outcomes is what became of each, with --wait.
	Outcomes []outcome `json:"outcomes,omitempty"`
}

type resumeFlags struct {
	selection
	assume, note string
	dryRun, wait bool
	rate         rateFlag
}

func newResume(s *session) *cobra.Command {
	var flags resumeFlags
	command := &cobra.Command{
		Use: "resume (CONTACT… | --all)", Short: "Have contacts in error try their step again", GroupID: groupCore,
		Long: `Has contacts that are in error try their step again, from that same step.
Everything is checked again: when the reason persists, the contact is in error
again, under the next park number. Most errors need no resume: they end by
themselves when their cause is fixed (starter errors shows the command).

A contact in DeliveryUncertain is never resumed without an answer. Look in the
sender's Sent folder, then say --assume sent (it goes on behind the message) or
--assume not-sent (the message is sent again).

The request is saved before anything is told: when Temporal does not answer, it
is carried out within a minute of its return, and the command still succeeds.
It goes on in the background, at --rate if there is one; starter background
shows how far it is. The same resume again while it is under way takes its
place, at the new rate if there is one: nobody is resumed twice.

With --wait the exit code is 1 when a contact is in error again, or was not
taken up while nothing moved for a minute.`,
		Example: `  starter resume 17
  starter resume --all --campaign q4-outreach --code SendingFailed --wait
  starter resume --all --code EmailAccountInError --rate 20
  starter resume ana@contoso.example --assume not-sent --note "not in Sent"`,
		Args: flags.args,
		RunE: func(command *cobra.Command, args []string) error {
			return s.resume(command.Context(), flags, args)
		},
	}
	flags.flags(command)
	command.Flags().StringVar(&flags.assume, "assume", "", "answer for DeliveryUncertain: `sent or not-sent`")
	command.Flags().StringVar(&flags.note, "note", "", "a `text` for the contacts' timelines")
	command.Flags().BoolVar(&flags.dryRun, "dry-run", false, "count who would be resumed and do nothing")
	command.Flags().BoolVar(&flags.wait, "wait", false, "follow until each has gone on or is in error again")
	flags.rate.flag(command, "resume")
	_ = command.RegisterFlagCompletionFunc("assume", cobra.FixedCompletions([]string{"sent", "not-sent"}, cobra.ShellCompDirectiveNoFileComp))
	return command
}

func (s *session) resume(ctx context.Context, flags resumeFlags, args []string) error {
	if err := checkAssume(flags); err != nil {
		return err
	}
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	selected, err := flags.resolve(ctx, db, args)
	if err != nil {
		return err
	}
	say := campaign.Resume{By: s.by(), Note: flags.note, Assume: campaign.Assume(flags.assume)}
	found, err := db.RequestResume(ctx, selected, say, store.BatchOptions{DryRun: flags.dryRun, Listed: flags.wait, Rate: flags.rate.value})
	var unanswered *store.NeedsAnswer
	if errors.As(err, &unanswered) {
		call := "starter resume" + flags.call(unanswered.Contacts)
		return hint(err, fmt.Sprintf("%s --assume sent\n or: %s --assume not-sent", call, call))
	}
	if errors.Is(err, store.ErrNotFound) {
		return hint(err, "starter contacts list")
	}
	if err != nil {
		return hint(err, "starter errors")
	}
	out := requested{Requested: found.Count, ByCode: found.ByCode, LeftOut: found.LeftOut, DryRun: flags.dryRun}
	s.sayRequested("resume", out, found.Rate)
	if found.LeftOut > 0 {
		s.sayf("Left out: %s in DeliveryUncertain, without an answer (--assume sent or --assume not-sent).", plural(found.LeftOut, "contact"))
	}
	if flags.dryRun || out.Requested == 0 {
		return s.showRequested(out)
	}
	if err := s.wake(ctx); err != nil {
		return err
	}
	if !flags.wait {
		return s.showRequested(out)
	}
	if out.Outcomes, err = s.follow(ctx, db, found); err != nil {
		return err
	}
	return s.sayOutcomes(out)
}

func checkAssume(flags resumeFlags) error {
	assume := campaign.Assume(flags.assume)
	if assume == "" {
		return nil
	}
	if assume != campaign.AssumeSent && assume != campaign.AssumeNotSent {
		return usagef("--assume is %q; expected sent or not-sent", flags.assume)
	}
	if flags.code != "" && !strings.EqualFold(flags.code, string(failure.DeliveryUncertain)) {
		return usagef("--assume is an answer for DeliveryUncertain only, not for %s", flags.code)
	}
	return nil
}

// call repeats a selection as arguments, for a line to copy.
func (w *selection) call(contacts []int64) string {
	line := ""
	if w.all {
		line = " --all --code " + string(failure.DeliveryUncertain)
	} else {
		for _, id := range contacts {
			line += fmt.Sprintf(" %d", id)
		}
	}
	if w.campaign != "" {
		line += " --campaign " + w.campaign
	}
	return line
}

// sayRequested says how many a request concerns, how fast, and by which code.
func (s *session) sayRequested(verb string, out requested, rate campaign.Rate) {
	switch {
	case out.Requested == 0:
		s.sayf("There is nobody to %s.", verb)
	case out.DryRun:
		s.sayf("Dry run: would %s %s%s.", verb, plural(out.Requested, "contact"), atRate(rate, out.Requested))
	default:
		s.sayf("Asked to %s %s%s.", verb, plural(out.Requested, "contact"), atRate(rate, out.Requested))
		s.sayBackground(out.Requested, rate)
	}
	if len(out.ByCode) == 0 || !out.DryRun && len(out.ByCode) == 1 {
		return
	}
	t := newTable("In error with", ">Contacts")
	for _, code := range byNumber(out.ByCode) {
		t.add(code, out.ByCode[code])
	}
	s.sayf("%s", t.render(s.Width))
}

func (s *session) showRequested(out requested) error {
	if s.format == formatTable {
		return nil
	}
	return s.show(out, nil)
}

// sayBackground says where to look at something that takes a while.
func (s *session) sayBackground(contacts int, rate campaign.Rate) {
	const awhile = 1000
	if contacts >= awhile || rate > 0 {
		s.sayf("It goes on in the background; starter background shows how far it is.")
	}
}
