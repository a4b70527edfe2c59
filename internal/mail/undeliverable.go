package mail

// Undeliverable says that the message or an address of it cannot be transmitted as it
// is: definite, nothing was accepted, and trying again cannot help.
type Undeliverable struct{ Reason string }

func (e *Undeliverable) Error() string { return e.Reason }
