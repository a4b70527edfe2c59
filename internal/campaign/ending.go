package campaign

import "time"

// Ending is how a workflow was ended from outside.
type Ending string

// The endings. Closed is one of the others, before Temporal was asked which.
// Completed and Canceled are here for rows that do not know of it.
const (
	EndedTerminated Ending = "terminated"
	EndedTimedOut   Ending = "timed out"
	EndedFailed     Ending = "failed"
	EndedCompleted  Ending = "completed"
	EndedCanceled   Ending = "canceled"
	EndedDeleted    Ending = "deleted"
	EndedClosed     Ending = "closed"
)

// Watched is an enrollment whose workflow has to be open.
type Watched struct {
	EnrollmentKey
	EnrollmentID int64
}

// Found is what Temporal answers about the workflow of an enrollment.
type Found struct {
	// Ending is empty while the workflow is open.
	Ending Ending
	// ClosedAt is zero when that is not known.
	ClosedAt time.Time
	// RunID is empty for a workflow that Temporal does not have.
	RunID string
}

// EndedWorkflow is an enrollment that nothing moves any more.
type EndedWorkflow struct {
	Watched
	Found
}

// RetryState is the last technical failure of a step that is being tried again.
type RetryState struct {
	// Attempt is the one that has failed, from 1; Of is after how many somebody
	// is asked, 0 for never.
	Attempt int `json:"attempt"`
	Of      int `json:"of"`
	// Why is the server's words.
	Why string `json:"why"`
	// FailedAt is when; NextAt is when the next attempt is due.
	FailedAt time.Time `json:"failedAt"`
	NextAt   time.Time `json:"nextAt"`
}
