package reconcile

import (
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/workflows"
)

// Refused says why the state of things does not allow a comparison or a repair, in
// one sentence without a full stop.
type Refused string

func (r Refused) Error() string { return string(r) }

func refusedf(format string, args ...any) error { return Refused(fmt.Sprintf(format, args...)) }

// Report is what a comparison has found.
type Report struct {
	// Enrollments are those that have not ended; Workflows those that run.
	Enrollments, Workflows int
	// GoOn counts workflows whose enrollment has been completed already: they
	// find that by themselves when their wait is over, and send nothing.
	GoOn        int
	Differences []*Difference
	// Forgotten are workflows that have ended and of whose contacts PostgreSQL
	// knows nothing any more: these people have had mail, and may be imported anew.
	Forgotten []string
	// Window is the time of which the ledger knows nothing. Guessed is true when
	// the operator gave no moment, and that of the ledger's last send was taken.
	Window  Window
	Guessed bool
	// Asked is true when a repair has left an entry in the outbox.
	Asked bool
}

// Difference is one enrollment about which PostgreSQL and Temporal differ.
type Difference struct {
	campaign.EnrollmentKey
	Kind        Kind
	ContactName string
	StepID      string
	// Postgres and Temporal are what each says; Repair is what --apply does about it.
	Postgres, Temporal, Repair string
	Repaired                   bool
	// Left says why it is not repaired, and what to do; empty before a repair is
	// tried, unless it cannot be repaired.
	Left string

	lost    *campaign.Lost
	numbers campaign.Numbers
}

// WorkflowID is that of the enrollment; empty for numbers.
func (d *Difference) WorkflowID() string {
	if d.CampaignKey == "" {
		return ""
	}
	return workflows.EnrollmentWorkflowID(d.CampaignKey, d.ContactID)
}

// ShowsLoss is true when PostgreSQL must be older than Temporal.
func (r *Report) ShowsLoss() bool {
	for _, difference := range r.Differences {
		if difference.Kind.showsLoss() {
			return true
		}
	}
	return false
}

// Left counts the differences that are not repaired.
func (r *Report) Left() int {
	left := 0
	for _, difference := range r.Differences {
		if !difference.Repaired {
			left++
		}
	}
	return left
}

// windowOf is the time of which the ledger knows nothing, from the moments that
// the two were restored from. A Temporal that is older than the ledger leaves
// no such time: the ledger knows.
func windowOf(restored, temporalRestored time.Time) Window {
	window := Window{Since: restored}
	if !restored.IsZero() && !temporalRestored.IsZero() {
		window.Both = true
		if temporalRestored.After(restored) {
			window.Since = temporalRestored
		}
	}
	return window
}
