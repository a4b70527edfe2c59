package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// contactFlags are what a person may correct about a contact.
type contactFlags struct {
	email, phone, firstName, lastName, company string
	fields                                     []string
}

func newContactsSet(s *session) *cobra.Command {
	var given contactFlags
	var wait waitFlag
	command := &cobra.Command{
		Use: "set CONTACT", Short: "Correct a contact", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(contacts),
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
			id, err := s.operator.ContactID(ctx, args[0])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			done, err := s.operations(wait).SetContact(ctx, id, edit)
			if err != nil {
				return err
			}
			if bounce := done.Bounced; bounce != nil {
				s.warnf("an email to %s has bounced before (%s); nothing is sent to it (starter bounce remove %s)", bounce.Address, print.OrDash(bounce.Reason), bounce.Address)
			}
			return s.showChanged(ctx, wait, done.Name, &done.Changed)
		},
	}
	flags := command.Flags()
	flags.StringVar(&given.email, "email", "", "the email `address`")
	flags.StringVar(&given.phone, "phone", "", "the phone `number`")
	flags.StringVar(&given.firstName, "first-name", "", "the first `name`")
	flags.StringVar(&given.lastName, "last-name", "", "the last `name`")
	flags.StringVar(&given.company, "company", "", "the `company`")
	flags.StringArrayVar(&given.fields, "field", nil, "a custom field, `name=value` (may be given several times)")
	wait.fix(command)
	return command
}

// edit takes the flags that were given.
func (f *contactFlags) edit(changed func(string) bool) (operator.ContactEdit, error) {
	edit := operator.ContactEdit{Fields: map[string]string{}}
	given := len(f.fields) > 0
	for name, part := range map[string]struct {
		to   **string
		from *string
	}{
		"phone": {&edit.Phone, &f.phone}, "first-name": {&edit.FirstName, &f.firstName}, "last-name": {&edit.LastName, &f.lastName},
		"company": {&edit.Company, &f.company}, "email": {&edit.Email, &f.email},
	} {
		if changed(name) {
			*part.to, given = part.from, true
		}
	}
	for _, field := range f.fields {
		name, value, ok := strings.Cut(field, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return edit, usagef("--field is %q; expected name=value", field)
		}
		edit.Fields[name] = strings.TrimSpace(value)
	}
	if !given {
		return edit, usagef("say what to correct: --email, --phone, --first-name, --last-name, --company or --field")
	}
	return edit, nil
}
