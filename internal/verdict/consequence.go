package verdict

import (
	"strings"

	"relance/internal/failure"
)

// Consequence is what follows from a definite refusal.
type Consequence struct {
	// AccountInError puts the email account in error: its contacts park until it is
	// reconnected.
	AccountInError bool
	// AccountRests lets the email account send nothing for a while.
	AccountRests bool
	// AddressBounced keeps the recipient's address as one that cannot be mailed.
	AddressBounced bool
	// Retried is true when the machine tries the same step again by itself (law 6).
	Retried bool
	// Code is what the contact is then in error with: at once, or after the last try
	// when it is retried. Empty when nobody is in error (law 7).
	Code failure.Code
}

// OfEmail is what follows when a mail server refuses an email. A verdict that it does
// not know is tried again.
func OfEmail(v Verdict) Consequence {
	switch v {
	case AccountError:
		return Consequence{AccountInError: true, Code: failure.EmailAccountInError}
	case AccountLimit:
		return Consequence{AccountRests: true}
	case HardBounce:
		return Consequence{AddressBounced: true, Code: failure.EmailAlreadyBounced}
	case PolicyBlock, MessageDefect:
		return Consequence{Code: failure.SendingFailed}
	case SoftBounce, Transient, BadNumber:
	}
	return Consequence{Retried: true, Code: failure.SendingFailed}
}

// OfSMS is what follows when the provider refuses a text message. There is no account
// to put in error: the provider's is the worker's own.
func OfSMS(v Verdict) Consequence {
	switch v {
	case BadNumber:
		return Consequence{Code: failure.OwnerHasNoPhone}
	case AccountError, PolicyBlock, MessageDefect:
		return Consequence{Code: failure.SendingFailed}
	case AccountLimit, HardBounce, SoftBounce, Transient:
	}
	return Consequence{Retried: true, Code: failure.SendingFailed}
}

// String says it to people: clauses parted by semicolons.
func (c Consequence) String() string {
	var clauses []string
	if c.AccountInError {
		clauses = append(clauses, "the email account is put in error")
	}
	if c.AccountRests {
		clauses = append(clauses, "the email account rests; its contacts wait")
	}
	if c.AddressBounced {
		clauses = append(clauses, "the address is kept as bounced")
	}
	code := string(c.Code)
	switch {
	case c.Code == "":
		clauses = append(clauses, "nobody is in error")
	case c.Retried:
		clauses = append(clauses, "tried again later; after the last try the contact is in error with "+code)
	case c.AccountInError:
		clauses = append(clauses, "its contacts are in error with "+code+" until it is reconnected")
	default:
		clauses = append(clauses, "the contact is in error with "+code+" at once")
	}
	return strings.Join(clauses, "; ")
}
