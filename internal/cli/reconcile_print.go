package cli

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/reconcile"
)

// reconciled is what reconcile prints with -o json.
type reconciled struct {
	Enrollments int                    `json:"enrollments"`
	Workflows   int                    `json:"workflows"`
	ByKind      map[reconcile.Kind]int `json:"byKind"`
	// InDoubtSince is since when the ledger knows nothing; null when it is whole.
	InDoubtSince *time.Time `json:"inDoubtSince"`
	GoOn         int        `json:"goOn"`
	Mended       int        `json:"mended"`
	Left         int        `json:"left"`
	// Forgotten are ended workflows of contacts that PostgreSQL does not have.
	Forgotten   []string         `json:"forgotten"`
	Differences []differenceItem `json:"differences"`
}

// differenceItem is one difference, as -o json prints it.
type differenceItem struct {
	Kind        reconcile.Kind `json:"kind"`
	Campaign    string         `json:"campaign"`
	ContactID   int64          `json:"contactId"`
	ContactName string         `json:"contactName"`
	StepID      string         `json:"stepId"`
	WorkflowID  string         `json:"workflowId"`
	Postgres    string         `json:"postgres"`
	Temporal    string         `json:"temporal"`
	Mend        string         `json:"mend"`
	Mended      bool           `json:"mended"`
	// Left says why it is not mended, and what to do.
	Left string `json:"left"`
}

func (s *session) showReport(report *reconcile.Report, flags reconcileFlags) error {
	out := reconciled{
		Enrollments: report.Enrollments, Workflows: report.Workflows, ByKind: map[reconcile.Kind]int{}, GoOn: report.GoOn,
		Left: report.Left(), Mended: len(report.Differences) - report.Left(), Differences: []differenceItem{},
		Forgotten: list(report.Forgotten),
	}
	if since := report.Window.Since.UTC(); !report.Window.Since.IsZero() {
		out.InDoubtSince = &since
	}
	t := newTable("Difference", ">Contact", "Name", "Campaign", "PostgreSQL", "Temporal", map[bool]string{false: "--apply would", true: "Outcome"}[flags.apply])
	for _, d := range report.Differences {
		out.ByKind[d.Kind]++
		out.Differences = append(out.Differences, differenceItem{
			Kind: d.Kind, Campaign: d.CampaignKey, ContactID: d.ContactID, ContactName: d.ContactName, StepID: d.StepID,
			WorkflowID: d.WorkflowID(), Postgres: d.Postgres, Temporal: d.Temporal, Mend: d.Mend, Mended: d.Mended, Left: d.Left,
		})
		if flags.limit > 0 && len(t.rows) == flags.limit {
			continue
		}
		contact, last := fmt.Sprint(d.ContactID), d.Mend
		if d.ContactID == 0 {
			contact = ""
		}
		switch {
		case d.Left != "":
			last = "left: " + d.Left
		case d.Mended:
			last = "mended"
		}
		t.add(d.Kind, contact, d.ContactName, d.CampaignKey, d.Postgres, d.Temporal, last)
	}
	if s.format == formatJSON {
		if err := s.show(out, nil); err != nil {
			return err
		}
	} else {
		s.sayReport(report, out, t, flags)
	}
	if out.Left > 0 {
		return failed("differences are left")
	}
	return nil
}

// sayReport prints the table, and what follows from it.
func (s *session) sayReport(report *reconcile.Report, out reconciled, t *table, flags reconcileFlags) {
	compared := fmt.Sprintf("%s compared with %s", plural(out.Enrollments, "enrollment"), plural(out.Workflows, "workflow"))
	if out.GoOn > 0 {
		s.sayf("%s of completed enrollments still wait; they end by themselves and send nothing.", plural(out.GoOn, "workflow"))
	}
	if len(report.Forgotten) > 0 {
		s.sayf("These have ended, and PostgreSQL does not have their contacts any more; whoever imports them anew must not enroll them again:\n  %s",
			strings.Join(report.Forgotten, "\n  "))
	}
	if len(report.Differences) == 0 {
		s.sayf("%s: no differences.", compared)
		return
	}
	s.sayf("%s", t.render(s.Width))
	if hidden := len(report.Differences) - len(t.rows); hidden > 0 {
		s.sayf("… and %d more; --limit 0 shows all.", hidden)
	}
	if report.Guessed {
		ends := "is empty: whatever was under way"
		if out.InDoubtSince.Unix() > 0 {
			ends = fmt.Sprintf("ends at %s: what was under way after that", out.InDoubtSince.Format(time.RFC3339))
		}
		s.sayf("\nPostgreSQL is older than Temporal. Its ledger %s is put in doubt.\n"+
			"--restored-from says better which moment the backup is of. Workers must stand still until this is mended.", ends)
	}
	s.sayf("\n%s: %s (%s).", compared, plural(len(report.Differences), "difference"), kindCounts(report))
	switch {
	case !flags.apply:
		s.sayf("Nothing was changed; with --apply they are mended.")
	case out.Left > 0:
		s.sayf("%d mended, %d left.", out.Mended, out.Left)
	default:
		s.sayf("All are mended.")
	}
}

// kindCounts is `3 missing, 1 parked`, in the order of the table.
func kindCounts(report *reconcile.Report) string {
	var parts []string
	for i := 0; i < len(report.Differences); {
		kind, from := report.Differences[i].Kind, i
		for i < len(report.Differences) && report.Differences[i].Kind == kind {
			i++
		}
		parts = append(parts, fmt.Sprintf("%d %s", i-from, kind))
	}
	return strings.Join(parts, ", ")
}
