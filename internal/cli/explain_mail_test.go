package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const bounceMail = `Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.contoso.example>
To: maya@northwind.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<zoe@contoso.example>: host mx.contoso.example said: 550 5.1.1 user unknown (in reply to RCPT TO command)
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.northwind.example
Original-Envelope-Id: e1

Final-Recipient: rfc822; zoe@contoso.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown
--b
Content-Type: text/rfc822-headers

Message-ID: <m1@northwind.example>
X-Relance-Id: r1
--b--
`

func TestExplainMail(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bounce.eml")
	require.NoError(t, os.WriteFile(file, []byte(bounceMail), 0o600))
	got := bare(nil, "explain", "--mail", file, "-o", "json")
	require.Equal(t, exitDone, got.code, got.err)
	var mail map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &mail))
	require.Equal(t, "bounce", mail["kind"])
	require.Equal(t, map[string]any{"messageIds": []any{"m1@northwind.example"}, "relanceIds": []any{"r1"}, "envelopeIds": []any{"e1"}}, mail["reported"])
	recipient := mail["recipients"].([]any)[0].(map[string]any)
	require.Equal(t, "hard", recipient["class"])
	require.Equal(t, "5.1.1", recipient["status"])

	got = bare(nil, "explain", "--mail", file)
	require.Contains(t, got.stdout, "zoe@contoso.example")
	require.Contains(t, got.stdout+got.err, "does not exist")

	for _, test := range []struct{ args []string }{
		{[]string{"explain", "--mail", file, "550"}}, {[]string{"explain", "--mail", file, "--file", file}},
	} {
		got := bare(nil, test.args...)
		require.Equal(t, exitUsage, got.code)
		require.Contains(t, got.err, "--mail alone")
	}
	require.Equal(t, exitNotFound, bare(nil, "explain", "--mail", "nothing.eml").code)
}
