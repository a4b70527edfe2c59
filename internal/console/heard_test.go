package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/campaign"
	"relance/internal/inbound"
	"relance/internal/store"
)

// heard is what a mailbox has had of each kind, with words wherever people or servers write: the
// message 1 is unmatched, 2 open and about contact 2, 3 a reply of contact 1, 4 a hard bounce of
// contact 3. Contact 4 is away, and its domain is suppressed.
func (b *bundle) heard(words string) {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET imap = jsonb_build_object('host', $2::text, 'port', 993, 'tls', 'implicit', 'username', $2::text) WHERE address = $1`, mayas, words)
	b.exec(`INSERT INTO mailboxes (address, status, reason, failing_since, look_began) VALUES ($1, 'in_error', $2, now() - interval '1 hour', now() - interval '2 hours')`, mayas, "NO [AUTHENTICATIONFAILED] "+words)
	b.exec(`INSERT INTO mailbox_folders (address, folder, role, uidvalidity, next_uid) VALUES ($1, 'INBOX', 'inbox', 1, 12), ($1, 'Sent ' || $2::text, 'sent', 1, 1)`, mayas, words)
	b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, sender, subject, kind, class, reason, words, classifier, state, matched_by, contact_id, enrollment_id, step_id, ended, bounced, settled_by)
		SELECT $1, 1, 'INBOX', 1, row_number() OVER (), now(), '', CASE WHEN i.k IS NULL THEN $2 ELSE 'c' || i.k || '@contoso.example' END, 'Re: ' || $2, i.kind, i.class, $2, $2, 1, i.state, i.by, i.k, i.k, CASE WHEN i.k IS NULL THEN '' ELSE 'intro' END, i.ended, i.class = 'hard', ''
		  FROM (VALUES (NULL::int, 'bounce', '', 'unmatched', '', 0), (2, 'unsure', '', 'open', 'in_reply_to', 0), (1, 'reply', '', 'settled', 'references', 1), (3, 'bounce', 'hard', 'settled', 'recipient', 0)) AS i (k, kind, class, state, by, ended)
		 WHERE i.k IS NULL OR EXISTS (SELECT FROM enrollments e WHERE e.id = i.k)`, mayas, words)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, senders, steps) SELECT 'two', 'Two ' || $1, owner, sender, ARRAY[sender, 'tom@northwind.example'], steps FROM campaigns WHERE key = 'q4'`, words)
	b.exec(`INSERT INTO enrollments (id, campaign, contact_id, status, step_id, started_at, enrolled_by) SELECT 700, 'two', id, 'Waiting', 'wait-2', now(), 'test' FROM contacts WHERE id = 7`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_date, settled_at)
		SELECT id, 'intro', 1, 'email', 'sent', $1, 'c7@contoso.example', $2, now(), now() FROM enrollments WHERE id = 700`, mayas, words)
	b.exec(`INSERT INTO contact_holds (contact_id, until, words, inbound_id, by) SELECT id, now() + interval '9 days', $1, CASE id WHEN 2 THEN 2 END, 'mailbox' FROM contacts WHERE id IN (2, 4)`, words)
	b.exec(`INSERT INTO suppressions (target, reason, note, by) VALUES ('claes.example', 'by_hand', $1, $1), ('c9@contoso.example', 'unsubscribed', $1, $1), ('c4@contoso.example', 'left', $1, $1)`, words)
	b.exec(`UPDATE deliveries SET account = $1 WHERE enrollment_id = 8 AND state = 'uncertain'`, mayas)
	b.exec(`INSERT INTO bounces (address, reason, added_by) VALUES ('c3@contoso.example', $1, $1) ON CONFLICT DO NOTHING`, words)
}

// read has maya's mail read, with an email to each of n contacts.
func (b *bundle) read(n int64) {
	b.t.Helper()
	_, err := b.db.SetMailbox(b.t.Context(), mayas, &campaign.IMAP{Host: "imap.northwind.example", Port: 993, TLS: campaign.TLSImplicit, Username: "maya", Password: "secret"}, "test")
	require.NoError(b.t, err)
	for id := range n {
		b.sendIntro(id + 1)
	}
}

