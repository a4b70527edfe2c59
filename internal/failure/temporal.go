package failure

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Parked is what the details of a parking application error carry: the problem
// and the number of the park that PostgreSQL holds for it. Those of a technical failure
// have the problem alone.
type Parked struct {
	Problem  Problem   `json:"problem"`
	ParkID   int       `json:"parkId,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Attempts int       `json:"attempts,omitempty"`
}

// Park returns the typed, non-retryable application error of a recorded park.
// Its message reads as the note does, its type is the code.
//
// The details repeat the code. Left out, they are forty bytes less in every
// history of a parked contact; but a worker of an earlier version decides on it
// which resumes it accepts, and two versions that decide differently in one
// history leave the contact stuck (law 2).
func Park(parked Parked) error {
	return temporal.NewApplicationErrorWithOptions(parked.Problem.Message(), string(parked.Problem.Code),
		temporal.ApplicationErrorOptions{
			NonRetryable: true,
			Category:     temporal.ApplicationErrorCategoryBenign,
			Details:      []any{parked},
		})
}

// Retry returns the typed, retryable application error of a technical failure.
// A positive delay overrides the retry policy's next interval (greylisting,
// Retry-After). The detail is ours.
func Retry(detail string, delay time.Duration, cause error) error {
	return RetryOf(Problem{Detail: detail, Words: Ours(detail)}, delay, cause)
}

// RetryOf is Retry with the detail and the words of a problem.
func RetryOf(problem Problem, delay time.Duration, cause error) error {
	problem.Code = SendingFailed
	return temporal.NewApplicationErrorWithOptions(problem.Reason(), string(SendingFailed),
		temporal.ApplicationErrorOptions{
			NextRetryDelay: delay,
			Cause:          cause,
			Details:        []any{Parked{Problem: problem}}, // the type that a park has: readers need not guess
		})
}

// Last is the error of the last attempt that a technical failure gets: nobody tries the
// step again, so that its message, the red line of the Event History, says how to fix it,
// as the note does. Any other error stays as it is.
func Last(err error) error {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.NonRetryable() || !application.HasDetails() {
		return err
	}
	var parked Parked
	if application.Details(&parked) != nil || parked.Problem.Code == "" {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(parked.Problem.Message(), application.Type(),
		temporal.ApplicationErrorOptions{Cause: errors.Unwrap(application), Details: []any{parked}})
}

// ParkedFrom returns the park that an activity has recorded, when err carries one.
func ParkedFrom(err error) (Parked, bool) {
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || !application.HasDetails() {
		return Parked{}, false
	}
	var parked Parked
	if application.Details(&parked) != nil || parked.ParkID == 0 {
		return Parked{}, false
	}
	if parked.Problem.Code == "" { // some versions have left it out
		parked.Problem.Code = Code(application.Type())
	}
	return parked, true
}

// FailedTry is a technical failure of a first try.
type FailedTry struct {
	Detail string `json:"detail"`
	// Words are those of Problem.
	Words *Words `json:"words,omitempty"`
	// RetryAfter is when trying again makes sense; 0 leaves it to the retry policy.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
}

// FailedTryFrom returns what a first try has failed with, for the attempts that follow it.
func FailedTryFrom(err error) *FailedTry {
	problem := ProblemFrom(err)
	failed := FailedTry{Detail: problem.Detail, Words: problem.Words}
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		failed.RetryAfter = application.NextRetryDelay()
	}
	return &failed
}

// ProblemFrom returns what an error of an activity says that was not recorded
// as a park: the last technical failure, a timeout, or anything unknown. Every
// error has an answer: what the catalogue does not know is SendingFailed.
func ProblemFrom(err error) Problem {
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		var parked Parked
		if application.HasDetails() && application.Details(&parked) == nil && parked.Problem.Code != "" {
			return parked.Problem
		}
		return ours(application.Message())
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		return ours("the worker that was sending stopped answering (" + timeout.TimeoutType().String() + " timeout)")
	}
	return ours(err.Error())
}

func ours(detail string) Problem {
	return Problem{Code: SendingFailed, Detail: detail, Words: Ours(detail)}
}
