package console

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/inbound"
	"relance/internal/store"
)

func bounced(id int64) failure.Problem {
	return failure.Problem{Code: failure.EmailAlreadyBounced, Causes: []failure.Cause{failure.ContactEmail(id)}}
}

func TestAnAccountSaysHowItsMailboxIsRead(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.get("/accounts/"+mayas).says(http.StatusOK, "Its mail is not read")
	require.Contains(t, b.get("/accounts").row(mayas), "connected not read")
	b.get("/campaigns/q4").says(http.StatusOK, "No mailbox of its senders is read")
	b.read(2)
	b.get("/accounts/"+mayas).says(http.StatusOK, "read, not to its end yet", "imap.northwind.example port 993, TLS: implicit, user maya", "none yet")

	mailbox, _, err := b.db.TakeMailbox(t.Context(), mayas, "reader")
	require.NoError(t, err)
	b.hear(7, "c1@contoso.example", inbound.Verdict{Kind: inbound.TicketReceipt, Reason: "a machine says so"}, "m1@northwind.example")
	require.NoError(t, b.db.MoveCursor(t.Context(), mayas, mailbox.Generation, store.Cursor{Folder: "Sent Items", Role: "sent", UIDValidity: 1, NextUID: 1}))
	require.NoError(t, b.db.CompleteLook(t.Context(), mayas, mailbox.Lease, one[time.Time](b, `SELECT clock_timestamp()`)))
	read := b.get("/accounts/" + mayas)
	read.says(http.StatusOK, "read, last to its end at", "INBOX (inbox): read to message number 7", "Sent Items (sent): empty", "Waiting for a look nobody")
	require.Contains(t, b.get("/accounts").row(mayas), "connected read, last to its end at")

	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, seq, state, awaits_look) SELECT id, 'more', 'q4', $1, 1, id, 'asleep', now() FROM enrollments`, mayas)
	_, err = b.db.MailboxFailed(t.Context(), mayas, mailbox.Lease, "the mail server refused the login: NO [AUTHENTICATIONFAILED] who are you",
		&failure.Words{Said: "NO [AUTHENTICATIONFAILED] who are you", Meaning: "the mail server refused the login"}, true)
	require.NoError(t, err)
	b.exec(`UPDATE line SET awaits_look = now() WHERE enrollment_id < 3`)
	b.park(3, failure.Problem{Code: failure.MailboxUnreadable, Detail: mayas + ": NO", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.Mailbox(mayas), failure.CampaignSender("q4")}})
	broken := b.get("/accounts/" + mayas)
	broken.says(http.StatusOK, "cannot be read since", "NO [AUTHENTICATIONFAILED] who are you", "2 follow-ups wait for a look", "C1 Claes ( q4 ), C2 Claes ( q4 )", "1 contact in error", "The server said: NO [AUTHENTICATIONFAILED] who are you (the mail server refused the login)")
	require.ElementsMatch(t, []string{"NO [AUTHENTICATIONFAILED] who are you", "NO [AUTHENTICATIONFAILED] who are you"}, broken.quotes(), "its state, and where it is mended: the server's words alone")
	b.get("/campaigns/q4").says(http.StatusOK, "Mailbox of maya@northwind.example cannot be read since")
	require.Equal(t, "/contacts/1", broken.link("C1 Claes"))
}

func TestADoubtSaysWhatTheSentFolderHas(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.park(3, failure.Problem{Code: failure.DeliveryUncertain, Detail: "the connection was closed"})
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, wire_at)
		VALUES (3, 'intro', 1, 'email', 'uncertain', $1, 'c3@contoso.example', 'Hi', 'm3@northwind.example', now(), now())`, mayas)
	b.get("/uncertain").says(http.StatusOK, "In its mailbox Nobody reads the mailbox of maya@northwind.example.")
	b.read(0)
	b.get("/uncertain").says(http.StatusOK, "has not been read to its end since")
	mailbox, _, err := b.db.TakeMailbox(t.Context(), mayas, "reader")
	require.NoError(t, err)
	look := func() {
		require.NoError(t, b.db.CompleteLook(t.Context(), mayas, mailbox.Lease, one[time.Time](b, `SELECT clock_timestamp()`)))
	}
	look()
	b.get("/uncertain").says(http.StatusOK, "has no Sent folder that is known")
	require.NoError(t, b.db.MoveCursor(t.Context(), mayas, mailbox.Generation, store.Cursor{Folder: "Sent Items", Role: "sent", UIDValidity: 1, NextUID: 1}))
	b.get("/uncertain").says(http.StatusOK, "No copy lies in “Sent Items” of maya@northwind.example", "has sent nothing else lately", "proves nothing by itself")
	b.sendIntro(1)
	b.sendIntro(2)
	look()
	b.get("/uncertain").says(http.StatusOK, "Nor does one of the last 2 messages", "files no copies")
	copyOf := func(uid uint32, id string) {
		_, err := b.db.Hear(t.Context(), store.Inbound{
			Address: mayas, Generation: 1, Folder: "Sent Items", UIDValidity: 1, UID: uid, ArrivedAt: one[time.Time](b, `SELECT now()`), Raw: []byte(id),
			Mail: inbound.Mail{MessageID: id}, Verdict: inbound.Verdict{Kind: inbound.Own, Reason: "it lies in Sent"},
		}, store.Cursor{Folder: "Sent Items", Role: "sent", UIDValidity: 1, NextUID: uid + 1})
		require.NoError(t, err)
	}
	copyOf(1, "m1@northwind.example")
	b.get("/uncertain").says(http.StatusOK, "Of the last 2 messages that were accepted, 1 has one; the latest of those was accepted at")
	require.Equal(t, campaign.InError, one[campaign.Status](b, `SELECT status FROM enrollments WHERE id = 3`), "an absence settles nothing")
	copyOf(2, "m3@northwind.example")
	require.Equal(t, "sent", one[string](b, `SELECT assume FROM outbox WHERE kind = 'resume' AND contacts = '{3}'`), "a copy does")
	require.True(t, one[bool](b, `SELECT doubt_settled FROM inbound WHERE uid = 2 AND kind = 'own'`))
}
