package cli

import (
	"fmt"
	"strings"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func (s *session) showReport(out operator.Reconciled, flags reconcileFlags) error {
	t := print.NewTable("Difference", ">Contact", "Name", "Campaign", "PostgreSQL", "Temporal", either(flags.apply, "Outcome", "--apply would"))
	for _, d := range out.Differences {
		if flags.limit > 0 && t.Len() == flags.limit {
			break
		}
		contact, last := fmt.Sprint(d.ContactID), d.Repair
		if d.ContactID == 0 {
			contact = ""
		}
		switch {
		case d.Left != "":
			last = "left: " + d.Left
		case d.Repaired:
			last = "repaired"
		}
		t.Add(d.Kind, contact, d.ContactName, d.Campaign, d.Postgres, d.Temporal, last)
	}
	if s.format == formatJSON {
		if err := s.show(out, nil); err != nil {
			return err
		}
	} else {
		s.sayReport(out, t, flags)
	}
	if out.Left > 0 {
		return failed("differences are left")
	}
	return nil
}

// sayReport prints the table, and what follows from it.
func (s *session) sayReport(out operator.Reconciled, t *print.Table, flags reconcileFlags) {
	compared := fmt.Sprintf("%s compared with %s", print.Plural(out.Enrollments, "enrollment"), print.Plural(out.Workflows, "workflow"))
	if out.GoOn > 0 {
		s.sayf("%s of completed enrollments still wait; they end by themselves and send nothing.", print.Plural(out.GoOn, "workflow"))
	}
	if len(out.Forgotten) > 0 {
		s.sayf("These workflows have ended, and PostgreSQL does not have their contacts any more. Do not enroll these people again when they are imported anew:\n  %s",
			strings.Join(out.Forgotten, "\n  "))
	}
	if len(out.Differences) == 0 {
		s.sayf("%s: no differences.", compared)
		return
	}
	s.sayf("%s", t.Render(s.Width))
	if hidden := len(out.Differences) - t.Len(); hidden > 0 {
		s.sayf("… and %d more; --limit 0 shows all.", hidden)
	}
	if out.Guessed {
		ends := "is empty: a message that may have left"
		if out.InDoubtSince.Unix() > 0 {
			ends = fmt.Sprintf("ends at %s: a message that may have left after that", print.Moment(*out.InDoubtSince))
		}
		s.sayf("\nPostgreSQL is older than Temporal. Its ledger %s becomes DeliveryUncertain.\n"+
			"--restored-from gives the exact moment of the backup. Workers must be stopped until this is repaired.", ends)
	}
	s.sayf("\n%s: %s (%s).", compared, print.Plural(len(out.Differences), "difference"), kindCounts(out))
	switch {
	case !flags.apply:
		s.sayf("Nothing was changed; --apply repairs them.")
	case out.Left > 0:
		s.sayf("%d repaired, %d left.", out.Repaired, out.Left)
	default:
		s.sayf("All are repaired.")
	}
}

// kindCounts is `3 missing, 1 parked`, in the order of the table.
func kindCounts(out operator.Reconciled) string {
	var parts []string
	for i := 0; i < len(out.Differences); {
		kind, from := out.Differences[i].Kind, i
		for i < len(out.Differences) && out.Differences[i].Kind == kind {
			i++
		}
		parts = append(parts, fmt.Sprintf("%d %s", i-from, kind))
	}
	return strings.Join(parts, ", ")
}
