package inbound_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

// dsn is a report about one recipient, with what the notice before it says.
func dsn(action, status, diagnostic, notice string) []byte {
	return fmt.Appendf(nil, `Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: bob@relance.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
In-Reply-To: <one@relance.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

%s
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Original-Envelope-Id: env+2B1

Final-Recipient: rfc822; <Anna@Example.com>
Original-Recipient: rfc822;anna.m@example.com
Action: %s
Status: %s
Diagnostic-Code: %s
--b
Content-Type: text/rfc822-headers

Message-ID: <one@relance.example>
X-Relance-Id: r-1
--b--
`, notice, action, status, diagnostic)
}

func TestRecipientsByClass(t *testing.T) {
	t.Parallel()
	rcpt := "<anna@example.com>: host mx said: (in reply to RCPT TO command)"
	data := "<anna@example.com>: host mx said: (in reply to end of DATA command)"
	for _, test := range []struct {
		name, action, status, diagnostic, notice string
		kind                                     inbound.Kind
		class                                    inbound.Class
	}{
		{"unknown", "failed", "5.1.1", "smtp; 550 5.1.1 user unknown", "", inbound.Bounce, inbound.ClassHard},
		{"unknown without a status, at RCPT", "failed", "5.0.0", "smtp; 550 no such user here", rcpt, inbound.Bounce, inbound.ClassHard},
		{"unknown after DATA", "failed", "5.0.0", "smtp; 550 unknown user", data, inbound.Bounce, inbound.ClassPolicy},
		{"unknown, passing", "failed", "4.1.1", "smtp; 450 4.1.1 user unknown in relay table", rcpt, inbound.Bounce, inbound.ClassSoft},
		{"unknown, and the status is of a system", "failed", "5.3.0", "smtp; 550 5.3.0 unknown user", "", inbound.Bounce, inbound.ClassSoft},
		{"unknown, and the status is of a closed mailbox", "failed", "5.2.1", "smtp; 550 5.2.1 no such user", "", inbound.Bounce, inbound.ClassInactive},
		{"words without any code", "failed", "5.0.0", "The account does not exist", "", inbound.Bounce, inbound.ClassSoft},
		{"host", "failed", "5.4.4", "X-Postfix; Host or domain name not found. Name service error for name=example.com type=A: Host not found", "", inbound.Bounce, inbound.ClassHard},
		{"null MX", "failed", "5.1.10", "smtp; 556 5.1.10 Domain does not accept mail (nullMX)", "", inbound.Bounce, inbound.ClassHard},
		{"moved", "failed", "5.1.6", "smtp; 551 5.1.6 recipient has moved to new address anna@other.example", rcpt, inbound.Bounce, inbound.ClassHard},
		{"full", "failed", "5.2.2", "smtp; 552 5.2.2 mailbox full", "", inbound.Bounce, inbound.ClassFull},
		{"full by its words", "failed", "5.0.0", "smtp; 550 The user's mailbox is over quota", "", inbound.Bounce, inbound.ClassFull},
		{"the notice says full", "failed", "5.1.1", "smtp; 550 5.1.1 user unknown", "Your message was rejected: not enough disk space", inbound.Bounce, inbound.ClassFull},
		{"disabled", "failed", "5.7.13", "smtp; 525 5.7.13 user account disabled", rcpt, inbound.Bounce, inbound.ClassInactive},
		{"spam", "failed", "5.7.1", "smtp; 550 5.7.1 message content rejected as spam", "", inbound.Bounce, inbound.ClassPolicy},
		{"spam with the status of an address", "failed", "5.1.1", "smtp; 554 5.7.1 blocked using a blacklist", "", inbound.Bounce, inbound.ClassPolicy},
		{"DMARC", "failed", "5.7.26", "smtp; 550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy", data, inbound.Bounce, inbound.ClassPolicy},
		{"sender's domain", "failed", "5.1.8", "smtp; 553 5.1.8 sender domain does not exist", "", inbound.Bounce, inbound.ClassPolicy},
		{"given up in time", "failed", "4.4.7", "smtp; delivery time expired", "", inbound.Bounce, inbound.ClassSoft},
		{"timeout", "failed", "4.4.1", "X-Postfix; connect to mx.example.com[192.0.2.1]:25: Connection timed out", "", inbound.Bounce, inbound.ClassSoft},
		{"circle", "failed", "5.4.6", "smtp; 554 5.4.6 too many hops", "", inbound.Bounce, inbound.ClassSoft},
		{"program", "failed", "5.1.1", "x-unix; procmail: Couldn't create file: No such user", "", inbound.Bounce, inbound.ClassSoft},
		{"delayed", "delayed", "4.4.1", "smtp; 550 5.1.1 user unknown", "", inbound.Delayed, inbound.ClassDelayed},
		{"delivered", "delivered", "2.0.0", "smtp; 250 ok", "", inbound.Delivered, inbound.ClassDelivered},
		{"relayed", "RELAYED (to a mailer without DSN)", "2.0.0", "", "", inbound.Delivered, inbound.ClassDelivered},
		{"expanded", "expanded", "2.0.0", "", "", inbound.Delivered, inbound.ClassDelivered},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := judge(dsn(test.action, test.status, test.diagnostic, test.notice))
			require.Equal(t, test.kind, v.Kind, v.Reason)
			require.Len(t, v.Recipients, 1)
			r := v.Recipients[0]
			require.Equal(t, test.class, r.Class, r.Reason)
			require.Equal(t, "anna@example.com", r.Address)
			require.Equal(t, "anna.m@example.com", r.Original)
			require.Equal(t, inbound.Reported{MessageIDs: []string{"one@relance.example"}, RelanceIDs: []string{"r-1"}, EnvelopeIDs: []string{"env+2B1", "env+1"}}, v.Reported)
		})
	}
}

