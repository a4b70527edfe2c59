package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"relance/internal/failure"
)

// printErrors prints each contact as a few lines that can be read without
// knowing the catalogue: who and where, why, how to fix, what to type.
func (s *session) printErrors(items []errorItem, total int) error {
	if total == 0 {
		s.sayf("Nobody is in error here.")
		return nil
	}
	heads := make([][]string, len(items))
	now := time.Now()
	for i, item := range items {
		heads[i] = []string{
			fmt.Sprintf("%d %s", item.ContactID, item.ContactName), item.Campaign + "/" + item.StepID,
			string(item.Code), "for " + age(now.Sub(item.Since)),
		}
	}
	widths := columnWidths(heads)
	for i, item := range items {
		printHead(s.Stdout, heads[i], widths, s.Width)
		printIndented(s.Stdout, "", item.problem.Reason(), s.Width)
		printIndented(s.Stdout, "", "How to fix: "+item.HowToFix, s.Width)
		// A command is never wrapped: it is there to be copied.
		fmt.Fprintf(s.Stdout, "    $ %s\n\n", failure.NextCommand(item.problem, item.Campaign, item.ContactID))
	}
	if total > len(items) {
		s.sayf("The oldest %d of %d contacts in error; --limit 0 shows all, starter errors summary groups them.", len(items), total)
		return nil
	}
	s.sayf("%s in error.", plural(total, "contact"))
	return nil
}

// columnWidths is the widest of each column.
func columnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
		}
	}
	return widths
}

// printHead aligns the heads below each other where the terminal is wide
// enough for all of them; else the contact has a line of its own.
func printHead(out io.Writer, head []string, widths []int, width int) {
	total := 0
	for _, w := range widths {
		total += w + columnGap
	}
	if width > 0 && total-columnGap > width {
		fmt.Fprintf(out, "%s\n    %s\n", head[0], strings.Join(head[1:], "  "))
		return
	}
	line := ""
	for i, cell := range head {
		line += text.Pad(cell, widths[i]+columnGap, ' ')
	}
	fmt.Fprintln(out, strings.TrimRight(line, " "))
}

// printIndented wraps a text under its head.
func printIndented(out io.Writer, label, words string, width int) {
	const indent = "    "
	words = label + strings.Join(strings.Fields(words), " ")
	if room := width - len(indent); width > 0 && room > 20 {
		words = text.WrapSoft(words, room)
	}
	for line := range strings.SplitSeq(words, "\n") {
		fmt.Fprintln(out, indent+strings.TrimSpace(line))
	}
}
