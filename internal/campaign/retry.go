package campaign

import "time"

// Retry is how technical failures of a step are retried before anybody is
// asked. It is pinned in each enrollment when it starts.
type Retry struct {
	Initial  time.Duration `json:"initial"`
	Factor   float64       `json:"factor"`
	Max      time.Duration `json:"max"`
	Attempts int           `json:"attempts"`
}
