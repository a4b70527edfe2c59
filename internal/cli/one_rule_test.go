package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPhonesAtEveryDoor: a number that one door takes is taken by all, as the same
// number; one that is refused is refused by all, with the same words.
func TestPhonesAtEveryDoor(t *testing.T) {
	t.Parallel()
	const refused = "is not a phone number that exists; write it with its country"
	h := newHarness(t)
	h.exec(`INSERT INTO users (key, name) VALUES ('set', 'Set')`)
	h.exec(`INSERT INTO contacts (first_name) VALUES ('Set')`)
	for i, c := range []struct{ text, want string }{
		{"+44 (0)7911 123456", "+447911123456"}, {"+4407911123456", "+447911123456"}, {"0044 7911 123456", "+447911123456"}, {"tel:+44-7911-123456", "+447911123456"},
		{"+44\u00a07911\u200b123456", "+447911123456"}, {"＋４４７９１１１２３４５６", "+447911123456"}, {"+44 7911 \x07123456", "+447911123456"},
		{"+32 000 00 00 00", ""}, {"+32000000000", ""}, {"+32 475", ""}, {"+32475000001 or so", ""}, {"+999 12345678", ""}, {"call after 5pm", ""},
	} {
		h.write("workspace.yaml", fmt.Sprintf("users: [{key: apply, name: Apply, phone: %q}]\n", c.text))
		email := fmt.Sprintf("p%d@contoso.example", i)
		h.write("people.csv", fmt.Sprintf("Email,Phone\n%s,\"%s\"\n", email, c.text))
		apply := h.run("apply", "-f", h.path("workspace.yaml"))
		user := h.run("user", "set", "set", "--phone", c.text)
		contact := h.run("contacts", "set", "1", "--phone", c.text)
		imported := h.run("contacts", "import", h.path("people.csv"))
		require.Equal(t, exitDone, imported.code, imported.err)
		require.Equal(t, c.want, one[string](h, `SELECT phone FROM contacts WHERE email = $1`, email), c.text)
		if c.want == "" {
			for _, got := range []result{apply, user, contact} {
				require.Equal(t, exitUsage, got.code, c.text)
				require.Contains(t, got.err, refused, c.text)
			}
			require.Contains(t, imported.stdout, "is not a phone number", c.text)
			continue
		}
		require.Empty(t, apply.err+user.err+contact.err, c.text)
		require.Equal(t, []string{c.want, c.want}, one[[]string](h, `SELECT array_agg(phone) FROM users`), c.text)
		require.Equal(t, c.want, one[string](h, `SELECT phone FROM contacts WHERE id = 1`), c.text)
		require.Contains(t, h.ok("apply", "-f", h.path("workspace.yaml")), "Nothing changed", "apply undoes nothing")
	}
}

var spellingsOfOne = []string{"info@münchen.example", "info@xn--mnchen-3ya.example", "info@mu\u0308nchen.example", "INFO@MÜNCHEN.example.", "Ada <info@xn--mnchen-3ya.example>", "mailto:info@münchen.example"}

// TestSpellingsAreOneMailbox: at every door.
func TestSpellingsAreOneMailbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	const canonical = "info@münchen.example"
	h.write("people.csv", "First Name,Email\nAda,"+strings.Join(spellingsOfOne, "\nAda,")+"\n")
	require.Contains(t, h.ok("contacts", "import", h.path("people.csv")), "1 created")
	require.Equal(t, canonical, one[string](h, `SELECT email FROM contacts`))
	for _, spelling := range spellingsOfOne {
		h.write("one.csv", "First Name,Email\nAda,"+spelling+"\n")
		h.ok("contacts", "import", h.path("one.csv"))
		require.Equal(t, 1, one[int](h, `SELECT count(*) FROM contacts`), spelling)
		if !strings.Contains(spelling, " ") {
			require.Contains(t, h.ok("contacts", "show", spelling), "Ada", spelling)
		}
		require.Contains(t, h.ok("contacts", "set", "1", "--email", spelling), "nothing changed", spelling)
	}
	for i, spelling := range spellingsOfOne {
		other := spellingsOfOne[(i+1)%len(spellingsOfOne)]
		require.Contains(t, h.ok("bounce", "add", spelling), "Nothing is sent to "+canonical)
		require.Contains(t, h.ok("bounce", "add", other), "recorded as bounced before")
		h.ok("bounce", "remove", other)
		require.Zero(t, one[int](h, `SELECT count(*) FROM bounces`))
	}
	h.exec(`INSERT INTO contacts (first_name) VALUES ('Bob')`)
	h.fails(exitRefused, []string{canonical, "already"}, "contacts", "set", "2", "--email", spellingsOfOne[2])
}

// TestSpellingsOfAnEarlierRelease: what it has stored is found in every spelling.
func TestSpellingsOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	for _, stored := range spellingsOfOne[:3] {
		t.Run(stored, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.exec(`INSERT INTO contacts (first_name, email) VALUES ('Ada', $1)`, stored)
			h.exec(`INSERT INTO bounces (address) VALUES ($1)`, stored)
			h.exec(`INSERT INTO email_accounts (address, host, port, tls) VALUES ($1, '127.0.0.1', 25, 'none')`, stored)
			h.exec(`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`)
			h.exec(`INSERT INTO campaigns (key, name, owner, steps) VALUES ('q4', 'Q4', 'maya', '[]')`)
			for _, spelling := range spellingsOfOne {
				h.write("one.csv", "First Name,Email\nAda,"+spelling+"\n")
				require.Contains(t, h.ok("contacts", "import", h.path("one.csv")), "1 unchanged", spelling)
				require.Contains(t, h.ok("bounce", "add", spelling), "recorded as bounced before", spelling)
				h.fails(exitRefused, []string{"has been added before"}, "email-account", "add", spelling, "--host", "127.0.0.1", "--port", "25", "--tls", "none", "--username", "")
				h.write("workspace.yaml", fmt.Sprintf(`users: [{key: maya, name: Maya}]
email_accounts: [{address: %q, smtp: {host: 127.0.0.1, port: 25, tls: none, username: ""}}]
campaigns: [{key: q4, name: Q4, owner: maya, sender: %q, steps: [{id: a, email: {subject: s, body: b}}]}]
`, spelling, spellingsOfOne[0]))
				h.ok("apply", "-f", h.path("workspace.yaml"))
				require.Equal(t, stored, one[string](h, `SELECT sender FROM campaigns`), spelling)
				h.ok("campaign", "set-sender", "q4", "none")
				h.ok("campaign", "set-sender", "q4", spelling)
				require.Equal(t, stored, one[string](h, `SELECT sender FROM campaigns`), spelling)
				require.Equal(t, 1, one[int](h, `SELECT count(*) FROM email_accounts`), spelling)
			}
			h.ok("email-account", "remove", spellingsOfOne[1])
			require.Equal(t, "removed", one[string](h, `SELECT status FROM email_accounts`))
			h.ok("bounce", "remove", spellingsOfOne[0])
			require.Zero(t, one[int](h, `SELECT count(*) FROM bounces`))
		})
	}
}
