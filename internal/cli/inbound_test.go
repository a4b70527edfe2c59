package cli

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// inbound writes a message that waits for a person; contact 0 is nobody's.
func (h *harness) inbound(id int64, state, kind, from string, contact int64) {
	h.t.Helper()
	h.exec(`INSERT INTO inbound (id, address, generation, folder, uidvalidity, uid, arrived_at, digest, sender, subject, kind, reason, classifier, state, contact_id)
		OVERRIDING SYSTEM VALUE VALUES ($1, 'maya@northwind.example', 1, 'INBOX', 1, $1, now(), '', $2, 'Re: Hi', $3, 'it says so', 1, $4, nullif($5, 0))`, id, from, kind, state, contact)
	if contact != 0 {
		h.exec(`INSERT INTO contact_holds (contact_id, until, words, inbound_id, by) VALUES ($1, now() + interval '30 days', 'somebody has to look', $2, 'mailbox')`, contact, id)
	}
}

func TestInbound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	for id := range int64(4) {
		h.send(id + 1)
	}
	h.temporal.woken = 0
	require.Contains(t, h.ok("inbound", "list"), "There is no such message.")
	h.inbound(1, "open", "unsure", "ana@contoso.example", 1)
	h.inbound(2, "unmatched", "unsubscribe", "private@home.example", 0)
	h.inbound(3, "open", "reply", "boss@contoso.example", 3)
	listed := h.ok("inbound", "list")
	for _, word := range []string{"unsure", "1 Ana One", "private@home.example", "unmatched"} {
		require.Contains(t, listed, word)
	}
	shown := h.ok("inbound", "show", "1")
	for _, word := range []string{"Message 1: unsure, open", "why        it says so", "q4: Waiting", "starter contacts release 1", "starter inbound attach 1"} {
		require.Contains(t, shown, word)
	}

	h.fails(exitRefused, []string{"message 1 was judged to be unsure", "reply, out_of_office"}, "inbound", "attach", "1")
	h.fails(exitUsage, []string{`as is "spam"; expected one of reply`}, "inbound", "attach", "1", "--as", "spam")
	h.fails(exitRefused, []string{"nobody knows whose message 2 is"}, "inbound", "attach", "2")
	h.fails(exitNotFound, []string{"9"}, "inbound", "show", "9")
	h.fails(exitUsage, []string{`"x" is not the number of a message`, "starter inbound list"}, "inbound", "show", "x")
	h.fails(exitUsage, []string{`state is "new"; expected to-see, all or one of open`}, "inbound", "list", "--state", "new")
	require.Zero(t, one[int](h, `SELECT count(*) FROM enrollments WHERE ended_by IS NOT NULL`), "what is refused changes nothing")

	var done operator.InboundSettled
	h.decode(&done, "inbound", "attach", "1", "--as", "reply")
	require.Equal(t, 1, done.EndedNow)
	require.Nil(t, done.HeldUntil)
	require.Equal(t, 1, h.temporal.woken)
	require.Equal(t, "replied", one[string](h, `SELECT ended_by FROM enrollments WHERE contact_id = 1`))
	require.Contains(t, h.ok("timeline", "1"), "tess")

	require.Contains(t, h.ok("inbound", "attach", "2", "--contact", "ben@contoso.example"), "1 enrollment ended now.")
	require.Equal(t, "unsubscribed", one[string](h, `SELECT ended_by FROM enrollments WHERE contact_id = 2`))
	require.Contains(t, h.ok("suppression", "list"), "c@contoso.example", "the address that was written to")
	h.fails(exitRefused, []string{"message 2 is settled already, by tess"}, "inbound", "ignore", "2")

	require.Contains(t, h.ok("inbound", "ignore", "3"), "Message 3: reply, ignored")
	require.Zero(t, one[int](h, `SELECT count(*) FROM contact_holds`), "nothing holds the contact any more")
	require.Equal(t, "Waiting", one[string](h, `SELECT status FROM enrollments WHERE contact_id = 3`))

	require.Contains(t, h.ok("contacts", "release", "4"), "nothing held the contact")
	h.exec(`INSERT INTO contact_holds (contact_id, until) VALUES (4, $1)`, time.Now().Add(time.Hour))
	require.Contains(t, h.ok("contacts", "release", "dan@contoso.example"), "Contact 4 is written to again.")
	activity := h.ok("activity")
	for _, word := range []string{"attached inbound message 1 to a contact", "ignored inbound message 3", "let contact 4 (Dan Four) be written to again"} {
		require.Contains(t, activity, word)
	}
	require.Empty(t, one[string](h, fmt.Sprintf(`SELECT coalesce(string_agg(id::text, ','), '') FROM inbound WHERE state IN ('open', 'unmatched') AND id < %d`, 9)))
}

func TestReclassifyIsPrinted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Contains(t, h.ok("inbound", "reclassify"), "0 messages read anew; nothing differs.")
	h.fails(exitUsage, []string{`since is "tuesday"`}, "inbound", "reclassify", "--since", "tuesday")
	until := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for text, one := range map[string]operator.Reclassified{
		"ends 2 enrollments": {Ended: 2},
		"holds until " + until.Format("2006-01-02 15:04:05Z") + "; somebody has to look": {HeldUntil: &until, State: "open"},
		"off the bounce list; 1 contact goes on that was in error":                       {Unbounced: true, Resuming: 1},
		"off the bounce list; 2 contacts go on that were in error":                       {Unbounced: true, Resuming: 2},
		"onto the bounce list; proves that our message arrived":                          {Bounced: true, Proved: true},
	} {
		require.Equal(t, text, followsText(one))
	}
}
