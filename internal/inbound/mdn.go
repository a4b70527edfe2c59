package inbound

import (
	"strings"

	"relance/internal/plaintext"
)

// receiptPart is a disposition notification (RFC 8098 §3.1); empty when there is none.
func receiptPart(m Mail) string {
	for _, p := range m.Parts {
		if p.Type == "message/disposition-notification" || p.Type == "message/global-disposition-notification" {
			return p.Content
		}
	}
	return ""
}

// readReceipt reads a notification about what was done with a message. It is no answer,
// and proves that the message was delivered.
func readReceipt(m Mail, content string) Verdict {
	v := Verdict{Kind: ReadReceipt}
	disposition := ""
	for _, g := range groups(content, "") {
		v.Reported.MessageIDs = merge(v.Reported.MessageIDs, idsIn(g.get("original-message-id")))
		v.Reported.EnvelopeIDs = merge(v.Reported.EnvelopeIDs, envelopeIDs(g.typed("original-envelope-id")))
		if d := g.get("disposition"); d != "" {
			disposition = plaintext.Line(d, 100)
		}
		address, original := recipientAddress(g.get("final-recipient")), recipientAddress(g.get("original-recipient"))
		if address == "" {
			address = original
		}
		if address != "" && len(v.Recipients) < mostRecipients {
			v.Recipients = append(v.Recipients, Recipient{Address: address, Original: original, Class: ClassDelivered, Reason: "the recipient's mail program got it"})
		}
	}
	embedded := returned(m).reported()
	v.Reported.MessageIDs = merge(v.Reported.MessageIDs, embedded.MessageIDs)
	v.Reported.RelanceIDs = embedded.RelanceIDs
	what := "handled"
	if _, kind, ok := strings.Cut(disposition, ";"); ok {
		what = firstWord(strings.TrimSpace(kind))
	}
	v.Reason = "a mail program says that the message was " + what + " (RFC 8098)"
	v.Words = disposition
	return v
}
