package campaign

import "time"

// DeliveryState is how far one message has come:
// reserved → wire → sent | failed | uncertain.
type DeliveryState string

// The five states of a delivery.
const (
	Reserved  DeliveryState = "reserved"
	OnWire    DeliveryState = "wire"
	Sent      DeliveryState = "sent"
	Failed    DeliveryState = "failed"
	Uncertain DeliveryState = "uncertain"
)

// Draft is what a claim freezes about a message before anything is sent.
type Draft struct {
	Kind Kind
	// Account is the sending address and its epoch (email only).
	Account      string
	AccountEpoch int64
	// Seen is the enrollment's status when the facts were read; empty is not asked.
	Seen Status
	// Recipient is the address or the phone number.
	Recipient string
	Subject   string
	// MessageID, Date and Boundary are kept from the first claim of a visit, so
	// that every attempt composes the same message.
	MessageID string
	Date      time.Time
	Boundary  string
	// Version is that of the campaign whose text it is.
	Version int
	// Due is when the wait before the step was over; zero when none stands before it.
	Due time.Time
	// Timed is true when the claim and the gate decide by the clock (law 8).
	Timed bool
	// CostsCredit is true when the message takes one credit of a credit plan.
	CostsCredit bool
}

// Delivery is one row of the ledger as a claim returns it.
type Delivery struct {
	EnrollmentID int64
	StepID       string
	Visit        int
	State        DeliveryState
	// Epoch is a fencing token: each takeover increments it, and Gate refuses every
	// older one (law 1).
	Epoch int
	Draft
	// Reply is the server's answer, or the provider's receipt.
	Reply string
	// WireAt is when the gate let it pass; only Facts reads it.
	WireAt time.Time
}

// Sending is an earlier message of the same enrollment.
type Sending struct {
	StepID    string
	Kind      Kind
	MessageID string
	Subject   string
	// Account is the address that it was sent from.
	Account string
	// At is when it was accepted, WireAt when it left, and Due when the wait before it was
	// over: zero when there was none, or when nobody noted it.
	At, WireAt, Due time.Time
}
