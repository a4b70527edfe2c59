package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/operator"
)

func newContacts(s *session) *cobra.Command {
	return newParent(groupContacts, "contacts", "Import contacts, find them, correct them",
		newContactsImport(s), newContactsList(s), newContactsShow(s), newContactsSet(s), newContactsRelease(s))
}

// tableLimit is how many contacts a table shows unless --limit says otherwise.
const tableLimit = 100

func newContactsList(s *session) *cobra.Command {
	var search string
	var limit int
	command := &cobra.Command{
		Use: "list", Short: "List contacts", Args: cobra.NoArgs,
		Long: fmt.Sprintf(`Lists contacts by id. --search finds a text in names, company, address, phone and
custom fields, letter case aside. A table shows the first %d unless --limit says
otherwise (0 is all); -o json lists all.`, tableLimit),
		Example: "  starter contacts list --search contoso\n  starter contacts list -o json",
		RunE: func(command *cobra.Command, _ []string) error {
			if !command.Flags().Changed("limit") && s.format == formatTable {
				limit = tableLimit
			}
			contacts, total, err := s.operator.Contacts(command.Context(), search, limit)
			if err != nil {
				return err
			}
			t := print.NewTable(">Id", "Name", "Company", "Email", "Phone")
			for _, contact := range contacts {
				t.Add(contact.ID, print.OrDash(strings.TrimSpace(contact.FirstName+" "+contact.LastName)), print.OrDash(contact.Company), print.OrDash(contact.Email), print.OrDash(contact.Phone))
			}
			if total == 0 {
				t = nil
				s.sayf("No contact is found; starter contacts import FILE brings some in.")
			}
			if err := s.show(contacts, t); err != nil {
				return err
			}
			if total > len(contacts) {
				s.sayf("\n%d of %d contacts; --limit 0 shows all.", len(contacts), total)
			}
			return nil
		},
	}
	command.Flags().StringVar(&search, "search", "", "only contacts that hold this `text`")
	countVar(command, &limit, "limit", 0, "no more than `N` contacts")
	return command
}

func newContactsShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show CONTACT", Short: "Show a contact and its position in each campaign", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(contacts),
		Long:              "Shows a contact, by id or by address, and its status and step in each campaign.",
		Example:           "  starter contacts show 17\n  starter contacts show jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := s.operator.ContactID(ctx, args[0])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			contact, err := s.operator.Contact(ctx, id)
			if err != nil {
				return err
			}
			heard, err := s.operator.Heard(ctx, contact.Contact)
			if err != nil {
				return err
			}
			return s.showContact(operator.ContactShown{ContactDetails: contact, ContactHeard: heard})
		},
	}
}

func (s *session) showContact(contact operator.ContactShown) error {
	s.sayContact(contact.ContactDetails)
	s.sayHeard(contact)
	t := print.NewTable("Campaign", "Status", "Step", "Enrolled", "What")
	for _, e := range contact.Enrollments {
		what := "-"
		switch {
		case e.Ended != nil:
			what = "its workflow " + howEnded(*e.Ended)
		case e.Retry != nil:
			what = retryText(*e.Retry)
		case e.Code != "":
			what = string(e.Code)
		case e.NextAt != nil:
			what = "until " + print.Moment(*e.NextAt)
		}
		t.Add(e.Campaign, e.Status, print.OrDash(e.StepID), print.Moment(e.EnrolledAt), what)
	}
	if len(contact.Enrollments) == 0 {
		t = nil
		s.sayf("Enrolled in no campaign.")
	}
	if err := s.show(contact, t); err != nil {
		return err
	}
	for _, e := range contact.Enrollments {
		if e.Ended != nil { // a command is never wrapped: it is there to be copied
			s.sayf("\nNothing moves it in %s. Start its workflow again where it stood:\n    $ %s", e.Campaign, failure.ReconcileCommand(e.Campaign, contact.ID))
		}
	}
	return nil
}

// sayContact prints what is known of a contact, a line each.
func (s *session) sayContact(contact operator.ContactDetails) {
	s.sayf("Contact %d: %s", contact.ID, contact.Name())
	for _, part := range [][2]string{{"company", contact.Company}, {"email", contact.Email}, {"phone", contact.Phone}, {"record id", contact.RecordID}} {
		if part[1] != "" || part[0] == "email" {
			s.sayf("  %-10s %s", part[0], print.OrNone(part[1]))
		}
	}
	names := []string{}
	for name := range contact.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.sayf("  %s: %s", name, strings.Join(strings.Fields(contact.Fields[name]), " "))
	}
	s.sayf("")
}

// sayHeard prints what keeps emails from a contact, by what was heard of it.
func (s *session) sayHeard(contact operator.ContactShown) {
	said := false
	say := func(format string, args ...any) {
		s.sayf(format, args...)
		said = true
	}
	if one := contact.Suppression; one != nil {
		say("Nothing is sent to it: %s is suppressed (%s) since %s%s.", one.Target, strings.ReplaceAll(one.Reason, "_", " "), print.Moment(one.At), byText(one.By))
	}
	if one := contact.Bounce; one != nil {
		say("Nothing is sent to it: %s has bounced at %s: %s", one.Address, print.Moment(one.BouncedAt), print.OrNone(one.Reason))
	}
	if one := contact.Hold; one != nil {
		say("Nothing is sent to it before %s: %s. starter contacts release %d lets it be written to again.", print.Moment(one.Until), strings.TrimRight(one.Words, "."), contact.ID)
	}
	if said {
		s.sayf("")
	}
}

func byText(by string) string {
	if by == "" {
		return ""
	}
	return ", by " + by
}
