package main

import (
	"fmt"
	"strings"
	"time"
)

// garbage is what lies in a mailbox beside answers. Nothing may follow from it for anybody: it
// names nobody, or somebody who was never written to by this mailbox, or a message that there
// never was.
var garbage = []func(n int) []byte{
	func(n int) []byte {
		return crlf("From: Daily News <news%d@press.example>\nTo: h@lab.example\nSubject: The news of today\nDate: %s\nMessage-ID: <news-%d@press.example>\nList-Unsubscribe: <https://press.example/u/%d>\nPrecedence: bulk\n\nNothing has happened. To unsubscribe, answer with \"unsubscribe\".\n", n, date(), n, n)
	},
	func(n int) []byte {
		return crlf("Return-Path: <>\nFrom: MAILER-DAEMON@relay.example\nTo: h@lab.example\nSubject: Undelivered Mail Returned to Sender\nDate: %s\nMessage-ID: <dsn-%d@relay.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nuser unknown\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; n%d@people.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n--b--\n", date(), n, n)
	},
	func(int) []byte { return []byte("\r\n") },
	func(n int) []byte { return []byte(strings.Repeat(string([]byte{byte(n), 0x80, 0xff, 0, '\n'}), 200)) },
	func(n int) []byte {
		return crlf("From: x%d@odd.example\nSubject: =?utf-8?B?%%%%%%?=\nDate: yesterday\nContent-Type: multipart/mixed\nContent-Transfer-Encoding: base64\n\n--nothing\n=== not base64 ===\n", n)
	},
	func(n int) []byte {
		return crlf("From: Somebody <somebody%d@strangers.example>\nTo: h@lab.example\nSubject: Re: Hello\nDate: %s\nMessage-ID: <s%d@strangers.example>\nIn-Reply-To: <never-%d@lab.example>\n\nNo, thank you.\n", n, date(), n, n)
	},
	func(n int) []byte {
		return crlf("From: Robot <noreply@shop%d.example>\nTo: h@lab.example\nSubject: Your order\nDate: %s\nMessage-ID: <o%d@shop.example>\nAuto-Submitted: auto-generated\nContent-Type: text/plain; charset=us-ascii\n\nIhre Bestellung \xfc\xe4\xf6 ist unterwegs.\n", n, date(), n)
	},
	func(n int) []byte {
		return crlf("From: fbl@provider.example\nTo: h@lab.example\nSubject: complaint\nDate: %s\nMessage-ID: <f%d@provider.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=c\n\n--c\nContent-Type: text/plain\n\nabuse\n--c\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: fbl/1\nVersion: 1\nOriginal-Rcpt-To: n%d@people.example\n--c--\n", date(), n, n)
	},
}

func date() string { return time.Now().Format(time.RFC1123Z) }

func crlf(format string, args ...any) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\r\n"))
}
