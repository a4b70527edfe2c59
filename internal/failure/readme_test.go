package failure_test

import (
	"fmt"
	"strings"
	"testing"

	"relance/internal/failure"
	"relance/internal/lab/docstable"
)

// TestReadmeCatalogue holds the table of errors in README.md to the catalogue.
func TestReadmeCatalogue(t *testing.T) {
	docstable.Check(t, "README.md", "catalogue", catalogueTable())
}

func catalogueTable() string {
	var text strings.Builder
	text.WriteString("| # | code | what it means | how to fix | it goes on when |\n|---|---|---|---|---|\n")
	for _, entry := range failure.Catalogue() {
		fmt.Fprintf(&text, "| %d | `%s` | %s | %s | %s |\n", entry.Number, entry.Code, cell(entry.Description), cell(entry.HowToFix), cell(entry.ParksUntil))
	}
	return text.String()
}

// cell keeps a flag's two dashes two dashes and a bar a bar.
func cell(text string) string { return strings.NewReplacer("--", `\-\-`, "|", `\|`).Replace(text) }
