package inbound

import (
	"slices"
	"strings"

	"relance/internal/inbound/pattern"
	"relance/internal/plaintext"
)

// mostRecipients is how many recipients of one report are read.
const mostRecipients = 100

// statusPart is a delivery-status part (RFC 3464, RFC 6533) or the text in which a
// server wrote its fields without MIME; empty when there is none.
func statusPart(m Mail) string {
	for _, p := range m.Parts {
		if p.Type == "message/delivery-status" || p.Type == "message/global-delivery-status" {
			if recipientField.MatchString(p.Content) {
				return p.Content
			}
		}
	}
	if !fromMachine(m) {
		return ""
	}
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Type, "text/") && recipientField.MatchString(p.Content) && actionField.MatchString(p.Content) {
			return p.Content
		}
	}
	return ""
}

var (
	recipientField = pattern.New(`(?im)^(?:Final|Original)-Recipient[ \t]*:`)
	actionField    = pattern.New(`(?im)^Action[ \t]*:`)
	statusCode     = pattern.New(`\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b`)
)

// deliveryStatus reads a report about deliveries (RFC 3464): each recipient is judged by
// its Action first, then by the server's words and its Status.
func deliveryStatus(m Mail, content string) Verdict {
	v := Verdict{Reported: returned(m).reported()}
	notice := noticeBefore(m)
	for _, g := range groups(content, "final-recipient") {
		v.Reported.EnvelopeIDs = merge(v.Reported.EnvelopeIDs, envelopeIDs(g.typed("original-envelope-id")))
		v.Reported.MessageIDs = merge(v.Reported.MessageIDs, idsIn(g.get("original-message-id"), g.get("x-original-message-id")))
		if g.get("final-recipient") == "" && g.get("original-recipient") == "" || len(v.Recipients) >= mostRecipients {
			continue
		}
		v.Recipients = append(v.Recipients, statusOf(notice, g))
	}
	return v.byRecipients()
}

// statusOf is what a group says of its recipient.
func statusOf(n notice, g fields) Recipient {
	r := Recipient{
		Address:    recipientAddress(g.get("final-recipient")),
		Original:   recipientAddress(g.get("original-recipient")),
		Action:     strings.ToLower(firstWord(g.get("action"))),
		Status:     statusCode.FindString(g.get("status")),
		Diagnostic: plaintext.Line(untyped(g.get("diagnostic-code")), plaintext.Note),
	}
	if r.Address == "" {
		r.Address = r.Original
	}
	if r.Original == r.Address {
		r.Original = ""
	}
	switch r.Action {
	case "delayed":
		r.Class, r.Reason = ClassDelayed, "the server has not delivered it yet and still tries (RFC 3464 §2.3.3)"
	case "delivered", "relayed", "expanded", "deliverable":
		r.Class, r.Reason = ClassDelivered, "the server says that it was "+r.Action+" (RFC 3464 §2.3.3)"
	default:
		return judged(r, n.about(r), true)
	}
	return r
}

// recipientAddress is the address of "rfc822; <anna@example.com>" in lower case.
func recipientAddress(value string) string {
	value = untyped(value)
	if a := looseAddress.FindString(value); a != "" {
		return plainAddress(a)
	}
	return plainAddress(strings.Trim(firstWord(value), `<>"`))
}

func firstWord(s string) string {
	if words := strings.Fields(s); len(words) > 0 {
		return words[0]
	}
	return ""
}

// envelopeIDs is an Original-Envelope-Id as it stands and, if it was written as xtext
// (RFC 3461 §4), decoded.
func envelopeIDs(value string) []string {
	if value = plaintext.Line(value, mostID); value == "" {
		return nil
	}
	ids := []string{value}
	if decoded := xtext.ReplaceAllStringFunc(value, unhex); decoded != value {
		ids = append(ids, decoded)
	}
	return ids
}

var xtext = pattern.New(`\+[0-9A-F]{2}`)

func unhex(code string) string {
	const digits = "0123456789ABCDEF"
	return string(rune(strings.IndexByte(digits, code[1])<<4 | strings.IndexByte(digits, code[2])))
}

// merge adds to a list what is not in it.
func merge(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// byRecipients is the kind that follows from what happened to each recipient: a bounce if
// any copy is given up, else a delay, else a delivery.
func (v Verdict) byRecipients() Verdict {
	count := map[Class]int{}
	for _, r := range v.Recipients {
		count[r.Class]++
	}
	failed := len(v.Recipients) - count[ClassDelayed] - count[ClassDelivered]
	worst := func(is func(Class) bool) Recipient {
		for _, c := range Classes() {
			for _, r := range v.Recipients {
				if r.Class == c && is(c) {
					return r
				}
			}
		}
		return Recipient{}
	}
	var r Recipient
	switch {
	case failed > 0:
		v.Kind, r = Bounce, worst(func(Class) bool { return true })
		v.Reason = "a mail server gave the message up: " + r.Reason
	case count[ClassDelayed] > 0:
		v.Kind, r = Delayed, worst(func(c Class) bool { return c == ClassDelayed })
		v.Reason = r.Reason
	case count[ClassDelivered] > 0:
		v.Kind, r = Delivered, worst(func(c Class) bool { return c == ClassDelivered })
		v.Reason = r.Reason
	default:
		v.Kind, v.Reason = Unsure, "it is a report about a delivery that names no recipient"
	}
	if v.Words = plaintext.Line(r.Diagnostic, mostWords); v.Words != "" {
		v.Reason += ", in the words “" + v.Words + "”"
	}
	return v
}

// mostWords is how much of a mail is quoted in a verdict.
const mostWords = 300
