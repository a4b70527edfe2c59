package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// contactFileFlags are what a person may say about a file of contacts. They are
// the same wherever such a file is read.
type contactFileFlags struct {
	mapped           []string
	encoding, source string
	headerLine       int
}

const contactFileHelp = `--map says what a column is: first_name, last_name, full_name, company, email,
phone, record_id, any other name for a custom field, or - to leave it out.
--encoding says how the file is encoded (utf-8, windows-1250, macintosh,
shift_jis …) where the letters do not decide it, --header-line which line has the
names of the columns, --source which product the record ids come from: two
products may use the same numbers. --dry-run shows how each column is read.`

func (f *contactFileFlags) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.mapped, "map", nil, "what a column is, `column=field` (may be given several times)")
	flags.StringVar(&f.encoding, "encoding", "", "the `name` of the file's encoding (default: recognised)")
	flags.StringVar(&f.source, "source", "", "the `name` of the product whose record ids the file has (default: recognised)")
	flags.IntVar(&f.headerLine, "header-line", 0, "the `line` with the names of the columns (default: recognised)")
}

func (f *contactFileFlags) options() (operator.FileOptions, error) {
	columns := map[string]string{}
	for _, pair := range f.mapped {
		at := strings.LastIndexByte(pair, '=')
		if at < 1 {
			return operator.FileOptions{}, usagef("--map is %q; expected column=field, for example \"Courriel pro=email\"", pair)
		}
		columns[pair[:at]] = pair[at+1:]
	}
	return operator.FileOptions{Map: columns, Encoding: f.encoding, Source: f.source, HeaderLine: f.headerLine}, nil
}

// ofFile names the file that an error is about.
func ofFile(name string, err error) error {
	var unreadable *operator.Invalid
	var unclear *operator.UnclearRows
	switch {
	case errors.As(err, &unreadable) && unreadable.Field == "file":
		return usagef("%s: %w", name, err)
	case errors.As(err, &unclear):
		return hint(fmt.Errorf("%s: %w", name, err), "starter contacts import "+name+" --dry-run")
	}
	return err
}

// sayRead prints how a file was read: always what is unusual, and each column
// when columns is true.
func (s *session) sayRead(f operator.FileRead, columns bool) {
	delimiter := f.Delimiter
	if delimiter == "\t" {
		delimiter = "tab"
	}
	said := fmt.Sprintf("Read as %s, delimiter %s, header in line %d", f.Encoding, delimiter, f.HeaderLine)
	if f.Source != "" {
		said += ", record ids of " + f.Source
	}
	if columns || f.HeaderLine > 1 || f.Encoding != "utf-8" {
		s.sayf("%s.", said)
	}
	if !columns {
		return
	}
	t := print.NewTable("Column", "Read as")
	for _, column := range f.Columns {
		as := column.Field
		switch {
		case column.Field == "":
			as = "left out"
		case column.Custom:
			as = "custom field " + column.Field
		}
		t.Add(print.OrDash(column.Header), as)
	}
	s.sayf("%s\n", t.Render(s.Width))
}

// problemLimit is how many problems a person is shown at once.
const problemLimit = 20

func (s *session) sayProblems(problems []operator.FileProblem) {
	if len(problems) == 0 {
		return
	}
	t := print.NewTable(">Line", "Column", "Value", "Problem")
	for _, problem := range problems[:min(problemLimit, len(problems))] {
		value := strings.Join(strings.Fields(problem.Value), " ")
		if runes := []rune(value); len(runes) > 60 {
			value = string(runes[:60]) + "…"
		}
		text := problem.Problem
		if problem.Rows > 1 {
			text += fmt.Sprintf(" (in %d rows)", problem.Rows)
		}
		t.Add(problem.Line, print.OrDash(problem.Column), print.OrDash(value), text)
	}
	more := ""
	if left := len(problems) - problemLimit; left > 0 {
		more = fmt.Sprintf("\nand %d more; -o json lists all", left)
	}
	s.sayf("\n%s to look at:\n%s%s", print.Plural(len(problems), "problem"), t.Render(s.Width), more)
}
