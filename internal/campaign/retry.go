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

// DefaultRetry is about a day of trying.
var DefaultRetry = Retry{Initial: time.Minute, Factor: 2, Max: 30 * time.Minute, Attempts: 50}

// OrDefault is what an enrollment goes by that was started without one.
func (r Retry) OrDefault() Retry {
	if r == (Retry{}) {
		return DefaultRetry
	}
	return r
}

// Brief is Retry as it is written in each enrollment: nothing for the default.
func (r Retry) Brief() Retry {
	if r == DefaultRetry {
		return Retry{}
	}
	return r
}
