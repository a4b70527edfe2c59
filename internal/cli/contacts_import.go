package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newContactsImport(s *session) *cobra.Command {
	var given contactFileFlags
	var dryRun bool
	var wait waitFlag
	command := &cobra.Command{
		Use: "import FILE", Short: "Import contacts from a CSV export", Args: cobra.ExactArgs(1),
		Long: `Imports contacts from the CSV export of a CRM, an address book or a spreadsheet;
- reads standard input. Delimiter, encoding, header and columns are recognised, and
unknown columns become custom fields. Lines above the header are left out; titles
and degrees around a name are kept as custom fields; what databases and
spreadsheets write for nothing (NULL, #N/A, -) is no value, and is reported.

A row is the contact that has its record id (of the same product), else its
address, else the same name, company and phone. Values of the file replace those
that exist, empty ones erase nothing, and importing twice changes nothing. A new
address of a known record becomes the contact's, unless the address was set here
(contacts set --email): then it stays, and that is reported. Contacts in error go
on when what they wait for has come. It is all or nothing.

` + contactFileHelp,
		Example: `  starter contacts import hubspot.csv --dry-run
  starter contacts import people.csv --map "Courriel pro=email" --map Ville=city
  starter contacts import klienci.csv --encoding windows-1250`,
		RunE: func(command *cobra.Command, args []string) error {
			return s.importContacts(command.Context(), args[0], given, dryRun, wait)
		},
	}
	given.flags(command)
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done and do nothing")
	wait.fix(command)
	return command
}

func (s *session) importContacts(ctx context.Context, name string, given contactFileFlags, dryRun bool, wait waitFlag) error {
	options, err := given.options()
	if err != nil {
		return err
	}
	content, err := s.readFile(name)
	if err != nil {
		return err
	}
	bar := s.bar("importing")
	out, err := s.operations(wait).ImportContacts(ctx, bytes.NewReader(content), operator.ImportOptions{FileOptions: options, DryRun: dryRun, Progress: bar.Set})
	bar.End()
	if err != nil {
		return ofFile(name, err)
	}
	s.sayRead(out.FileRead, dryRun)
	s.sayImported(out, dryRun)
	if dryRun {
		s.sayEnded(out.Ended)
		return s.show(out, nil)
	}
	return s.showChange(ctx, wait, changeOf(&out.Effect, &out))
}

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
	s.sayProblems(out.Problems)
}
