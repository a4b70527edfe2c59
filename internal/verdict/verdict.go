// Package verdict is what a refused message means, and what follows from it: one
// table for the sender, `starter explain` and docs/how-it-works.md. The rules that
// come to a verdict are elsewhere (mail/reply, and the SMS provider's codes). It
// knows the catalogue of failures and nothing else of the project.
package verdict

// Verdict is what a definite refusal means to the engine.
type Verdict string

const (
	// AccountError is a fault of the sending account or its domain, which a person has to repair.
	AccountError Verdict = "account_error"
	// AccountLimit says that the sending account has sent enough for now and has to rest.
	AccountLimit Verdict = "account_limit"
	// HardBounce says that the recipient's address does not work and will not.
	HardBounce Verdict = "hard_bounce"
	// SoftBounce says that the recipient's mailbox cannot take the message now.
	SoftBounce Verdict = "soft_bounce"
	// Transient is a technical failure of the server, which passes by itself.
	Transient Verdict = "transient"
	// PolicyBlock says that the receiving side does not want the message or its origin.
	PolicyBlock Verdict = "policy_block"
	// MessageDefect says that the message itself cannot be accepted as it is.
	MessageDefect Verdict = "message_defect"
	// BadNumber says that a phone number cannot receive a text message.
	BadNumber Verdict = "bad_number"
)

// OfReplies returns the verdicts that a mail server's reply can have, in the order in
// which people read them.
func OfReplies() []Verdict {
	return []Verdict{AccountError, AccountLimit, HardBounce, SoftBounce, Transient, PolicyBlock, MessageDefect}
}

// All returns every verdict: those of replies, and that of phone numbers.
func All() []Verdict { return append(OfReplies(), BadNumber) }
