package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newInbound(s *session) *cobra.Command {
	return newParent(groupCore, "inbound", "What contacts have answered, and what a person has to look at",
		newInboundList(s), newInboundShow(s), newInboundAttach(s), newInboundIgnore(s), newInboundReclassify(s))
}

func newInboundList(s *session) *cobra.Command {
	var filter operator.InboundFilter
	var contact string
	var limit int
	var unmatched bool
	command := &cobra.Command{
		Use: "list", Short: "List the messages that a person has to look at", Args: cobra.NoArgs,
		ValidArgsFunction: s.completes(),
		Long: `Lists messages that were read from the email accounts' mailboxes, the newest first:
open ones, at which somebody has to look and which hold their contact until then, and
unmatched ones, of which nobody knows whose they are (--unmatched: those alone). --state
names others: open, unmatched, settled, ignored, duplicate, all. Mail that has nothing to do with a
contact is neither listed nor kept; copies of our own in Sent are not listed. --kind names what a message is: reply,
out_of_office, bounce, bounce:hard, complaint, unsubscribe and so on.`,
		Example: "  starter inbound list\n  starter inbound list --state settled --limit 20\n  starter inbound list --state all --kind bounce:hard --campaign q4-outreach",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			if unmatched {
				if command.Flags().Changed("state") && filter.State != "unmatched" {
					return usagef("--unmatched is --state unmatched, and --state is %s; expected one of them", filter.State)
				}
				filter.State = "unmatched"
			}
			if contact != "" {
				var err error
				if filter.Contact, err = s.operator.ContactID(ctx, contact); err != nil {
					return hint(err, hintOr(err, "starter contacts list"))
				}
			}
			page, err := s.operator.Inbound(ctx, filter, 0, limit)
			if err != nil {
				return err
			}
			messages := page.Items
			if len(messages) == 0 {
				s.sayf("There is no such message.")
				return s.show(messages, nil)
			}
			t := print.NewTable(">Id", "Arrived", "From", "What", "State", "Contact", "Subject")
			for _, m := range messages {
				t.Add(m.ID, print.Moment(m.ArrivedAt), print.OrDash(m.From), kindText(m), m.State, print.OrDash(contactText(m)), print.OrDash(m.Subject))
			}
			return s.show(messages, t)
		},
	}
	command.Flags().StringVar(&filter.State, "state", operator.ToSee, "only messages in this `state`")
	command.Flags().BoolVar(&unmatched, "unmatched", false, "only messages of which nobody knows whose they are")
	command.Flags().StringVar(&filter.Kind, "kind", "", "only messages of this `kind`")
	command.Flags().StringVar(&filter.Campaign, "campaign", "", "only about the campaign with this `key`")
	command.Flags().StringVar(&filter.Account, "account", "", "only in the mailbox of the email account with this `address`")
	command.Flags().StringVar(&contact, "contact", "", "only of this contact (`id` or address)")
	countVar(command, &limit, "limit", 50, "at most so many, the newest; 0 shows all")
	return command
}

func kindText(m operator.InboundMessage) string {
	text := kindWords(m.Kind)
	if m.Class != "" && string(m.Class) != text {
		text += " (" + string(m.Class) + ")"
	}
	return text
}

func kindWords[K ~string](kind K) string { return strings.ReplaceAll(string(kind), "_", " ") }

func contactText(m operator.InboundMessage) string {
	if m.ContactID == 0 {
		return ""
	}
	return strings.TrimSpace(strconv.FormatInt(m.ContactID, 10) + " " + m.ContactName)
}

// followedText says what has followed from a message, then.
func followedText(m operator.InboundMessage) string {
	f := m.Followed
	var parts []string
	if f.Ended > 0 {
		parts = append(parts, print.Plural(f.Ended, "enrollment")+" ended")
	}
	if f.HeldUntil != nil {
		parts = append(parts, "held until "+print.Moment(*f.HeldUntil))
	}
	for _, part := range []struct {
		is   bool
		text string
	}{{f.Bounced, "on the bounce list"}, {f.Suppressed, "the address is suppressed"}, {f.DoubtSettled, "an uncertain delivery was settled as sent"}} {
		if part.is {
			parts = append(parts, part.text)
		}
	}
	return strings.Join(parts, ", ")
}

func newInboundShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show what a message is, why, whose, and what followed", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(inboundToSee),
		Long: `Shows what a message was judged to be and why, whose it is, and what has become of
the contact's enrollments. The message itself stays in the mailbox.`,
		Example: "  starter inbound show 7",
		RunE: func(command *cobra.Command, args []string) error {
			id, err := inboundID(args[0])
			if err != nil {
				return err
			}
			details, err := s.operator.InboundMessage(command.Context(), id)
			if err != nil {
				return hint(err, "starter inbound list")
			}
			s.sayInbound(details)
			return s.show(details, nil)
		},
	}
}

func inboundID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, hint(usagef("%q is not the number of a message", text), "starter inbound list")
	}
	return id, nil
}

