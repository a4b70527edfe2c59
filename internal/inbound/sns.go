package inbound

import (
	"encoding/json"
	"slices"
	"strings"

	"relance/internal/plaintext"
)

// An Amazon SES account may send its notifications by SNS to a mailbox: JSON in the text,
// with what a delivery-status part would say.

type snsNotification struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Bounce           struct {
		BounceType        string `json:"bounceType"`
		BounceSubType     string `json:"bounceSubType"`
		BouncedRecipients []struct {
			EmailAddress   string `json:"emailAddress"`
			Action         string `json:"action"`
			Status         string `json:"status"`
			DiagnosticCode string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		ComplainedRecipients []struct {
			EmailAddress string `json:"emailAddress"`
		} `json:"complainedRecipients"`
		ComplaintFeedbackType string `json:"complaintFeedbackType"`
	} `json:"complaint"`
	Delivery struct {
		Recipients   []string `json:"recipients"`
		SMTPResponse string   `json:"smtpResponse"`
	} `json:"delivery"`
	Mail struct {
		MessageID string `json:"messageId"`
		Headers   []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"headers"`
	} `json:"mail"`
}

// snsNotice reads such a notification; false when the mail is none.
func snsNotice(m Mail) (Verdict, bool) {
	if !slices.ContainsFunc(m.From, func(a Address) bool { return strings.HasSuffix(a.Address, "amazonaws.com") }) {
		return Verdict{}, false
	}
	for _, p := range m.Parts {
		text := strings.TrimSpace(p.Content)
		if p.Type != "text/plain" || !strings.HasPrefix(text, "{") {
			continue
		}
		// Old mail servers break long lines with "!" (RFC 5322 has lines of 998 octets).
		text = strings.ReplaceAll(strings.ReplaceAll(text, "!\n ", ""), "\n", "")
		var n snsNotification
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&n); err != nil {
			continue // not this part
		}
		return n.verdict()
	}
	return Verdict{}, false
}

func (n snsNotification) verdict() (Verdict, bool) {
	v := Verdict{}
	if n.Mail.MessageID != "" {
		v.Reported.MessageIDs = []string{n.Mail.MessageID}
	}
	for _, h := range n.Mail.Headers {
		switch strings.ToLower(h.Name) {
		case "message-id":
			v.Reported.MessageIDs = merge(idsIn(h.Value), v.Reported.MessageIDs)
		case "x-relance-id":
			v.Reported.RelanceIDs = merge(v.Reported.RelanceIDs, relanceIDs(h.Value))
		}
	}
	switch n.NotificationType + n.EventType {
	case "Bounce":
		for _, b := range n.Bounce.BouncedRecipients {
			r := Recipient{
				Address: strings.ToLower(b.EmailAddress), Action: strings.ToLower(b.Action), Status: b.Status,
				Diagnostic: plaintext.Line(untyped(b.DiagnosticCode), plaintext.Note),
			}
			v.Recipients = append(v.Recipients, judged(r, "", true))
		}
		return v.byRecipients(), true
	case "Delivery":
		for _, a := range n.Delivery.Recipients {
			v.Recipients = append(v.Recipients, Recipient{
				Address: strings.ToLower(a), Action: "delivered", Class: ClassDelivered,
				Diagnostic: plaintext.Line(n.Delivery.SMTPResponse, plaintext.Note), Reason: "Amazon SES says that it was delivered",
			})
		}
		return v.byRecipients(), true
	case "Complaint":
		for _, c := range n.Complaint.ComplainedRecipients {
			v.Recipients = append(v.Recipients, Recipient{Address: strings.ToLower(c.EmailAddress), Class: ClassDelivered, Reason: "the recipient complained of the mail"})
		}
		return feedback(v, n.Complaint.ComplaintFeedbackType, "Amazon SES"), true
	}
	return Verdict{}, false
}
