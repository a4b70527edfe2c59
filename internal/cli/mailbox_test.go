package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestAccountsSayHowTheirMailIsRead(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	require.NotContains(t, h.ok("email-account", "list"), "Mailbox", "it is not read")
	h.exec(`UPDATE email_accounts SET imap = '{"host":"127.0.0.1","port":143,"tls":"none"}'`)
	h.exec(`INSERT INTO mailboxes (address) VALUES ('maya@northwind.example')`)
	require.Contains(t, h.ok("email-account", "list"), "not read to its end yet")
	h.exec(`UPDATE mailboxes SET look_began = now()`)
	h.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, awaits_look) VALUES (1, 'more', 'q4', 'maya@northwind.example', 1, 'asleep', now())`)
	require.Contains(t, h.ok("email-account", "list"), "1 follow-up waits for a look")
	var accounts []operator.Account
	h.decode(&accounts, "email-account", "list")
	require.Equal(t, operator.MailboxReading, accounts[0].Mailbox.Status)
	require.NotNil(t, accounts[0].Mailbox.LookedAt)
	h.exec(`UPDATE mailboxes SET status = 'in_error', reason = 'NO [AUTHENTICATIONFAILED] no', failing_since = now()`)
	listed := h.ok("email-account", "list")
	require.Contains(t, listed, "cannot be read since")
	require.Contains(t, listed, "NO [AUTHENTICATIONFAILED] no")
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(1)
	require.Contains(t, h.ok("mailbox", "list"), "No mailbox is read; starter email-account reconnect")
	h.fails(exitNotFound, []string{"there is no mailbox that is read of maya@northwind.example", "starter mailbox list"}, "mailbox", "show", "maya@northwind.example")
	h.exec(`UPDATE email_accounts SET imap = '{"host":"127.0.0.1","port":1,"tls":"none"}'`)
	h.exec(`INSERT INTO mailboxes (address, look_began) VALUES ('maya@northwind.example', now())`)
	h.exec(`INSERT INTO mailbox_folders (address, folder, uidvalidity, next_uid, role) VALUES ('maya@northwind.example', 'INBOX', 7, 42, 'inbox')`)
	require.Contains(t, h.ok("mailbox", "list"), "127.0.0.1:1")
	require.Contains(t, h.ok("mailbox", "show", "Maya@Northwind.example"), "INBOX   inbox            41")
	var shown operator.MailboxShown
	h.decode(&shown, "mailbox", "show", "maya@northwind.example")
	require.Equal(t, []operator.MailboxFolder{{Name: "INBOX", Role: "inbox", ReadTo: 41}}, shown.Read)
	h.fails(exitFailed, []string{"connection refused"}, "mailbox", "check", "maya@northwind.example")
}

func TestStatusSaysByWhatTheyEnded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	require.NotContains(t, h.ok("status"), "of the disenrolled")
	h.exec(`UPDATE enrollments SET status = 'Disenrolled', ended_at = now(), ended_by = CASE WHEN id < 3 THEN 'replied' ELSE 'unsubscribed' END WHERE id < 4`)
	require.Contains(t, h.ok("status"), "q4: of the disenrolled, 2 replied, 1 unsubscribed.")
	var statuses []operator.Status
	h.decode(&statuses, "status", "q4")
	require.Equal(t, 2, statuses[0].EndedBy["replied"])
	require.Equal(t, 3, statuses[0].Disenrolled)
}

func TestStatusSaysTheMailboxesAndWhoBounced(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.send(1)
	h.send(2)
	require.NotContains(t, h.ok("status"), "Mailbox", "it is not read")
	h.exec(`UPDATE email_accounts SET imap = '{"host":"127.0.0.1","port":143,"tls":"none"}'`)
	h.exec(`INSERT INTO mailboxes (address, look_began) VALUES ('maya@northwind.example', now())`)
	require.Contains(t, h.ok("status", "q4"), "Mailbox of maya@northwind.example: read since")
	h.exec(`UPDATE mailboxes SET status = 'in_error', reason = 'NO [AUTHENTICATIONFAILED] no', failing_since = now()`)
	h.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, class, reason, classifier, state, contact_id, enrollment_id, step_id, bounced, ended)
		VALUES ('maya@northwind.example', 1, 'INBOX', 1, 1, now(), '', 'bounce', 'hard', 'no such user', 1, 'settled', 1, 1, 'intro', true, 0),
		       ('maya@northwind.example', 1, 'INBOX', 1, 2, now(), '', 'bounce', 'soft', 'too busy', 1, 'settled', 2, 2, 'intro', false, 0),
		       ('maya@northwind.example', 1, 'INBOX', 1, 3, now(), '', 'reply', '', 'a person', 1, 'settled', 2, 2, 'intro', false, 1)`)
	h.exec(`INSERT INTO bounces (address, reason) VALUES ('ana@contoso.example', '550 5.1.1 no such user')`)
	h.exec(`INSERT INTO suppressions (target, reason, by) VALUES ('contoso.example', 'by_hand', 'tom')`)
	h.exec(`INSERT INTO contact_holds (contact_id, until, words) VALUES (1, now() + interval '1 day', 'on leave')`)
	status := h.ok("status", "q4")
	require.Contains(t, status, "Mailbox of maya@northwind.example: cannot be read since")
	require.Contains(t, status, "q4: 1 bounced after the message was accepted")
	var statuses []operator.Status
	h.decode(&statuses, "status", "q4")
	require.Equal(t, 1, statuses[0].Bounced)
	require.Equal(t, "NO [AUTHENTICATIONFAILED] no", statuses[0].Mailboxes[0].Reason)
	var shown operator.CampaignDetails
	h.decode(&shown, "campaign", "show", "q4")
	require.Equal(t, map[operator.HeardAs]int{"replied": 1, "bounced": 1}, shown.Steps[0].Heard)
	require.Contains(t, h.ok("campaign", "show", "q4"), "1 replied, 1 bounced")

	require.Contains(t, h.ok("inbound", "list", "--state", "all", "--kind", "bounce:hard"), "bounce (hard)")
	require.Contains(t, h.ok("inbound", "list", "--state", "all", "--kind", "bounce:hard", "--campaign", "other"), "There is no such message.")
	require.Contains(t, h.ok("inbound", "show", "1"), "followed   on the bounce list")
	require.Contains(t, h.ok("inbound", "show", "3"), "followed   1 enrollment ended")
	h.fails(exitUsage, []string{`is "weather"; expected one of own, bounce`}, "inbound", "list", "--kind", "weather")

	contact := h.ok("contacts", "show", "1")
	require.Contains(t, contact, "contoso.example is suppressed (by hand)")
	require.Contains(t, contact, "has bounced at")
	require.Contains(t, contact, "on leave. starter contacts release 1 lets it be written to again.")
	var heard operator.ContactShown
	h.decode(&heard, "contacts", "show", "1")
	require.Equal(t, "contoso.example", heard.Suppression.Target)

	h.park(3, uncertain)
	h.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date) VALUES (3, 'intro', 1, 'email', 'uncertain', 'maya@northwind.example', 'c3@contoso.example', now())`)
	require.Contains(t, h.ok("errors"), "In Sent: The mailbox of maya@northwind.example cannot be read just now")
}
