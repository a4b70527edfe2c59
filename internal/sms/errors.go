package sms

import (
	"fmt"
	"time"
)

// Refused says that the provider answered with an error: the message was
// definitely not accepted.
type Refused struct {
	// Status is the HTTP status, Code the provider's own error code (0 when it gave none).
	Status, Code int
	Message      string
	// RetryAfter is the provider's, 0 when it gave none.
	RetryAfter time.Duration
	// Retryable is true for 429 and 5xx.
	Retryable bool
	// InvalidNumber is true when the number cannot receive messages.
	InvalidNumber bool
}

// Error is the provider's words.
func (e *Refused) Error() string {
	return e.Answer() + ": " + e.Message
}

// Answer is the kind of the answer, without the provider's words.
func (e *Refused) Answer() string {
	if e.Code != 0 {
		return fmt.Sprintf("the SMS provider answered %d (error %d)", e.Status, e.Code)
	}
	return fmt.Sprintf("the SMS provider answered %d", e.Status)
}

// Unreachable says that the request was never written: safe to try again.
type Unreachable struct{ Err error }

// Error names the cause.
func (e *Unreachable) Error() string {
	return "the SMS provider cannot be reached: " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Unreachable) Unwrap() error { return e.Err }

// Unanswered says that the request was or may have been written and that no
// answer came: the message may have been accepted.
type Unanswered struct{ Err error }

// Error names the cause.
func (e *Unanswered) Error() string {
	return "the SMS provider's answer was lost: " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Unanswered) Unwrap() error { return e.Err }