// sayInbound prints what is known of a message, a line each.
func (s *session) sayInbound(m operator.InboundDetails) {
	s.sayf("Message %d: %s, %s", m.ID, kindText(m.InboundMessage), m.State)
	for _, part := range [][2]string{
		{"why", m.Reason}, {"words", m.Words}, {"from", m.From}, {"subject", m.Subject}, {"arrived", print.Moment(m.ArrivedAt)}, {"mailbox", m.Account},
		{"contact", contactText(m.InboundMessage)}, {"matched by", strings.ReplaceAll(string(m.MatchedBy), "_", " ")},
		{"about", strings.TrimSpace(m.Campaign + " " + m.StepID)}, {"settled by", m.SettledBy},
	} {
		if part[1] != "" {
			s.sayf("  %-10s %s", part[0], part[1])
		}
	}
	if text := followedText(m.InboundMessage); text != "" {
		s.sayf("  %-10s %s", "followed", text)
	}
	if m.DuplicateOf != 0 {
		s.sayf("  %-10s message %d", "copy of", m.DuplicateOf)
	}
	for _, e := range m.Enrollments {
		how := ""
		if e.EndedBy != "" {
			how = " (" + string(e.EndedBy) + ")"
		}
		if e.EndedAt != nil {
			how += " since " + print.Moment(*e.EndedAt)
		}
		s.sayf("  %-10s %s: %s%s", "campaign", e.Campaign, e.Status, how)
	}
	if m.HeldUntil != nil {
		s.sayf("  %-10s until %s; starter contacts release %d lets the contact be written to again", "held", print.Moment(*m.HeldUntil), m.ContactID)
	}
	if m.State == "open" || m.State == "unmatched" {
		s.sayf("Settle it with starter inbound attach %d CONTACT, or starter inbound ignore %d.", m.ID, m.ID)
	}
}

func newInboundAttach(s *session) *cobra.Command {
	var contact, as string
	command := &cobra.Command{
		Use: "attach ID [CONTACT]", Short: "Say whose a message is, and do what follows from it", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: s.completes(inboundToSee, contacts),
		Long: `Settles an open or unmatched message by hand: it is the contact's, and what follows
from its kind is done now, as if it had been recognised: a reply ends the person's
enrollments, an unsubscription also suppresses the address, an absence holds the
person. CONTACT is an id or an email address; without it the message is the contact's
with which it was matched.

--as says what it is, where it was not or wrongly recognised: reply, out_of_office,
left_company, unsubscribe, complaint.`,
		Example: "  starter inbound attach 7 jo@contoso.example\n  starter inbound attach 8 --as reply",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := inboundID(args[0])
			if err != nil {
				return err
			}
			var contactID int64
			if len(args) == 2 {
				if contact != "" && contact != args[1] {
					return usagef("give the contact %s or --contact %s, not both", args[1], contact)
				}
				contact = args[1]
			}
			if contact != "" {
				if contactID, err = s.operator.ContactID(ctx, contact); err != nil {
					return hint(err, hintOr(err, "starter contacts list"))
				}
			}
			done, err := s.operator.AttachInbound(ctx, id, contactID, as)
			if err != nil {
				return hint(err, hintOr(err, "starter inbound list"))
			}
			return s.showSettled(ctx, done)
		},
	}
	command.Flags().StringVar(&contact, "contact", "", "whose it is (`id` or address), in place of CONTACT")
	command.Flags().StringVar(&as, "as", "", "what it is: a `kind`")
	return command
}

func newInboundIgnore(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "ignore ID", Short: "Settle a message from which nothing follows", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(inboundToSee),
		Long: `Settles an open or unmatched message without an effect. A contact that it held
until somebody had looked is written to again.`,
		Example: "  starter inbound ignore 7",
		RunE: func(command *cobra.Command, args []string) error {
			id, err := inboundID(args[0])
			if err != nil {
				return err
			}
			done, err := s.operator.IgnoreInbound(command.Context(), id)
			if err != nil {
				return hint(err, hintOr(err, "starter inbound list"))
			}
			return s.showSettled(command.Context(), done)
		},
	}
}

func (s *session) showSettled(ctx context.Context, done operator.InboundSettled) error {
	s.sayInbound(done.InboundDetails)
	if done.EndedNow > 0 {
		s.sayf("%s ended now.", print.Plural(done.EndedNow, "enrollment"))
	}
	if done.Delayed != nil {
		if err := s.delayed(ctx, done.Delayed, "their workflows end"); err != nil {
			return err
		}
	}
	return s.show(done, nil)
}

func newContactsRelease(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "release CONTACT", Short: "Let a contact be written to again who was away", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(contacts),
		Long: `Takes away what holds a contact: an absence that an answer has named, or a message at
which somebody had to look. Nothing is sent twice by it, and who has ended stays ended.`,
		Example: "  starter contacts release 17\n  starter contacts release jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := s.operator.ContactID(ctx, args[0])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			done, err := s.operator.Release(ctx, id, 0)
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			if done.Released {
				s.sayf("Contact %d is written to again.", id)
			} else {
				s.sayf("Contact %d: nothing changed; nothing held the contact.", id)
			}
			return s.show(done, nil)
		},
	}
}
