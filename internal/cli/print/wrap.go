package print

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// ColumnWidths is the widest of each column.
func ColumnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	return widths
}

// Head aligns the heads below each other where the terminal is wide
// enough for all of them; else the contact has a line of its own.
func Head(out io.Writer, head []string, widths []int, width int) {
	total := 0
	for _, w := range widths {
		total += w + ColumnGap
	}
	if width > 0 && total-ColumnGap > width {
		fmt.Fprintf(out, "%s\n    %s\n", head[0], strings.Join(head[1:], "  "))
		return
	}
	line := ""
	for i, cell := range head {
		line += text.Pad(cell, widths[i]+ColumnGap, ' ')
	}
	fmt.Fprintln(out, strings.TrimRight(line, " "))
}

// Indented wraps a text under its head.
func Indented(out io.Writer, label, words string, width int) {
	const indent = "    "
	words = label + strings.Join(strings.Fields(words), " ")
	if room := width - len(indent); width > 0 && room > 20 {
		words = text.WrapSoft(words, room)
	}
	for line := range strings.SplitSeq(words, "\n") {
		fmt.Fprintln(out, indent+strings.TrimSpace(line))
	}
}
