package inbound

import "slices"

// Self is what is known of the side that received the mail.
type Self struct {
	// Addresses are those of the email account and its aliases, in lower case.
	Addresses []string
	// Sent is true for a mail that lies in the account's Sent or Drafts folder.
	Sent bool
	// Ours says whether a Message-ID without angle brackets was given by us; nil when
	// nobody can say.
	Ours func(messageID string) bool
}

// Classify says what a mail is, and takes the first of these that holds: our own, a report
// of a mail system (RFC 3464, RFC 5965, RFC 8098), a bounce in words, an automatic answer,
// an invitation, an unsubscription, a person's reply. It never fails: what it cannot judge
// is Unsure.
func Classify(m Mail, self Self) Verdict {
	if v, ok := ownMail(m, self); ok {
		return v
	}
	if content := statusPart(m); content != "" {
		return deliveryStatus(m, content)
	}
	if content := feedbackPart(m); content != "" {
		return feedbackReport(m, content)
	}
	if content := receiptPart(m); content != "" {
		return readReceipt(m, content)
	}
	if v, ok := snsNotice(m); ok {
		return v
	}
	if v, ok := noticeOf(m, self); ok {
		return v
	}
	if v, ok := autoReply(m, self); ok {
		return v
	}
	if v, ok := invitation(m); ok {
		return v
	}
	if words, ok := optOut(m); ok {
		return Verdict{Kind: Unsubscribe, Reason: "the whole answer asks for no more mail: “" + quoted(words) + "”", Words: quoted(words)}
	}
	return person(m)
}

// ownMail: nobody answers himself, and we send no reports.
func ownMail(m Mail, self Self) (Verdict, bool) {
	switch {
	case self.Sent:
		return Verdict{Kind: Own, Reason: "it lies in the account's own Sent or Drafts folder"}, true
	case m.MessageID != "" && self.Ours != nil && self.Ours(m.MessageID):
		return Verdict{Kind: Own, Reason: "it has the Message-ID of a message that we have sent"}, true
	}
	if statusPart(m) != "" {
		return Verdict{}, false
	}
	// An answer to it whose program has copied the field names it in In-Reply-To.
	if m.RelanceID != "" && !slices.Contains(m.InReplyTo, m.RelanceID) {
		return Verdict{Kind: Own, Reason: "it carries the X-Relance-Id of a message that we have sent"}, true
	}
	for _, a := range m.From {
		if slices.Contains(self.Addresses, a.Address) {
			return Verdict{Kind: Own, Reason: "it comes from " + a.Address + ", an address of the account itself"}, true
		}
	}
	return Verdict{}, false
}
