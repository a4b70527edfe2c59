package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

func TestPlanAndCredits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	require.Equal(t, "The plan is unlimited.\n", h.ok("plan", "show"))
	require.Contains(t, h.ok("credits", "add", "3"), "The plan is unlimited, so they are kept and not used")
	require.Equal(t, "The plan is unlimited; 3 credits kept for a credit plan.\n", h.ok("plan", "show"))
	require.Equal(t, "plan: plan unlimited → credits\n", h.ok("plan", "set", "credits"))
	require.Equal(t, "plan: credits 3 → 0\n", h.ok("plan", "set", "credits", "0"))
	require.JSONEq(t, `{"unlimited": false, "credits": 0}`, h.ok("plan", "show", "-o", "json"))
	for id := int64(1); id <= 3; id++ {
		h.parkOn(id, failure.Plan)
	}
	require.Contains(t, h.ok("credits", "add", "2"), "2 contacts in error were waiting for this: they go on now.")
	var did operator.Credited
	h.decode(&did, "credits", "add", "1")
	require.EqualValues(t, 3, did.Credits)
	require.Equal(t, 3, did.Resuming)
	require.Equal(t, 3, did.Waiting, "its old name, for one release")
	for _, wrong := range []string{"0", "-1", "x", "9999999999999999"} {
		h.fails(exitUsage, []string{"expected 1 or more"}, "credits", "add", "--", wrong)
	}
	h.fails(exitUsage, []string{`there is no plan "gold"`}, "plan", "set", "gold")
}

func TestUsers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	require.Equal(t, `KEY   NAME        EMAIL                   PHONE
maya  Maya Claes  maya@northwind.example  +32475000001
tom   Tom         -                       -
`, h.ok("user", "list"))
	require.Equal(t, "tom: phone (none) → +32475123456\n", h.ok("user", "set", "tom", "--phone", "0032 475 12 34 56"))
	require.Equal(t, "tom: nothing changed.\n", h.ok("user", "set", "tom", "--phone", "+32475123456"))
	require.Equal(t, "tom: phone +32475123456 → (none)\n", h.ok("user", "set", "tom", "--phone", ""))
	h.fails(exitUsage, []string{"is not a phone number that exists"}, "user", "set", "tom", "--phone", "12")
	h.fails(exitUsage, []string{"say what to change"}, "user", "set", "tom")
	h.fails(exitNotFound, []string{"there is no user tim; did you mean tom?"}, "user", "set", "tim", "--phone", "+32475123456")
}

func TestBounces(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Equal(t, "No address has bounced.\n", h.ok("bounce", "list"))
	require.Equal(t, "[]\n", h.ok("bounce", "list", "-o", "json"))
	h.ok("bounce", "add", "Jo@contoso.example", "--reason", "left")
	require.Contains(t, h.ok("bounce", "add", "jo@contoso.example"), "nothing changed")
	require.Contains(t, h.ok("bounce", "list"), "jo@contoso.example")
	require.Contains(t, h.ok("bounce", "list"), "tess  left")
	require.Equal(t, "jo@contoso.example may be sent to again.\n", h.ok("bounce", "remove", "JO@contoso.example"))
	h.fails(exitNotFound, []string{"there is no bounced address jo@contoso.example (there is none at all yet)"}, "bounce", "remove", "jo@contoso.example")
	h.fails(exitUsage, []string{"is not an email address"}, "bounce", "add", "jo")
}