// hear keeps a message from a contact that has just come in, as the reader does.
func (b *bundle) hear(uid uint32, from string, verdict inbound.Verdict, answers ...string) store.Heard {
	b.t.Helper()
	heard, err := b.db.Hear(b.t.Context(), store.Inbound{
		Address: mayas, Generation: 1, Folder: "INBOX", UIDValidity: 1, UID: uid, ArrivedAt: time.Now(), Raw: []byte("message " + from + string(rune('a'+uid))),
		Mail:    inbound.Mail{MessageID: "a" + string(rune('a'+uid)) + "@contoso.example", Subject: "Re: Hi there", From: []inbound.Address{{Address: from}}, InReplyTo: answers},
		Verdict: verdict,
	}, store.Cursor{Folder: "INBOX", Role: "inbox", UIDValidity: 1, NextUID: uid + 1})
	require.NoError(b.t, err)
	return heard
}

func hard(address string) inbound.Verdict {
	return inbound.Verdict{Kind: inbound.Bounce, Reason: "the report says 5.1.1", Recipients: []inbound.Recipient{
		{Address: address, Class: inbound.ClassHard, Status: "5.1.1", Diagnostic: "550 5.1.1 no such user", Reason: "the address does not exist"},
	}}
}

func TestWhatWasHeardIsListedWithWhatFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, 6, "Claes")
	b.get("/replies").says(http.StatusOK, "No mailbox is read")
	b.read(6)
	b.get("/replies").says(http.StatusOK, "Nothing that this asks for has been heard")
	b.hear(1, "c1@contoso.example", inbound.Verdict{Kind: inbound.Reply, Reason: "a person has answered"}, "m1@northwind.example")
	b.hear(2, "mailer@contoso.example", hard("c2@contoso.example"), "m2@northwind.example")
	b.hear(3, "c3@contoso.example", inbound.Verdict{Kind: inbound.Unsubscribe, Reason: "the whole answer asks for it", Words: "Please remove me."}, "m3@northwind.example")
	b.hear(4, "c4@contoso.example", inbound.Verdict{Kind: inbound.OutOfOffice, Reason: "away", Away: &inbound.Away{Undated: true}}, "m4@northwind.example")
	b.hear(5, "c5@contoso.example", inbound.Verdict{Kind: inbound.Unsure, Reason: "no rule knows it"}, "m5@northwind.example")
	b.hear(6, "someone@else.example", inbound.Verdict{Kind: inbound.Reply, Reason: "other people's mail"})

	all := b.get("/replies")
	all.says(http.StatusOK, "1 to look at")
	require.Contains(t, all.row("reply C1 Claes"), "C1 Claes q4 , intro Re: Hi there a person has answered 1 enrollment has ended.")
	require.Contains(t, all.row("bounce (hard)"), "C2 Claes q4 , intro Re: Hi there the report says 5.1.1 On the bounce list.")
	require.Contains(t, all.row("unsubscription"), "1 enrollment has ended. Suppressed.")
	require.Contains(t, all.row("out of office"), "Held until ")
	require.Contains(t, all.row("unsure"), "Somebody has to look")
	require.NotContains(t, all.text(), "else.example", "other people's mail is none of our business")
	require.Less(t, strings.Index(all.text(), "no rule knows it"), strings.Index(all.text(), "a person has answered"), "the newest first")

	for query, who := range map[string]string{"kind=bounce:hard": "C2", "kind=reply": "C1", "state=to-see": "C5", "contact=3": "C3", "campaign=q4&kind=out-of-office": "C4", "account=" + mayas + "&kind=unsubscribe": "C3"} {
		shown := b.get("/replies?" + query)
		shown.says(http.StatusOK, who+" Claes")
		require.Equal(t, 2, strings.Count(shown.body, "<tr>"), query)
	}
	b.get("/replies?campaign=other").says(http.StatusOK, "Nothing that this asks for")
	b.get("/replies?kind=weather").says(http.StatusOK, `is "weather"; expected one of`)
	b.get("/replies?kind=%00&before=x&contact=y").says(http.StatusOK, "C1 Claes")
	for _, path := range []string{"/replies/0", "/replies/77", "/replies/x"} {
		require.Equal(t, http.StatusNotFound, b.get(path).status, path)
	}
	b.get("/").says(http.StatusOK, "1 message waits for somebody to look")

	one := b.get(all.link("bounce (hard)"))
	one.says(http.StatusOK, "Message 2: bounce (hard)", "the report says 5.1.1", "C2 Claes", "known by its In-Reply-To", "q4 : waiting", "is not shown here")
	require.NotContains(t, one.body, `method="post"`, "it is settled")
	contact := b.get("/contacts/2")
	contact.says(http.StatusOK, "What keeps emails from it", "Bounced at", "550 5.1.1 no such user", "Bounce: the report says 5.1.1")
	require.Contains(t, contact.row("bounce (hard)"), "On the bounce list.")
	b.get("/contacts/3").says(http.StatusOK, "Suppressed since", "c3@contoso.example (has unsubscribed)", "Unsubscribed by an answer")
	suppressed := b.get("/suppression")
	suppressed.says(http.StatusOK, "has unsubscribed: Unsubscribed by an answer Please remove me.")
	require.Equal(t, []string{"Please remove me."}, suppressed.quotes(), "what the recipient has written, and not what we say of it")
	require.Equal(t, []string{"Please remove me."}, b.get("/suppression/remove?target=c3@contoso.example").quotes())
	_, err := b.db.AddBounce(t.Context(), "x@fabrikam.example", "she called", "lea")
	require.NoError(t, err)
	bounced := b.get("/bounces")
	bounced.says(http.StatusOK, "she called")
	require.Equal(t, []string{"550 5.1.1 no such user"}, bounced.quotes(), "what a server said, and not what a person noted")
	b.exec(`UPDATE bounces SET reason = '550 5.1.1 as before'`) // by the release before
	require.Equal(t, []string{"550 5.1.1 as before", "550 5.1.1 as before"}, b.get("/bounces").quotes(), "nobody knows whose words these are")
	b.get("/contacts/1").says(http.StatusOK, "Answered: “Re: Hi there”")
	campaign := b.get("/campaigns/q4")
	require.Equal(t, "1 · intro 6 1 1 1 0 0", lastRow(campaign, "1 · intro"), "sent, replied, bounced, unsubscribed, complained, left")
	campaign.says(http.StatusOK, "Mailbox of maya@northwind.example")
}

