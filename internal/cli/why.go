package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newWhy(s *session) *cobra.Command {
	var key string
	command := &cobra.Command{
		Use: "why CONTACT", Short: "Say why a contact's next email has not left yet, and when it will", GroupID: groupCore,
		ValidArgsFunction: s.completes(contacts), Args: cobra.ExactArgs(1),
		Long: `Says of each enrollment of a contact why its next email has not left yet: the
first reason is the answer, the rest holds it back as well, each until when. And when
it leaves: between the time if as many people stop as so far, and that if nobody
does. It changes nothing, and two looks without a change say the same.
CONTACT is an id or an email address.

With -o json it is one object: the enrollment whose email is expected first, with the
others of the contact in it.`,
		Example: "  starter why 17\n  starter why ana@contoso.example --campaign q4-outreach\n  starter why 17 -o json",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := s.operator.ContactID(ctx, args[0])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			all, err := s.operator.Why(ctx, id, key)
			if err != nil {
				return err
			}
			if len(all) == 0 && s.format == formatTable {
				if key != "" {
					s.sayf("Contact %d is not enrolled in %s.", id, key)
				} else {
					s.sayf("Contact %d is enrolled in no campaign: nothing is to be sent.", id)
				}
				return nil
			}
			if len(all) == 0 {
				return s.show(whyOne{Why: operator.Why{ContactID: id, Because: notEnrolled, Reasons: []operator.WhyReason{}}}, nil)
			}
			return s.showWhy(all)
		},
	}
	command.Flags().StringVar(&key, "campaign", "", "only in the campaign with this `key`")
	return command
}

// showWhy prints each enrollment of a contact with the reasons that hold it back.
func (s *session) showWhy(all []operator.Why) error {
	for i, why := range all {
		if i > 0 {
			s.sayf("")
		}
		for _, line := range whyLines(why) {
			s.sayf("%s", line)
		}
	}
	return s.show(whyFirst(all), nil)
}

// whyOne is the enrollment that an email of a contact leaves for next, with the others.
type whyOne struct {
	operator.Why
	// Others are the contact's further enrollments, the latest first.
	Others []operator.Why `json:"others,omitempty"`
}

// notEnrolled is why nothing is sent to a contact that is in no campaign.
const notEnrolled = "not_enrolled"

// whyFirst has the one first whose email is expected first; those that have ended come last.
func whyFirst(all []operator.Why) whyOne {
	first := 0
	for i := range all {
		if sooner(all[i], all[first]) {
			first = i
		}
	}
	return whyOne{all[first], append(slices.Clone(all[:first]), all[first+1:]...)}
}

func sooner(a, b operator.Why) bool {
	switch {
	case a.Status.Ended() != b.Status.Ended():
		return b.Status.Ended()
	case a.Earliest == nil || b.Earliest == nil:
		return a.Earliest != nil
	}
	return a.Earliest.Before(*b.Earliest)
}

// whyLines say why one mail has not left yet: the answer, when it is expected, and the rest.
func whyLines(why operator.Why) []string {
	who := fmt.Sprintf("%s in %s", why.Contact, why.Campaign)
	if why.StepID != "" {
		who += fmt.Sprintf(", step %s (email %d of %d)", why.StepID, why.Mail, why.Mails)
	}
	switch {
	case len(why.AnyOf) == 0 && why.Account != "":
		who += ", from " + why.Account
	case len(why.AnyOf) == 1:
		who += ", from " + why.AnyOf[0]
	case len(why.AnyOf) > 1:
		who += ", from any of " + strings.Join(why.AnyOf, ", ") + " (as it looks now, " + why.Likely + ")"
	}
	lines := []string{who}
	say := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-22s  %s", label, text))
		}
	}
	if len(why.Reasons) == 0 && !why.Status.Ended() {
		say("not held back", "it may leave now")
	}
	for i, reason := range why.Reasons {
		label := "not sent yet because"
		switch {
		case why.Status.Ended():
			label = "nothing more is sent"
		case i == 0 && why.StepID == "":
			label = "no email comes next"
		case i > 0:
			label = "also"
		}
		say(label, reasonText(reason, why.Before, why.AccountZone))
	}
	say("expected", expectedText(why))
	if why.Due != nil {
		say("due", momentIn(*why.Due, why.AccountZone))
	}
	if why.Zone != "" {
		say("the recipient's zone", fmt.Sprintf("%s (by %s)", why.Zone, why.ZoneBy))
	}
	if why.Today != nil {
		say("today", why.Today.Text())
	}
	say("sooner?", operator.Sooner(why))
	return lines
}

// expectedText is when it leaves, in the zone of its account and in the recipient's.
func expectedText(why operator.Why) string {
	if why.Earliest == nil || why.Latest == nil {
		return ""
	}
	text := momentIn(*why.Earliest, why.AccountZone)
	if why.Latest.Sub(*why.Earliest) >= time.Minute {
		text = "between " + text + " and " + momentIn(*why.Latest, why.AccountZone)
	}
	if !why.Exact {
		text = "about " + text
	}
	if why.Zone != "" && why.Zone != why.AccountZone {
		text += fmt.Sprintf(" (%s for the recipient)", momentIn(*why.Earliest, why.Zone))
	}
	return text
}

// momentIn is a moment on the clock of a zone, with its name.
func momentIn(t time.Time, zone string) string {
	text, err := operator.ClockOf(t, zone, "Mon 2 Jan 2006 15:04:05")
	if zone == "" || err != nil {
		return print.Moment(t)
	}
	return text
}

// reasonText is one reason with its end.
func reasonText(reason operator.WhyReason, before int, zone string) string {
	text := operator.LimitText(reason.Reason)
	if reason.Reason == operator.InLine {
		text = fmt.Sprintf("%s before it in the line", isOrAre(before, "email"))
	}
	switch {
	case reason.Alone():
		return reason.Detail + "; nothing is sent before " + momentIn(*reason.Until, zone)
	case reason.Detail != "":
		text += ": " + reason.Detail
	}
	if reason.Until != nil && reason.Reason != operator.InLine {
		text += ", until " + momentIn(*reason.Until, zone)
	}
	return text
}

func isOrAre(count int, one string) string {
	if count == 1 {
		return "1 " + one + " is"
	}
	return print.Plural(count, one) + " are"
}
