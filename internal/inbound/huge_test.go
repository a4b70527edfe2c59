package inbound_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

// A mail that was made to be slow is read in bounded time: its beginning decides.
func TestHugeMailsAreReadInTime(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"words": "On Monday we will all meet and write about what was not delivered to the address that does not exist in March 2026.\n",
		"quote": "> quoted text of many words 550 5.1.1 user unknown\n", "dates": "back on 12.03. until 3/4 March 5 ", "header": "From: a@b.example\nSent: x\n",
		"addresses": "anna@example.com: 550 no\n", "html": "<div><blockquote>",
	} {
		t.Run(name, func(t *testing.T) { // one after another: each by itself is bounded
			body := strings.Repeat(line, huge/len(line))
			for _, raw := range [][]byte{
				from(body, "Auto-Submitted: auto-replied"), from(body, "Content-Type: text/html"),
				from(body, "From: MAILER-DAEMON@example.com", "Return-Path: <>", "Subject: Undelivered Mail"),
			} {
				_, v := inbound.Judge(raw, arrived, self)
				require.NotEqual(t, inbound.Unreadable, v.Kind, v.Reason)
			}
		})
	}
}
