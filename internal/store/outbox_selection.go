package store

// Which enrollments an outbox entry selects is said here, once: Targets lists
// them, and a reconciliation looks for those of them that heard nothing. The
// fragments join enrollments e, parked_on p and outbox o.

// fixSelectsSQL is true of the parks p that a fix of cause, with this id,
// resumes: a park that is younger was decided on newer facts. The operands are
// SQL: parameters where the index has to serve them, or columns.
func fixSelectsSQL(cause, id string) string { return `p.cause = ` + cause + ` AND p.seq < ` + id }

const (
	// ofKindSQL is true of what an operator has selected by campaign and code, ofContactsSQL
	// of the contacts that were named, or of all when none were.
	ofKindSQL     = `(o.campaign = '' OR e.campaign = o.campaign) AND (o.code = '' OR e.code = o.code)`
	ofContactsSQL = `(o.contacts = '{}' OR e.contact_id = ANY (o.contacts))`

	// ofEntrysContactsSQL is the same for the entry whose id is $2. It depends on no row,
	// so that PostgreSQL reads the contacts once a statement and hashes them: the other one
	// unpacks an array of fifty thousand, and reads it, for each enrollment.
	ofEntrysContactsSQL = `((SELECT contacts = '{}' FROM outbox WHERE id = $2) OR e.contact_id IN (SELECT unnest(contacts) FROM outbox WHERE id = $2))`

	// resumeSelectsSQL is true of the parks that a resume reaches. One without an
	// answer leaves DeliveryUncertain alone (law 4).
	resumeSelectsSQL = resumesSQL + ` AND ` + ofContactsSQL
	resumesSQL       = `e.park_seq < o.id AND (o.assume <> '' OR e.code <> 'DeliveryUncertain') AND ` + ofKindSQL

	// disenrollSelectsSQL is true of the enrollments that a disenrollment ends.
	disenrollSelectsSQL = disenrollsSQL + ` AND ` + ofContactsSQL
	// stopsSQL is true of the enrollments of a person that what was heard has ended.
	stopsSQL      = `e.contact_id = ANY (o.contacts) AND e.ended_by IS NOT NULL AND e.status = 'Disenrolled'`
	disenrollsSQL = `e.enrolled_at <= o.created_at AND e.` + runningSQL + ` AND ` + ofKindSQL
)
