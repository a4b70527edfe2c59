package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newContactsImport(s *session) *cobra.Command {
	var mapped []string
	var dryRun bool
	command := &cobra.Command{
		Use: "import FILE", Short: "Import contacts from a CSV export", Args: cobra.ExactArgs(1),
		Long: `Imports contacts from the CSV export of a CRM, an address book or a spreadsheet;
- reads standard input. Delimiter, encoding and columns are recognised, and unknown
columns become custom fields.

A row is the contact that has its address; a row without address is the contact
that has its record id, else the one with the same name, company and phone. Values
of the file replace those that exist, empty ones erase nothing, and importing
twice changes nothing. An address that was missing and is now in the file goes to
the contact that waits for it, and contacts in error go on when what they wait for
has come. It is all or nothing.

--map says what a column is: first_name, last_name, full_name, company, email,
phone, record_id, any other name for a custom field, or - to leave it out.`,
		Example: `  starter contacts import hubspot.csv --dry-run
  starter contacts import people.csv --map "Courriel pro=email" --map Ville=city`,
		RunE: func(command *cobra.Command, args []string) error {
			columns := map[string]string{}
			for _, pair := range mapped {
				at := strings.LastIndexByte(pair, '=')
				if at < 1 {
					return usagef("--map is %q; expected column=field, for example \"Courriel pro=email\"", pair)
				}
				columns[pair[:at]] = pair[at+1:]
			}
			return s.importContacts(command.Context(), args[0], columns, dryRun)
		},
	}
	command.Flags().StringArrayVar(&mapped, "map", nil, "what a column is, `column=field` (may be given several times)")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done and do nothing")
	return command
}

func (s *session) importContacts(ctx context.Context, name string, columns map[string]string, dryRun bool) error {
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	bar := s.bar("importing")
	out, err := s.operator.ImportContacts(ctx, bytes.NewReader(content), operator.ImportOptions{Map: columns, DryRun: dryRun, Progress: bar.Set})
	bar.End()
	var unreadable *operator.Invalid
	if errors.As(err, &unreadable) {
		return usagef("%s: %w", name, err)
	}
	if err != nil {
		return err
	}
	s.sayImported(out, dryRun)
	if err := s.show(out, nil); err != nil || dryRun {
		return err
	}
	return s.goOn(ctx, out.Changed, "in error", "now")
}

// problemLimit is how many problems a person is shown at once.
const problemLimit = 20

func (s *session) sayImported(out operator.Imported, dryRun bool) {
	would := ""
	if dryRun {
		would = "Dry run, nothing was written. "
	}
	s.sayf("%s%s: %d created, %d updated, %d unchanged, %s merged, %d skipped.",
		would, print.Plural(out.Rows, "row"), out.Created, out.Updated, out.Unchanged, print.Plural(out.Duplicates, "duplicate"), out.Skipped)
	if none, invalid := out.WithoutEmail, out.InvalidEmail; none+invalid > 0 {
		s.sayf("Kept without an address: %s with none, %d with one that cannot exist.", print.Plural(none, "row"), invalid)
	}
	if len(out.Problems) == 0 {
		return
	}
	t := print.NewTable(">Line", "Column", "Value", "Problem")
	for _, problem := range out.Problems[:min(problemLimit, len(out.Problems))] {
		value := strings.Join(strings.Fields(problem.Value), " ")
		if runes := []rune(value); len(runes) > 60 {
			value = string(runes[:60]) + "…"
		}
		t.Add(problem.Line, print.OrDash(problem.Column), print.OrDash(value), problem.Problem)
	}
	more := ""
	if left := len(out.Problems) - problemLimit; left > 0 {
		more = fmt.Sprintf("\nand %d more; -o json lists all", left)
	}
	s.sayf("\n%s to look at:\n%s%s", print.Plural(len(out.Problems), "problem"), t.Render(s.Width), more)
}