// lastRow is the text of the last row of a table that begins with these words.
func lastRow(p page, begins string) (found string) {
	walk(p.tree, func(n *html.Node) {
		if n.Data == "tr" && strings.HasPrefix(textOf(n), begins) {
			found = textOf(n)
		}
	})
	return found
}

func TestWhatWasHeardIsListedPageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.read(1)
	b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, reason, classifier, state, contact_id)
		SELECT $1, 1, 'INBOX', 1, i, now(), '', 'reply', 'number ' || i || '.', 1, 'settled', CASE WHEN i % 2 = 0 THEN 1 END FROM generate_series(1, 220) i`, mayas)
	seen, pages := map[string]bool{}, 0
	for address := "/replies?kind=reply"; address != ""; pages++ {
		shown := b.get(address)
		address = ""
		walk(shown.tree, func(n *html.Node) {
			if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "/replies/") {
				require.False(t, seen[href], href)
				seen[href] = true
			}
			if attr(n, "rel") == "next" {
				address = attr(n, "href")
			}
		})
	}
	require.Equal(t, 3, pages)
	require.Len(t, seen, 110, "mail of others is not among them")
}

func TestAMessageIsSettledByHand(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.read(4)
	b.hear(1, "boss@fabrikam.example", inbound.Verdict{Kind: inbound.Reply, Reason: "a person has answered"}, "0123456789abcdef01234567@northwind.example")
	b.hear(2, "c2@contoso.example", inbound.Verdict{Kind: inbound.Unsure, Reason: "no rule knows it"}, "m2@northwind.example")
	b.hear(3, "c3@contoso.example", inbound.Verdict{Kind: inbound.Unsure, Reason: "no rule knows it"}, "m3@northwind.example")
	require.Equal(t, "unmatched", one[string](b, `SELECT state FROM inbound WHERE id = 1`))

	first := b.get("/replies/1")
	first.says(http.StatusOK, "Nobody knows whose it is", "reply, as it was judged")
	b.send(first, "/replies/1/attach", "contact", "nobody@contoso.example").says(http.StatusUnprocessableEntity, "There is no contact with the address nobody@contoso.example")
	b.send(first, "/replies/1/attach", "contact", "c1@contoso.example", "as", "weather").says(http.StatusUnprocessableEntity, `As is "weather"; expected one of`)
	b.away = true
	b.send(first, "/replies/1/attach", "contact", "c1@contoso.example").says(http.StatusSeeOther, "Message 1 is settled: reply of C1 Claes. 1 enrollment has ended. Temporal does not answer")
	b.away = false
	require.Equal(t, "replied", one[string](b, `SELECT ended_by FROM enrollments WHERE id = 1`))
	b.send(first, "/replies/1/attach", "contact", "c4@contoso.example").says(http.StatusConflict, "Message 1 is settled already, by console")
	require.Nil(t, one[*string](b, `SELECT ended_by FROM enrollments WHERE id = 4`))

	second := b.get("/replies/2")
	b.send(second, "/replies/2/attach").says(http.StatusConflict, "was judged to be unsure, from which nothing follows")
	b.send(second, "/replies/2/attach", "as", "unsubscribe").says(http.StatusSeeOther, "Message 2 is settled: unsubscription of C2 Claes. 1 enrollment has ended.", "1 to look at")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM suppressions WHERE target = 'c2@contoso.example' AND by = 'console'`))

	third := b.get("/replies/3")
	b.send(third, "/replies/3/ignore").says(http.StatusSeeOther, "Message 3 is ignored")
	b.send(third, "/replies/3/ignore").says(http.StatusConflict, "Message 3 is ignored already, by console")
	require.Zero(t, one[int](b, `SELECT count(*) FROM contact_holds WHERE contact_id = 3`))
	b.get("/replies?state=ignored").says(http.StatusOK, "Ignored by console")
	require.Equal(t, []string{"attached 1", "attached 2", "ignored 3"}, one[[]string](b, `SELECT array_agg(kind || ' ' || subject ORDER BY id) FROM activity WHERE thing = 'inbound' AND by = 'console'`))
	activity := b.get("/activity?on=inbound")
	activity.says(http.StatusOK, "attached inbound message 2 to a contact")
	require.Equal(t, "/replies/3", activity.link("Open"))
}

