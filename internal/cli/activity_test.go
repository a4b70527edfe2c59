package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestActivitySaysWhoDidWhat(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["RELANCE_USER"] = "lea"
	h.team()
	h.ok("contacts", "set", "1", "--company", "Secret Company")
	h.env["RELANCE_USER"] = "tom"
	h.ok("bounce", "add", "c1@nowhere.example")
	h.ok("user", "set", "maya", "--phone", "+32475000077")

	out := h.ok("activity")
	require.Contains(t, out, "changed user maya: phone")
	require.Contains(t, out, "lea")
	require.NotContains(t, out, "Secret Company")
	require.NotContains(t, out, "475000077")
	require.NotContains(t, out, "nowhere.example")

	var items []operator.Activity
	h.decode(&items, "activity", "--by", "lea", "--on", "contact:1")
	require.Len(t, items, 1)
	require.Equal(t, "changed", string(items[0].Kind))
	require.Equal(t, []string{"company"}, items[0].Fields)
	h.decode(&items, "activity", "--by", "tom", "--limit", "1")
	require.Len(t, items, 1)
	require.Equal(t, "user", string(items[0].Thing), "the newest")
	require.Contains(t, h.ok("activity", "--by", "nobody"), "Nobody has changed anything that this asks for.")
	h.fails(exitUsage, []string{`--on is "weather"; expected one of email_account`}, "activity", "--on", "weather")
	h.fails(exitUsage, []string{"--limit is 0"}, "activity", "--limit", "0")
}
