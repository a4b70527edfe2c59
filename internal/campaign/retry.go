package campaign

import "time"

// Retry is how technical failures of a step are retried before the step
// parks. It is pinned in each enrollment when it starts.
type Retry struct {
	Initial  time.Duration `json:"initial"`
	Factor   float64       `json:"factor"`
	Max      time.Duration `json:"max"`
	Attempts int           `json:"attempts"`
}

// Delay is how long the step rests after this many failed attempts.
func (r Retry) Delay(attempts int) time.Duration {
	delay := float64(r.Initial)
	for range attempts - 1 {
		if delay *= max(1, r.Factor); r.Max > 0 && delay >= float64(r.Max) {
			return r.Max
		}
	}
	return time.Duration(delay)
}
