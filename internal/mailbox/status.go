package mailbox

import "time"

// Phase is what a reader is doing.
type Phase string

// The phases of a reader.
const (
	Looking Phase = "looking" // it reads
	Idling  Phase = "idling"  // connected, the server says when something arrives
	Resting Phase = "resting" // not connected, until the next look
	Failing Phase = "failing" // the last look failed; it tries again
)

// Status is what a reader tells of itself, every few seconds.
type Status struct {
	Phase Phase
	// Looked is when the last complete look of this reader began; zero before the first.
	Looked time.Time
	// Err is why the last look failed, nil when it did not; FailingSince is when the first
	// of the looks began that have failed since the last complete one, Failures their number.
	Err          error
	FailingSince time.Time
	Failures     int
}
