package cli

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNothingRawReachesATerminal: neither what is typed nor what stands in the database.
func TestNothingRawReachesATerminal(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	const raw = "\x1b]0;pwned\x07\x1b[31mblocked\x1b[2K\u009b1m\u202e"
	h.exec(`INSERT INTO users (key, name) VALUES ('maya', $1)`, raw)
	h.exec(`INSERT INTO email_accounts (address, host, port, tls, reason, status) VALUES ('maya@northwind.example', '127.0.0.1', 25, 'none', $1, 'in_error')`, raw)
	h.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', $1, 'maya', 'maya@northwind.example', '[{"id":"a","kind":"email","subject":"s","body":"b"}]')`, raw)
	h.exec(`INSERT INTO contacts (first_name, company, email, fields) VALUES ($1, $1, 'ada@contoso.example', jsonb_build_object($1::text, $1::text))`, raw)
	h.exec(`INSERT INTO bounces (address, reason, added_by) VALUES ('ada@contoso.example', $1, $1)`, raw)
	h.exec(`INSERT INTO enrollments (campaign, contact_id, status, step_id, park_id, park_seq, parked_at, code, detail, cause, attempts)
		VALUES ('q4', 1, 'InError', 'a', 1, 1, now(), 'SendingFailed', $1, 'contact:1', 1)`, raw)
	h.exec(`INSERT INTO notes (enrollment_id, step_id, kind, code, text, by) VALUES (1, 'a', 'in_error', 'SendingFailed', $1, $1)`, raw)

	h.ok("contacts", "set", "1", "--last-name", "\x1b[31mx\x07", "--field", "city=\u202eGhent")
	require.Equal(t, "x", one[string](h, `SELECT last_name FROM contacts`))
	require.Equal(t, "Ghent", one[string](h, `SELECT fields->>'city' FROM contacts`))
	for _, args := range [][]string{
		{"errors"}, {"errors", "summary"}, {"timeline", "1"}, {"contacts", "list"}, {"contacts", "show", "1"}, {"campaign", "list"}, {"campaign", "show", "q4"}, {"preview", "q4", "1"},
		{"user", "list"}, {"email-account", "list"}, {"bounce", "list"}, {"status"}, {"explain", "554 5.7.1 " + raw},
		{"contacts", "set", "1", "--company", raw}, {"contacts", "show", raw}, {"campaign", "show", raw}, {raw}, {"--" + raw},
		{"disenroll", "1", "--reason", raw},
	} {
		got := h.run(args...)
		require.NotEmpty(t, got.stdout+got.err)
		require.NotRegexp(t, "[\\x00-\\x08\\x0b-\\x1f\\x7f-\u009f\u202e]", got.stdout+got.err, args)
		require.NotContains(t, got.stdout+got.err, "pwned", args)
	}
	h.fails(exitUsage, []string{"the argument \"J\ufffdr\ufffdme\" is not UTF-8"}, "contacts", "set", "1", "--first-name", "J\xe9r\xf4me")
	var bounces []struct{ Reason string }
	out := h.ok("bounce", "list", "-o", "json")
	require.NotRegexp(t, "[\x7f-\u009f\u202e]", out)
	require.NoError(t, json.Unmarshal([]byte(out), &bounces))
	require.Equal(t, raw, bounces[0].Reason, "JSON escapes, and says what is there")
}
