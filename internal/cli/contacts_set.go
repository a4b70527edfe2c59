package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// contactFlags are what a person may correct about a contact.
type contactFlags struct {
	email, phone, firstName, lastName, company string
	fields                                     []string
}

func newContactsSet(s *session) *cobra.Command {
	var given contactFlags
	command := &cobra.Command{
		Use: "set CONTACT", Short: "Correct a contact", Args: cobra.ExactArgs(1),
		Long: `Corrects a contact, by id or by address; what is not given stays as it is, and ""
clears. Contacts that were in error because of a missing or bounced address, or of
a value that a message needs, go on at once.`,
		Example: `  starter contacts set 17 --email jo@contoso.example
  starter contacts set 17 --first-name Jo --field city=Ghent`,
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			edit, err := given.edit(command.Flags().Changed)
			if err != nil {
				return err
			}
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			id, err := oneContact(ctx, db, args[0])
			if err != nil {
				return err
			}
			if edit.Email != nil {
				bounce, bounced, err := db.BounceOf(ctx, *edit.Email)
				if err != nil {
					return err
				}
				if bounced {
					s.warnf("an email to %s has bounced before (%s); nothing is sent to it (starter bounce remove %s)", bounce.Address, orDash(bounce.Reason), bounce.Address)
				}
			}
			contact, change, err := db.SetContact(ctx, id, edit, s.by())
			if err != nil {
				return err
			}
			return s.changedTo(ctx, contact.Name(), change)
		},
	}
	flags := command.Flags()
	flags.StringVar(&given.email, "email", "", "the email `address`")
	flags.StringVar(&given.phone, "phone", "", "the phone `number`")
	flags.StringVar(&given.firstName, "first-name", "", "the first `name`")
	flags.StringVar(&given.lastName, "last-name", "", "the last `name`")
	flags.StringVar(&given.company, "company", "", "the `company`")
	flags.StringArrayVar(&given.fields, "field", nil, "a custom field, `name=value` (may be given several times)")
	return command
}

// edit takes the flags that were given.
func (f *contactFlags) edit(changed func(string) bool) (store.ContactEdit, error) {
	edit := store.ContactEdit{Fields: map[string]string{}}
	for name, part := range map[string]struct {
		to   **string
		from *string
	}{
		"phone": {&edit.Phone, &f.phone}, "first-name": {&edit.FirstName, &f.firstName}, "last-name": {&edit.LastName, &f.lastName},
		"company": {&edit.Company, &f.company}, "email": {&edit.Email, &f.email},
	} {
		if changed(name) {
			text := plaintext.Line(*part.from, plaintext.Name)
			*part.to = &text
		}
	}
	if edit.Email != nil && strings.TrimSpace(f.email) != "" {
		address, err := parseAddress(f.email)
		if err != nil {
			return edit, err
		}
		edit.Email = &address
	}
	if edit.Phone != nil && *edit.Phone != "" {
		phone, err := campaign.ParseContactPhone(f.phone)
		if err != nil {
			return edit, usagef("%w", err)
		}
		edit.Phone = &phone
	}
	for _, field := range f.fields {
		name, value, ok := strings.Cut(field, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return edit, usagef("--field is %q; expected name=value", field)
		}
		edit.Fields[name] = strings.TrimSpace(value)
	}
	if edit.Email == nil && edit.Phone == nil && edit.FirstName == nil && edit.LastName == nil && edit.Company == nil && len(edit.Fields) == 0 {
		return edit, usagef("say what to correct: --email, --phone, --first-name, --last-name, --company or --field")
	}
	return edit, nil
}
