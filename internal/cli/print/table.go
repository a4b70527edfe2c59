package print

import (
	"fmt"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"relance/internal/plaintext"
)

// Table is what people read: a plain one without borders that fits the
// terminal. Text that is too long is wrapped, never cut.
type Table struct {
	headers []string
	rows    [][]string
	right   map[int]bool
	// Gap is the number of blanks between two columns.
	Gap int
}

// NewTable starts a table. A header that begins with ">" is of a column of
// numbers: it is set to the right.
func NewTable(headers ...string) *Table {
	t := &Table{right: map[int]bool{}, Gap: ColumnGap}
	for i, header := range headers {
		name, right := strings.CutPrefix(header, ">")
		t.headers, t.right[i] = append(t.headers, name), right
	}
	return t
}

// Add adds a row.
func (t *Table) Add(values ...any) {
	row := make([]string, len(values))
	for i, value := range values {
		row[i] = plaintext.Text(fmt.Sprint(value), 0)
	}
	t.rows = append(t.rows, row)
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// ColumnGap is the usual number of blanks between two columns.
const ColumnGap = 2

// Render returns the table without a line end after the last row. Width 0 is
// as wide as it needs.
func (t *Table) Render(width int) string {
	writer := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", t.Gap)
	style.Format.Header = text.FormatUpper
	writer.SetStyle(style)
	writer.SuppressTrailingSpaces()
	header := pretty.Row{}
	for _, name := range t.headers {
		header = append(header, name)
	}
	writer.AppendHeader(header)
	configs := []pretty.ColumnConfig{}
	for i, most := range t.fit(width) {
		config := pretty.ColumnConfig{Number: i + 1, WidthMax: most, WidthMaxEnforcer: text.WrapSoft}
		if t.right[i] {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	writer.SetColumnConfigs(configs)
	for _, row := range t.rows {
		cells := pretty.Row{}
		for _, cell := range row {
			cells = append(cells, cell)
		}
		writer.AppendRow(cells)
	}
	return writer.Render()
}

// fit shares the width among the columns: the widest gives first, and none is
// made narrower than its longest word, unless that word is a very long one.
func (t *Table) fit(width int) []int {
	widths, floors, total := make([]int, len(t.headers)), make([]int, len(t.headers)), 0
	for i, header := range t.headers {
		widths[i], floors[i] = text.StringWidthWithoutEscSequences(header), longestWord(header)
		for _, row := range t.rows {
			if i < len(row) {
				widths[i] = max(widths[i], text.LongestLineLen(row[i]))
				floors[i] = max(floors[i], longestWord(row[i]))
			}
		}
		total += widths[i] + t.Gap
	}
	for width > 0 && total-t.Gap > width {
		widest := -1
		for i := range widths {
			if widths[i] > floors[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

// longestWord is the width of the longest word that must not be broken.
func longestWord(cell string) int {
	const most = 26
	longest := 0
	for _, word := range strings.Fields(cell) {
		longest = max(longest, min(most, text.StringWidthWithoutEscSequences(word)))
	}
	return longest
}