// RFC 3464 §2.3: each recipient is judged for itself; one that failed makes a bounce.
func TestOneReportOfSeveralRecipients(t *testing.T) {
	t.Parallel()
	raw := dsn("failed", "5.1.1", "smtp; 550 5.1.1 user unknown", "")
	raw = []byte(string(raw[:len(raw)-len("--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <one@relance.example>\nX-Relance-Id: r-1\n--b--\n")]) +
		"\nFinal-Recipient: rfc822; carl@example.com\nAction: delayed\nStatus: 4.4.7\nWill-Retry-Until: Fri, 6 Mar 2026 09:00:00 +0100\nFinal-Recipient: rfc822; dora@example.com\nAction: relayed\nStatus: 2.0.0\n--b--\n")
	v := judge(raw)
	require.Equal(t, inbound.Bounce, v.Kind)
	require.Len(t, v.Recipients, 3)
	for i, class := range []inbound.Class{inbound.ClassHard, inbound.ClassDelayed, inbound.ClassDelivered} {
		require.Equal(t, class, v.Recipients[i].Class)
	}
}

// A person who forwards a bounce, or writes of one, has written.
func TestAPersonsMailAboutABounceIsNoBounce(t *testing.T) {
	t.Parallel()
	require.Equal(t, inbound.Reply, judge(from("Your mail could not be delivered to Carl, he said. 550 5.1.1 user unknown.\nTry again?")).Kind)
	require.Equal(t, inbound.Reply, judge(from("--f\nContent-Type: text/plain\n\nSee below, it did not arrive.\n--f\nContent-Type: message/rfc822\n\n"+string(dsn("failed", "5.1.1", "smtp; 550 5.1.1 user unknown", ""))+"\n--f--\n", `Content-Type: multipart/mixed; boundary="f"`)).Kind)
}

func TestDelayedNotices(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"Exim":  from("This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  anna@example.com\n    Delay reason: retry timeout\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n", "From: Mail Delivery System <Mailer-Daemon@example.net>", "Return-Path: <>", "Subject: Warning: message 1abc-02 delayed 24 hours", "Auto-Submitted: auto-replied"),
		"Gmail": from("THIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     anna@example.com\n\nMessage will be retried for 2 more day(s)\n", "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Return-Path: <>", "Subject: Delivery Status Notification (Delay)", "X-Failed-Recipients: anna@example.com"),
	} {
		v := judge(raw)
		require.Equal(t, inbound.Delayed, v.Kind, "%s: %s", name, v.Reason)
		require.Equal(t, "anna@example.com", v.Recipients[0].Address, name)
	}
}

func feedbackMail(kind string) []byte {
	return from("--b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: "+kind+"\nUser-Agent: FBL/1\nVersion: 1\nOriginal-Rcpt-To: <anna@example.com>\nOriginal-Rcpt-To: carl@example.com\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <one@relance.example>\nX-Relance-Id: r-1\nTo: anna@example.com\n\nHi\n--b--\n",
		`Content-Type: multipart/report; report-type=feedback-report; boundary="b"`, "From: fbl@isp.example")
}

func TestFeedbackReports(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]inbound.Kind{
		"abuse": inbound.Complaint, "fraud": inbound.Complaint, "virus": inbound.Complaint, "": inbound.Complaint, "other": inbound.Unsure,
		"auth-failure": inbound.AuthFailure, "not-spam": inbound.NotSpam, "opt-out": inbound.Unsubscribe,
	} {
		v := judge(feedbackMail(kind))
		require.Equal(t, want, v.Kind, kind)
		require.Len(t, v.Recipients, 2)
		require.Equal(t, []string{"one@relance.example"}, v.Reported.MessageIDs)
		require.Equal(t, []string{"r-1"}, v.Reported.RelanceIDs)
	}
}

func TestReadReceipts(t *testing.T) {
	t.Parallel()
	v := judge(from("--b\nContent-Type: text/plain\n\nThis is a receipt.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;anna@example.com\nOriginal-Message-ID: <one@relance.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
		`Content-Type: multipart/report; report-type=disposition-notification; boundary="b"`, "Return-Path: <>", "Subject: Read: Quick question"))
	require.Equal(t, inbound.ReadReceipt, v.Kind)
	require.Contains(t, v.Reason, "displayed")
	require.Equal(t, []string{"one@relance.example"}, v.Reported.MessageIDs)
	require.Equal(t, "anna@example.com", v.Recipients[0].Address)
}

func TestReportsAreNeverOurOwn(t *testing.T) {
	t.Parallel()
	_, v := inbound.Judge(dsn("failed", "5.1.1", "smtp; 550 5.1.1 user unknown", ""), time.Time{}, inbound.Self{Addresses: []string{"mailer-daemon@mx.example.net"}})
	require.Equal(t, inbound.Bounce, v.Kind, "a postmaster's own mailbox gets bounces too")
	_, v = inbound.Judge(dsn("failed", "5.1.1", "smtp; 550 5.1.1 user unknown", ""), time.Time{}, inbound.Self{Sent: true})
	require.Equal(t, inbound.Own, v.Kind)
}
