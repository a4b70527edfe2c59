package console

import (
	"slices"
	"strings"

	"relance/internal/operator"
	"relance/internal/plaintext"
)

// kindNames are what inbound messages are, for people, where it is not the kind itself.
var kindNames = map[string]string{
	"own": "our own mail", "unsubscribe": "unsubscription", "left_company": "has left", "complaint": "complaint (spam)", "not_spam": "not spam",
	"auth_failure": "report on authentication", "calendar": "invitation", "ticket_receipt": "receipt of a ticket", "challenge": "asks for confirmation",
	"auto_reply": "automatic reply",
}

// kindText is what a message is, for people: bounce (hard).
func kindText(m operator.InboundMessage) string {
	return kindName(string(m.Kind) + ":" + string(m.Class))
}

// kindName is a kind, or a kind and a class, for people.
func kindName(text string) string {
	kind, class, _ := strings.Cut(text, ":")
	name, ok := kindNames[kind]
	if !ok {
		name = strings.ReplaceAll(kind, "_", " ")
	}
	if kind == "bounce" && class != "" {
		name += " (" + class + ")"
	}
	return name
}

// matchedNames are by what a message was brought together with one of ours, for people.
var matchedNames = map[string]string{
	"token": "the signed token of its unsubscription", "envelope_id": "the envelope id that came back", "in_reply_to": "its In-Reply-To", "references": "its References",
	"reported_id": "the Message-ID that it carries", "recipient": "the recipient that it names", "sender": "its sender’s address", "colleague": "a colleague in the thread",
	"by_hand": "a person",
}

// stateNames are the states of messages that a filter offers, in order.
var stateNames = [][2]string{
	{"", "all that was heard"}, {operator.ToSee, "to look at"}, {"settled", "settled"}, {"ignored", "ignored"}, {operator.AllStates, "all, also copies"},
}

// heardAll and heardName are what a campaign counts of what was heard.
var heardAll = operator.HeardAll

func heardName(as operator.HeardAs) string {
	name := strings.ReplaceAll(string(as), "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

// reasonName is why an address is suppressed, for people.
func reasonName(reason string) string {
	if slices.Contains([]string{"unsubscribed", "complained", "left"}, reason) {
		return map[string]string{"unsubscribed": "has unsubscribed", "complained": "has called it spam", "left": "has left"}[reason]
	}
	return strings.ReplaceAll(reason, "_", " ")
}

// asked is a value of an address's query as one line of text.
func asked(text string) string { return strings.TrimSpace(plaintext.Line(text, plaintext.Name)) }
