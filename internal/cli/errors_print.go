package cli

import (
	"fmt"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// printErrors prints each contact as a few lines that can be read without
// knowing the catalogue: contact and step, why, how to fix, what to type.
func (s *session) printErrors(page operator.ErrorPage) error {
	items, total := page.Items, page.Total
	if total == 0 {
		s.sayf("Nobody is in error here.")
		return nil
	}
	heads := make([][]string, len(items))
	now := time.Now()
	for i, item := range items {
		heads[i] = []string{
			fmt.Sprintf("%d %s", item.ContactID, item.ContactName), item.Campaign + "/" + item.StepID,
			string(item.Code), "for " + print.Age(now.Sub(item.Since)),
		}
	}
	widths := print.ColumnWidths(heads)
	for i, item := range items {
		print.Head(s.Stdout, heads[i], widths, s.Width)
		reason, said := item.Problem.Apart()
		print.Indented(s.Stdout, "", reason, s.Width)
		if said != "" {
			print.Indented(s.Stdout, "", "The server said: “"+said+"”", s.Width)
		}
		if item.Evidence != nil {
			print.Indented(s.Stdout, "", "In Sent: "+item.Evidence.Text(print.Moment), s.Width)
		}
		print.Indented(s.Stdout, "", "How to fix: "+item.HowToFix, s.Width)
		// A command is never wrapped: it is there to be copied.
		fmt.Fprintf(s.Stdout, "    $ %s\n\n", item.NextCommand)
	}
	if total > len(items) {
		s.sayf("The oldest %d of %d contacts in error; --limit 0 shows all, starter errors summary groups them.", len(items), total)
		return nil
	}
	s.sayf("%s in error.", print.Plural(total, "contact"))
	return nil
}
