package operator

import "time"

// delayed is for how long it is known that Temporal did not answer.
const delayed = time.Minute

// reached keeps whether the last change has reached Temporal.
func (c *connections) reached(err error) error {
	at := int64(0)
	if err != nil {
		at = time.Now().UnixNano()
	}
	c.away.Store(at)
	return err
}

// Delaying is true for a minute after a change that could not reach Temporal, unless one
// has reached it since: what is done now is saved, and carried out when it is back.
func (o *Operator) Delaying() bool {
	at := o.away.Load()
	return at != 0 && time.Since(time.Unix(0, at)) < delayed
}
