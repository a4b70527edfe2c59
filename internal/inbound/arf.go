package inbound

import (
	"strings"
)

// feedbackPart is a feedback report (RFC 5965 §3); empty when there is none.
func feedbackPart(m Mail) string {
	for _, p := range m.Parts {
		if p.Type == "message/feedback-report" {
			return p.Content
		}
	}
	return ""
}

// feedbackReport reads a report of a feedback loop: somebody has called a message spam, or
// a receiver reports on its authentication.
func feedbackReport(m Mail, content string) Verdict {
	v := Verdict{Reported: returned(m).reported()}
	kind, reporter := "", ""
	for _, g := range groups(content, "") {
		if kind == "" {
			kind = g.get("feedback-type")
		}
		if reporter == "" {
			reporter = g.get("user-agent")
		}
		v.Reported.EnvelopeIDs = merge(v.Reported.EnvelopeIDs, envelopeIDs(g.get("original-envelope-id")))
		for _, field := range []string{"original-rcpt-to", "removal-recipient"} {
			for _, value := range g[field] {
				if a := recipientAddress(value); strings.Contains(a, "@") && len(v.Recipients) < mostRecipients {
					v.Recipients = append(v.Recipients, Recipient{Address: a, Class: ClassDelivered, Reason: "the report names this recipient"})
				}
			}
		}
	}
	if len(v.Recipients) == 0 {
		for _, a := range addressesIn(returned(m).header["To"]) {
			v.Recipients = append(v.Recipients, Recipient{Address: a.Address, Class: ClassDelivered, Reason: "the message reported on was for this recipient"})
		}
	}
	return feedback(v, kind, reporter)
}

// feedback gives a feedback report its kind by its type (RFC 5965 §7.3, RFC 6591, RFC 6430,
// and "opt-out", which Microsoft and others send).
func feedback(v Verdict, kind, reporter string) Verdict {
	kind = strings.ToLower(firstWord(kind))
	if reporter == "" {
		reporter = "a receiver"
	}
	switch kind {
	case "auth-failure", "dkim", "dmarc", "spf":
		v.Kind, v.Reason = AuthFailure, reporter+" reports on the authentication of a message; nobody has complained (RFC 6591)"
	case "not-spam":
		v.Kind, v.Reason = NotSpam, "the recipient has marked the message as not spam (RFC 6430)"
	case "opt-out", "opt-out-list":
		v.Kind, v.Reason = Unsubscribe, "a feedback report says that the recipient opts out (Feedback-Type: "+kind+")"
	case "abuse", "fraud", "virus", "complaint", "miscategorized":
		v.Kind, v.Reason = Complaint, "the recipient has reported the message as "+kind+" (RFC 5965)"
	case "other":
		v.Kind, v.Reason = Unsure, reporter+" sent a feedback report of the type other, which may mean anything (RFC 5965)"
	case "":
		v.Kind, v.Reason = Complaint, reporter+" sent a feedback report that does not say what was wrong; they are sent when somebody has complained (RFC 5965)"
	default:
		v.Kind, v.Reason = Complaint, reporter+" sent a feedback report of the type "+kind+" (RFC 5965)"
	}
	return v
}