func TestAContactIsReleasedOnlyFromWhatWasSeen(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	b.read(2)
	b.hear(1, "c1@contoso.example", inbound.Verdict{Kind: inbound.OutOfOffice, Reason: "away", Away: &inbound.Away{Undated: true}}, "m1@northwind.example")
	shown := b.get("/contacts/1")
	shown.says(http.StatusOK, "Held until", "away", "message 1")
	b.hear(2, "c1@contoso.example", inbound.Verdict{Kind: inbound.Unsure, Reason: "no rule knows it"}, "m1@northwind.example")
	stale := b.send(shown, "/contacts/1/release")
	stale.says(http.StatusConflict, "Another answer holds contact 1 since", "by mailbox")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM contact_holds`))
	b.send(stale, "/contacts/1/release").says(http.StatusSeeOther, "Contact 1 is written to again")
	require.Zero(t, one[int](b, `SELECT count(*) FROM contact_holds`))
	require.Equal(t, "console", one[string](b, `SELECT by FROM activity WHERE kind = 'released' AND thing = 'contact' AND subject = '1'`))
	b.send(stale, "/contacts/1/release").says(http.StatusSeeOther, "Nothing held the contact any more")
	b.ask(http.MethodPost, "/contacts/1/release", url.Values{"from": {"/contacts/1"}}).says(http.StatusUnprocessableEntity, "does not say what it has shown")
}
