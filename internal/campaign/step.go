package campaign

import "time"

// Kind is what a step does.
type Kind string

// The three kinds of step.
const (
	Email Kind = "email"
	Wait  Kind = "wait"
	SMS   Kind = "sms"
)

// Kinds returns the three kinds of step.
func Kinds() []Kind { return []Kind{Email, Wait, SMS} }

// Sends is true when doing the step sends a message: it goes through the ledger,
// and counts as sent once. A kind that this program does not know sends nothing.
func (k Kind) Sends() bool {
	switch k {
	case Email, SMS:
		return true
	case Wait:
		return false
	}
	return false
}

// Step is one step of a campaign with its texts. Exactly the part that its
// kind names is set.
type Step struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// RenamedFrom is what the step was called before. It is said once, by an edit: what is
	// kept of it is PathStep.Was.
	RenamedFrom string `json:"-"`
	// Wait is that of a wait step; where it is of dates, it is what a release that does not know
	// of them goes by, as if each had 24 hours: see Waits.
	Wait time.Duration `json:"wait,omitempty"`
	// Days and SendingDays are those of pace.Wait.
	Days        int `json:"days,omitempty"`
	SendingDays int `json:"sendingDays,omitempty"`
	// ReplyTo is the id of an earlier email step whose thread this email continues.
	ReplyTo string `json:"replyTo,omitempty"`
	// Subject and Body are Liquid templates. Subject is empty when ReplyTo is
	// set: the thread's subject is used.
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"`
	// Text is the Liquid template of an SMS to the campaign's owner.
	Text string `json:"text,omitempty"`
}
