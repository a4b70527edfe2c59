package inbound_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

const letter = `Return-Path: <Anna@Example.com>
Received: from a by b; Mon, 2 Mar 2026 10:00:05 +0100
Message-ID: <abc@example.com>
In-Reply-To: <two@relance.example>
References: <one@relance.example>
 <two@relance.example>
From: =?utf-8?q?M=C3=BCller,_Anna?= <Anna@Example.com>
To: us@relance.example
Subject: =?utf-8?b?UsOpcG9uc2U=?=
Date: Mon, 2 Mar 2026 10:00:00 +0100
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gern, n=E4chste Woche.
`

func TestParseReadsEveryLineEnding(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"LF": letter, "CRLF": strings.ReplaceAll(letter, "\n", "\r\n"), "CR": strings.ReplaceAll(letter, "\n", "\r"),
		"mbox": "From anna@example.com Mon Mar  2 10:00:00 2026\n" + letter, "BOM": "\ufeff\n\n" + letter,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := inbound.Parse([]byte(raw))
			require.NoError(t, err)
			require.Equal(t, "abc@example.com", m.MessageID)
			require.Equal(t, []string{"two@relance.example"}, m.InReplyTo)
			require.Equal(t, []string{"two@relance.example", "one@relance.example"}, m.References, "newest first")
			require.Equal(t, []inbound.Address{{Name: "Müller, Anna", Address: "anna@example.com"}}, m.From)
			require.Equal(t, "Réponse", m.Subject)
			require.Equal(t, "anna@example.com", m.ReturnPath)
			require.Equal(t, "Gern, nächste Woche.", m.Text)
			require.True(t, m.Arrived.Equal(time.Date(2026, 3, 2, 9, 0, 5, 0, time.UTC)), m.Arrived)
			require.True(t, m.Date.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), m.Date)
		})
	}
}

func TestParseKeepsTheHeaderOfWhatItCannotRead(t *testing.T) {
	t.Parallel()
	_, v := inbound.Judge(nil, time.Time{}, inbound.Self{})
	require.Equal(t, inbound.Unreadable, v.Kind)
	require.Contains(t, v.Reason, "empty")
}

func TestParseReadsTheBeginningOfAHugeMail(t *testing.T) {
	t.Parallel()
	m, err := inbound.Parse([]byte(letter + strings.Repeat("x", 3*inbound.MostRead)))
	require.NoError(t, err)
	require.True(t, m.Truncated)
	require.Equal(t, "abc@example.com", m.MessageID)
}
