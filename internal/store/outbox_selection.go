package store

// Which enrollments an outbox entry selects is said here, once: Targets lists
// them, and a reconciliation looks for those of them that heard nothing. The
// fragments join enrollments e, parked_on p and outbox o.

// fixSelectsSQL is true of the parks p that a fix of cause, with this id,
// resumes: a park that is younger was decided on newer facts. The operands are
// SQL: parameters where the index has to serve them, or columns.
func fixSelectsSQL(cause, id string) string { return `p.cause = ` + cause + ` AND p.seq < ` + id }

const (
	// selectionSQL is true of what an operator has selected.
	selectionSQL = `(o.campaign = '' OR e.campaign = o.campaign) AND (o.code = '' OR e.code = o.code)
		AND (o.contacts = '{}' OR e.contact_id = ANY (o.contacts))`

	// resumeSelectsSQL is true of the parks that a resume reaches. One without an
	// answer leaves DeliveryUncertain alone (law 4).
	resumeSelectsSQL = `e.park_seq < o.id AND (o.assume <> '' OR e.code <> 'DeliveryUncertain') AND ` + selectionSQL

	// disenrollSelectsSQL is true of the enrollments that a disenrollment ends.
	disenrollSelectsSQL = `e.enrolled_at <= o.created_at AND e.` + runningSQL + ` AND ` + selectionSQL
)
