package inbox

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// fate is what a mail system reports of a message later on (RFC 3464).
type fate struct {
	action, status, diagnostic, subject, text string
	// retry is for how long it is tried further; headersOnly returns no more of the message.
	retry       time.Duration
	headersOnly bool
}

var (
	failedLater = fate{
		action: "failed", status: "5.1.1", subject: "Undelivered Mail Returned to Sender",
		diagnostic: "550 5.1.1 <%s>: Recipient address rejected: User unknown in virtual mailbox table",
		text:       "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.",
	}
	delayed = fate{
		action: "delayed", status: "4.4.1", subject: "Delayed Mail (still being retried)", retry: 4 * 24 * time.Hour, headersOnly: true,
		diagnostic: "connect to mx.%[2]s[192.0.2.25]:25: Connection timed out",
		text:       "This is a warning only. You do not need to resend your message.\n\nYour message could not be delivered for more than 4 hours.\nIt will be retried until it is 5 days old.",
	}
)

// part is one part of a multipart message.
type part struct{ kind, text string }

// multipart puts parts together.
func multipart(header, reportType string, parts ...part) []byte {
	boundary := "report-" + strings.Trim(newID(""), "<@>")
	var b strings.Builder
	fmt.Fprintf(&b, "%sMIME-Version: 1.0\nContent-Type: multipart/report; report-type=%s;\n\tboundary=\"%s\"\n\nThis is a MIME-encapsulated message.\n", header, reportType, boundary)
	for _, one := range parts {
		fmt.Fprintf(&b, "\n--%s\nContent-Type: %s\n\n%s\n", boundary, one.kind, one.text)
	}
	fmt.Fprintf(&b, "\n--%s--\n", boundary)
	return lines(b.String())
}

// statusReport is a delivery status notification as Postfix writes them.
func statusReport(r *received, f fate) []byte {
	host := "mx." + r.domain()
	diagnostic := f.diagnostic
	if strings.Contains(diagnostic, "%") {
		diagnostic = strings.NewReplacer("%[2]s", r.domain(), "%s", r.to).Replace(diagnostic)
	}
	header := fmt.Sprintf("Return-Path: <>\nFrom: MAILER-DAEMON@%s (Mail Delivery System)\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: %s\nAuto-Submitted: auto-replied\n",
		host, r.sender, f.subject, r.at.Format(time.RFC1123Z), newID(host))
	status := fmt.Sprintf("Reporting-MTA: dns; %s\n", host)
	if r.envelope != "" {
		status += "Original-Envelope-Id: " + r.envelope + "\n"
	}
	status += fmt.Sprintf("Arrival-Date: %s\n\nFinal-Recipient: rfc822; %s\nOriginal-Recipient: rfc822;%s\nAction: %s\nStatus: %s\n", r.at.Format(time.RFC1123Z), r.to, r.to, f.action, f.status)
	if code, _, _ := strings.Cut(diagnostic, " "); len(code) == 3 {
		status += fmt.Sprintf("Remote-MTA: dns; %s\nDiagnostic-Code: smtp; %s\n", host, diagnostic)
	} else {
		status += fmt.Sprintf("Diagnostic-Code: X-Postfix; %s\n", diagnostic)
	}
	if f.retry > 0 {
		status += "Will-Retry-Until: " + r.at.Add(f.retry).Format(time.RFC1123Z) + "\n"
	}
	original := part{"message/rfc822", unix(r.raw)}
	if f.headersOnly {
		fields, _, _ := bytes.Cut(r.raw, []byte("\r\n\r\n"))
		original = part{"text/rfc822-headers", unix(fields)}
	}
	return multipart(header, "delivery-status",
		part{"text/plain; charset=us-ascii", fmt.Sprintf("This is the mail system at host %s.\n\n%s\n\n<%s>: %s", host, f.text, r.to, diagnostic)},
		part{"message/delivery-status", status}, original)
}

// feedbackReport is a complaint by the button "this is spam" (RFC 5965).
func feedbackReport(r *received) []byte {
	host := "fbl." + r.domain()
	header := fmt.Sprintf("From: feedback@%s\nTo: %s\nSubject: FW: %s\nDate: %s\nMessage-ID: %s\n", host, r.sender, r.subject(), r.at.Format(time.RFC1123Z), newID(host))
	report := fmt.Sprintf("Feedback-Type: abuse\nUser-Agent: Inbox-FBL/1.0\nVersion: 1\nOriginal-Mail-From: <%s>\nOriginal-Rcpt-To: <%s>\nArrival-Date: %s\nReported-Domain: %s\nSource-IP: 192.0.2.1\n",
		r.sender, r.to, r.at.Format(time.RFC1123Z), r.sender[strings.LastIndex(r.sender, "@")+1:])
	return multipart(header, "feedback-report",
		part{"text/plain; charset=us-ascii", "This is an email abuse report for an email message received from IP 192.0.2.1."},
		part{"message/feedback-report", report}, part{"message/rfc822", unix(r.raw)})
}

// unix is text with the line ends that lines replaces.
func unix(raw []byte) string { return strings.ReplaceAll(string(raw), "\r\n", "\n") }
