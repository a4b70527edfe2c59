package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newContacts(s *session) *cobra.Command {
	return newParent(groupContacts, "contacts", "Import contacts, find them, correct them",
		newContactsImport(s), newContactsList(s), newContactsShow(s), newContactsSet(s))
}

// contactLine is one contact of contacts list.
type contactLine struct {
	ID        int64             `json:"id"`
	FirstName string            `json:"firstName"`
	LastName  string            `json:"lastName"`
	Company   string            `json:"company"`
	Email     string            `json:"email"`
	Phone     string            `json:"phone"`
	Fields    map[string]string `json:"fields"`
}

func lineOf(contact campaign.Contact) contactLine {
	fields := contact.Fields
	if fields == nil {
		fields = map[string]string{}
	}
	return contactLine{contact.ID, contact.FirstName, contact.LastName, contact.Company, contact.Email, contact.Phone, fields}
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
			switch {
			case limit < 0:
				return usagef("--limit is %d; expected 0 or more", limit)
			case !command.Flags().Changed("limit") && s.format == formatTable:
				limit = tableLimit
			}
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			contacts, total, err := db.Contacts(command.Context(), search, limit)
			if err != nil {
				return err
			}
			lines := []contactLine{}
			t := newTable(">Id", "Name", "Company", "Email", "Phone")
			for _, contact := range contacts {
				lines = append(lines, lineOf(contact))
				t.add(contact.ID, orDash(strings.TrimSpace(contact.FirstName+" "+contact.LastName)), orDash(contact.Company), orDash(contact.Email), orDash(contact.Phone))
			}
			if total == 0 {
				t = nil
				s.sayf("No contact is found; starter contacts import FILE brings some in.")
			}
			if err := s.show(lines, t); err != nil {
				return err
			}
			if total > len(lines) {
				s.sayf("\n%d of %d contacts; --limit 0 shows all.", len(lines), total)
			}
			return nil
		},
	}
	command.Flags().StringVar(&search, "search", "", "only contacts that hold this `text`")
	command.Flags().IntVar(&limit, "limit", 0, "no more than `N` contacts")
	return command
}

// contactShown is what contacts show prints with -o json.
type contactShown struct {
	contactLine
	RecordID    string                    `json:"recordId"`
	Enrollments []store.ContactEnrollment `json:"enrollments"`
}

func newContactsShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show CONTACT", Short: "Show a contact and where they stand", Args: cobra.ExactArgs(1),
		Long:    "Shows a contact, by id or by address, and where they stand in each campaign.",
		Example: "  starter contacts show 17\n  starter contacts show jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			id, err := oneContact(ctx, db, args[0])
			if err != nil {
				return err
			}
			return s.showContact(ctx, db, id)
		},
	}
}

func (s *session) showContact(ctx context.Context, db *store.Store, id int64) error {
	contact, err := db.Contact(ctx, id)
	if err != nil {
		return err
	}
	enrollments, err := db.ContactEnrollments(ctx, id)
	if err != nil {
		return err
	}
	s.sayContact(contact)
	t := newTable("Campaign", "Status", "Step", "Since", "What")
	for _, e := range enrollments {
		what := "-"
		switch {
		case e.Code != "":
			what = string(e.Code)
		case e.NextAt != nil:
			what = "until " + e.NextAt.Local().Format(time.DateTime)
		}
		t.add(e.Campaign, e.Status, orDash(e.StepID), e.EnrolledAt.Local().Format(time.DateTime), what)
	}
	if len(enrollments) == 0 {
		t = nil
		s.sayf("Enrolled in no campaign.")
	}
	return s.show(contactShown{lineOf(contact), contact.RecordID, list(enrollments)}, t)
}

// sayContact prints what is known of a contact, a line each.
func (s *session) sayContact(contact campaign.Contact) {
	s.sayf("Contact %d: %s", contact.ID, contact.Name())
	for _, part := range [][2]string{{"company", contact.Company}, {"email", contact.Email}, {"phone", contact.Phone}, {"record id", contact.RecordID}} {
		if part[1] != "" || part[0] == "email" {
			s.sayf("  %-10s %s", part[0], orNone(part[1]))
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
