package inbound

import "time"

// Verdict is what a mail is and why.
type Verdict struct {
	Kind Kind `json:"kind"`
	// Reason is one plain sentence, which quotes the words that decided.
	Reason string `json:"reason"`
	// Words are the very words of the mail that decided, at most 300 characters; empty
	// when its structure decided.
	Words string `json:"words,omitempty"`
	// Recipients are those that a bounce, delay, delivery or complaint speaks about.
	Recipients []Recipient `json:"recipients,omitempty"`
	// Reported are the ids of the message that it is about, in reports of every kind.
	Reported Reported `json:"reported"`
	// Away is how long the person is away; of OutOfOffice and AutoReply only.
	Away *Away `json:"away,omitempty"`
	// Successor is the address that is to be written to instead; of LeftCompany,
	// OutOfOffice and bounces that say "has moved to". It is never ours nor the sender's own.
	Successor string `json:"successor,omitempty"`
}

// Recipient is one recipient that a report speaks about.
type Recipient struct {
	Address    string `json:"address"`              // lower case; empty when the report does not say
	Original   string `json:"original,omitempty"`   // as we had written it, when the report says so and it differs (RFC 3464 §2.3.1)
	Action     string `json:"action,omitempty"`     // failed, delayed, delivered, relayed, expanded (RFC 3464 §2.3.3)
	Status     string `json:"status,omitempty"`     // RFC 3463: "5.1.1"
	Diagnostic string `json:"diagnostic,omitempty"` // the last server's words
	Class      Class  `json:"class"`
	// Reason is one clause for people that says why it has this class.
	Reason string `json:"reason"`
}

// Reported are the ids by which a report names the message that it is about. Ids have no
// angle brackets; each list is without repetition, the surest first.
type Reported struct {
	MessageIDs  []string `json:"messageIds,omitempty"`  // embedded original, MDN Original-Message-ID, ARF
	RelanceIDs  []string `json:"relanceIds,omitempty"`  // X-Relance-Id of the embedded original
	EnvelopeIDs []string `json:"envelopeIds,omitempty"` // Original-Envelope-Id (RFC 3461 §4.4)
}

// Empty says whether no id was found.
func (r Reported) Empty() bool {
	return len(r.MessageIDs) == 0 && len(r.RelanceIDs) == 0 && len(r.EnvelopeIDs) == 0
}

// Away is how long a person is away.
type Away struct {
	// Return is the first day on which the person may be back, a local date at midnight
	// UTC: "back on 12 May" and "until 11 May inclusive" are both 12 May. Zero when Undated.
	// A day on which nobody works is not moved here: that needs the recipient's calendar.
	Return time.Time `json:"return,omitzero"`
	// Until is the date as written, and Inclusive whether it is the last day of absence
	// ("through", "bis einschließlich") rather than the day of return.
	Until     time.Time `json:"until,omitzero"`
	Inclusive bool      `json:"inclusive,omitempty"`
	// Undated: no date is named, or one that is past or more than MostAway ahead.
	Undated bool `json:"undated,omitempty"`
	// Words are the words that name the date.
	Words string `json:"words,omitempty"`
}

// MostAway is the longest absence that is believed.
const MostAway = 60 * 24 * time.Hour
