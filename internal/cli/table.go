package cli

import (
	"fmt"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// table is what people read: a plain one without borders that fits the
// terminal. Text that is too long is wrapped, never cut.
type table struct {
	headers []string
	rows    [][]string
	right   map[int]bool
}

// newTable starts a table. A header that begins with ">" is of a column of
// numbers: it is set to the right.
func newTable(headers ...string) *table {
	t := &table{right: map[int]bool{}}
	for i, header := range headers {
		name, right := strings.CutPrefix(header, ">")
		t.headers, t.right[i] = append(t.headers, name), right
	}
	return t
}

func (t *table) add(values ...any) {
	row := make([]string, len(values))
	for i, value := range values {
		row[i] = fmt.Sprint(value)
	}
	t.rows = append(t.rows, row)
}

// columnGap is the blanks between two columns.
const columnGap = 2

// render returns the table without a line end after the last row. Width 0 is
// as wide as it needs.
func (t *table) render(width int) string {
	writer := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", columnGap)
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

// fit shares the width among the columns: the widest gives first, and none
// below a width in which words can still be read.
func (t *table) fit(width int) []int {
	const least = 10
	widths := make([]int, len(t.headers))
	total := 0
	for i, header := range t.headers {
		widths[i] = text.StringWidthWithoutEscSequences(header)
		for _, row := range t.rows {
			if i < len(row) {
				widths[i] = max(widths[i], text.LongestLineLen(row[i]))
			}
		}
		total += widths[i] + columnGap
	}
	for width > 0 && total-columnGap > width {
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= least {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}
