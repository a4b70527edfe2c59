package campaign

import "relance/internal/failure"

// Wake is one open row of the outbox: something that workflows have to be told.
type Wake struct {
	ID int64
	// Kind is fix, resume, disenroll or enroll.
	Kind     string
	Cause    failure.Cause
	Campaign string
	Assume   Assume
	Note     string
	By       string
	Cursor   int64
	// Rate is how fast it may be worked off.
	Rate Rate
}

// Target is one enrollment that a wake concerns.
type Target struct {
	// Seq is the cursor's value of this target.
	Seq          int64
	EnrollmentID int64
	CampaignKey  string
	ContactID    int64
	// ParkID is the open park; 0 for one that is paused or is to be disenrolled.
	ParkID int
	Status Status
}

// Enrollee is one enrollment whose workflow has not been started yet.
type Enrollee struct {
	EnrollmentID int64
	ContactID    int64
	ContactName  string
}
