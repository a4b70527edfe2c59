package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"relance/internal/cli/print"
	"relance/internal/plaintext"
)

// format is the value of -o.
type format string

const (
	formatTable format = "table"
	formatJSON  format = "json"
)

func (f format) check() error {
	if f != formatTable && f != formatJSON {
		return usagef("-o is %q; expected table or json", string(f))
	}
	return nil
}

// show prints the result of a command: value with -o json, else the table.
// Lists in value must not be nil: JSON readers expect [].
func (s *session) show(value any, t *print.Table) error {
	if s.format == formatJSON {
		var document strings.Builder
		encoder := json.NewEncoder(&document)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return err
		}
		_, err := io.WriteString(s.Stdout, plaintext.JSON(document.String()))
		return err
	}
	if t == nil {
		return nil
	}
	_, err := fmt.Fprintln(s.Stdout, t.Render(s.Width))
	return err
}

// sayf prints a line for people; with -o json it prints nothing.
func (s *session) sayf(format string, args ...any) {
	if s.format == formatTable {
		fmt.Fprintf(s.Stdout, format+"\n", args...)
	}
}

// warnf says on Stderr what a person should know although the command goes on.
func (s *session) warnf(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "starter: "+format+"\n", args...)
}
