package cli

import (
	"fmt"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"relance/internal/plaintext"
)

// table is what people read: a plain one without borders that fits the
// terminal. Text that is too long is wrapped, never cut.
type table struct {
	headers []string
	rows    [][]string
	right   map[int]bool
	gap     int
}

// newTable starts a table. A header that begins with ">" is of a column of
// numbers: it is set to the right.
func newTable(headers ...string) *table {
	t := &table{right: map[int]bool{}, gap: columnGap}
	for i, header := range headers {
		name, right := strings.CutPrefix(header, ">")
		t.headers, t.right[i] = append(t.headers, name), right
	}
	return t
}

func (t *table) add(values ...any) {
	row := make([]string, len(values))
	for i, value := range values {
		row[i] = plaintext.Text(fmt.Sprint(value), 0)
	}
	t.rows = append(t.rows, row)
}

// columnGap is the usual number of blanks between two columns.
const columnGap = 2

// render returns the table without a line end after the last row. Width 0 is
// as wide as it needs.
func (t *table) render(width int) string {
	writer := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", t.gap)
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
func (t *table) fit(width int) []int {
	widths, floors, total := make([]int, len(t.headers)), make([]int, len(t.headers)), 0
	for i, header := range t.headers {
		widths[i], floors[i] = text.StringWidthWithoutEscSequences(header), longestWord(header)
		for _, row := range t.rows {
			if i < len(row) {
				widths[i] = max(widths[i], text.LongestLineLen(row[i]))
				floors[i] = max(floors[i], longestWord(row[i]))
			}
		}
		total += widths[i] + t.gap
	}
	for width > 0 && total-t.gap > width {
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
