package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/failure"
)

// sendIntro is what a worker does with a contact's first email.
func (b *bundle) sendIntro(id int64) {
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, settled_at)
		VALUES ($1, 'intro', 1, 'email', 'sent', $2, 'c' || $1::bigint || '@contoso.example', 'Hi there', 'm' || $1::bigint || '@northwind.example', now(), now())`, id, mayas)
	b.goOn(id)
}

// row is the text of the row of a table that begins with these words.
func (p page) row(begins string) string {
	p.t.Helper()
	var found string
	walk(p.tree, func(n *html.Node) {
		if n.Data != "tr" || found != "" {
			return
		}
		if text := textOf(n); strings.HasPrefix(text, begins) {
			found = text
		}
	})
	require.NotEmpty(p.t, found, "no row begins with %q in: %s", begins, p.text())
	return found
}

func textOf(n *html.Node) string {
	var text strings.Builder
	walk(n, func(n *html.Node) {
		if n.Type == html.TextNode {
			text.WriteString(n.Data + " ")
		}
	})
	return strings.Join(strings.Fields(text.String()), " ")
}

// link is the address of the link with this text.
func (p page) link(text string) string {
	p.t.Helper()
	link := p.find(func(n *html.Node) bool { return n.Data == "a" && textOf(n) == text })
	require.NotNil(p.t, link, "no link %q in: %s", text, p.text())
	return attr(link, "href")
}

func TestCampaignsAreListedByWhoIsInError(t *testing.T) {
	t.Parallel()
	b := setup(t, 5, "Claes")
	b.exec(`INSERT INTO campaigns (key, name, owner, paused, steps) SELECT 'other-' || i, 'Other ' || i, 'maya', i = 1, '[]' FROM generate_series(1, 101) AS i`)
	b.sendIntro(1)
	b.sendIntro(2)
	b.park(3, failure.Problem{Code: failure.SendingFailed, Detail: "no"})
	b.exec(`UPDATE campaigns SET paused = true WHERE key = 'q4'`)
	shown := b.get("/campaigns")
	shown.says(http.StatusOK, "Sent: 2 (most in a day: 2)", "Went into error: 1 (most in a day: 1)", "Ended: none")
	require.Equal(t, "Q4 Claes paused 1 2 2 0 0 0 Maya Claes maya@northwind.example", shown.row("Q4 Claes"), "error, on the way, waiting, paused, done, disenrolled")
	require.Equal(t, "Other 1 paused 0 0 0 0 0 0 Maya Claes none", shown.row("Other 1 "))
	next := b.get(shown.link("Next"))
	next.says(http.StatusOK, "Other 98", "Other 99", "To the first ones")
	require.NotContains(t, next.text(), "Q4")
	b.exec(`DELETE FROM deliveries; DELETE FROM parked_on; DELETE FROM notes; DELETE FROM enrollments; DELETE FROM campaigns`)
	b.get("/campaigns").says(http.StatusOK, "There is no campaign yet")
}

func TestACampaignIsAFunnelWithItsContactsInError(t *testing.T) {
	t.Parallel()
	b := setup(t, 12, "Claes")
	b.sendIntro(1)
	b.get("/campaigns/q4").says(http.StatusOK, "1 email sent.")
	for id := int64(2); id <= 6; id++ {
		b.sendIntro(id)
	}
	b.exec(`UPDATE enrollments SET status = 'Completed', step_id = 'intro', step_index = 1, next_at = NULL, ended_at = now() WHERE id = 1`)
	b.exec(`UPDATE enrollments SET next_at = now() - interval '1 second' WHERE id = 2`)
	b.exec(`UPDATE enrollments SET step_id = 'gone' WHERE id = 3`)
	for id := int64(7); id <= 9; id++ {
		b.park(id, failure.Problem{Code: failure.SendingFailed, Detail: fmt.Sprintf("451 no %d", id)})
	}
	_, err := b.db.Disenroll(t.Context(), 10, 0, "", "test")
	require.NoError(t, err)
	shown := b.get("/campaigns/q4")
	shown.says(http.StatusOK, "12 contacts: 3 on their way, 4 waiting, 3 in error, 0 paused, 1 done, 1 disenrolled. 6 emails sent.",
		"1 waiting, at steps that the campaign has no more", "intro (email) 11 reached it, 3 in error", "Sent: 6 (most in a day: 6)", "Ended: 2 (most in a day: 2)")
	require.Equal(t, "1 · intro : email Hi 3 in error 11 6 2 0 0 1", shown.row("1 · intro"), "in error, reached, sent, on the way, waiting, paused, disenrolled")
	require.Equal(t, "2 · wait-2 : wait 3 days 0 4 – 1 3 0 0", shown.row("2 · wait-2"))
	require.Equal(t, time.Now().UTC().Format("2 Jan 2006")+" 6 3 1 1", shown.row(time.Now().UTC().Format("2 Jan 2006")))

	address := shown.link("3 in error")
	require.Equal(t, "/campaigns/q4/contacts?state=InError&step=intro", address)
	members := b.get(address)
	members.says(http.StatusOK, "3 contacts in error at intro in Q4 Claes", "451 no 7", "451 no 8", "451 no 9", "Sending failed")
	require.NotContains(t, members.text(), "C6 Claes")
	require.Equal(t, "/cause/SendingFailed/operator", members.link("Sending failed"))
	b.get("/cause/SendingFailed/operator").says(http.StatusOK, "3 contacts")
	require.Equal(t, "/campaigns/q4", b.get("/cause/SendingFailed/operator").link("Q4 Claes"))
	require.Equal(t, "/campaigns/q4", b.get("/").link("Q4 Claes"))
	b.get("/campaigns/q4/contacts?state=Waiting").says(http.StatusOK, "4 contacts waiting in Q4 Claes", "Next at")
	b.get("/campaigns/q4/contacts?state=Completed&step=wait-2").says(http.StatusOK, "0 contacts done at wait-2", "Nobody (any more)")
	for _, path := range []string{"/campaigns/nix", "/campaigns/nix/contacts", "/campaigns/nix/texts", "/campaigns/q4/contacts?state=Nix"} {
		require.Equal(t, http.StatusNotFound, b.get(path).status, path)
	}
}

func TestACampaignsContactsAreListedPageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 250, "Claes")
	for id := int64(1); id <= 120; id++ {
		b.sendIntro(id)
	}
	seen := map[string]bool{}
	for address, pages := "/campaigns/q4/contacts", 0; address != ""; pages++ {
		require.Less(t, pages, 3)
		shown := b.get(address)
		shown.says(http.StatusOK, "250 contacts in Q4 Claes")
		address = ""
		walk(shown.tree, func(n *html.Node) {
			if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "/contacts/") {
				require.False(t, seen[href], "%s twice", href)
				seen[href] = true
			}
			if n.Data == "a" && textOf(n) == "Next" {
				address = attr(n, "href")
			}
		})
	}
	require.Len(t, seen, 250)
}

func TestACampaignIsPausedAndGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	shown := b.get("/campaigns/q4")
	paused := b.send(shown, "/campaigns/q4/pause")
	paused.says(http.StatusSeeOther, "q4 is paused: no further step begins.", "paused")
	require.True(t, one[bool](b, `SELECT paused FROM campaigns WHERE key = 'q4'`))
	b.send(shown, "/campaigns/q4/pause").says(http.StatusSeeOther, "q4 was paused already.")
	b.exec(`INSERT INTO parked_on (cause, seq, enrollment_id, park_id) VALUES ('campaign:q4/active', nextval('fact_seq'), 1, 0)`)
	b.exec(`UPDATE enrollments SET status = 'Paused' WHERE id = 1`)
	again := b.get("/campaigns/q4")
	again.says(http.StatusOK, "Let 1 contact go on")
	b.send(again, "/campaigns/q4/unpause").says(http.StatusSeeOther, "q4 goes on. 1 contact goes on.")
	require.Equal(t, 1, b.woken)
	require.Equal(t, "console", one[string](b, `SELECT by FROM outbox WHERE kind = 'fix' AND cause = 'campaign:q4/active'`))
	b.send(again, "/campaigns/q4/unpause").says(http.StatusSeeOther, "q4 was going on already.")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE cause = 'campaign:q4/active'`), "a second click makes no second fix")
	b.ask(http.MethodPost, "/campaigns/nix/pause", url.Values{"from": {"/campaigns/q4"}}).says(http.StatusNotFound, "There is no campaign nix")
}

func TestACampaignsSenderIsSelectedOnItsPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.get("/campaigns/q4").says(http.StatusOK, "maya@northwind.example", "Change the sender")
	b.accountFailed(2, "535 no")
	shown := b.get("/campaigns/q4")
	shown.says(http.StatusOK, "maya@northwind.example in error", "Change the sender and let 2 go on")
	b.send(shown, "/campaigns/q4/sender", "sender", "tom@northwind.example").says(http.StatusSeeOther, "q4 now sends with tom@northwind.example. 2 contacts go on.")
	b.send(shown, "/campaigns/q4/sender", "sender", "tom@northwind.example").says(http.StatusConflict, "This has been fixed meanwhile (by console,", "Step by step")
}

func TestTextsReadAsAContactGetsThem(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.exec(`UPDATE campaigns SET steps = '[
		{"id":"intro","kind":"email","subject":"Question about {{ company }}","body":"Hi {{ first_name }},\n<b>{{ city }}</b> & more"},
		{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3},
		{"id":"again","kind":"email","replyTo":"intro","body":"Still there, {{ first_name }} of {{ city }}?"},
		{"id":"tell","kind":"sms","text":"{{ full_name }} has had all"}]'`)
	b.exec(`UPDATE contacts SET company = 'Contoso', fields = '{"city": "Ghent"}' WHERE id <> 2`)
	b.exec(`UPDATE contacts SET company = 'Fabrikam', fields = '{}' WHERE id = 2`)
	shown := b.get("/campaigns/q4/texts?contact=1")
	shown.says(http.StatusOK, "As C1 Claes (on the way at intro ) gets them", "Question about Contoso", "Hi C1, <b>Ghent</b> & more", "Still there, C1 of Ghent?", "C1 Claes has had all",
		"{{ city }}", "From: ", "Message-ID: ", "are examples", "It is a reply to intro , which has not been sent yet", "Owner has no phone number")
	require.Nil(t, shown.find(func(n *html.Node) bool { return n.Data == "b" && textOf(n) == "Ghent" }), "a text is shown, not rendered")

	b.sendIntro(3)
	sent := b.get("/campaigns/q4/texts?contact=c3%40contoso.example")
	sent.says(http.StatusOK, "As C3 Claes (waiting at wait-2 )", "This contact has had it.", "Re: Hi there", "In-Reply-To: <m3@northwind.example>", "Message-ID: <m3@northwind.example>")

	b.exec(`UPDATE contacts SET fields = '{}' WHERE id = 3`)
	b.get("/campaigns/q4/texts?contact=3").says(http.StatusOK, "As its template is now, it cannot be rendered for this contact.", "Subject Hi there", "What is missing of C3 Claes")

	lacks := b.get("/campaigns/q4/texts?contact=2")
	lacks.says(http.StatusOK, "What is missing of C2 Claes", "the body names {{ city }}, which this contact has no value for")
	require.Equal(t, "city", lacks.fill("/contacts/2/value").Get("field"))
	b.send(lacks, "/contacts/2/value", "value", "Bruges").says(http.StatusSeeOther, "city is saved", "Bruges", "Still there, C2 of Bruges?")
	b.send(lacks, "/contacts/2/value", "value", "Namur").says(http.StatusSeeOther, "city is saved") // nobody was in error for it: there was no fix

	b.get("/campaigns/q4/texts").says(http.StatusOK, "who is the next to get one", "As C1 Claes")
	b.get("/campaigns/q4/texts?contact=fabrikam").says(http.StatusOK, "As C2 Claes")
	b.get("/campaigns/q4/texts?contact=claes").says(http.StatusOK, "4 contacts have this.", "C4 Claes")
	b.get("/campaigns/q4/texts?contact=nobody").says(http.StatusOK, "No contact has this")
	b.get("/campaigns/q4/texts?contact=77").says(http.StatusOK, "There is no contact 77.")
	b.exec(`UPDATE campaigns SET sender = NULL, steps = jsonb_set(steps, '{0,body}', '"{% if %}"')`)
	b.get("/campaigns/q4/texts?contact=1").says(http.StatusOK, "Owner has no sending address", "is not a valid template")
	b.exec(`DELETE FROM deliveries; DELETE FROM enrollments`)
	b.get("/campaigns/q4/texts").says(http.StatusOK, "Nobody is enrolled yet.")
	b.get("/campaigns/q4/texts?contact=1").says(http.StatusOK, "(not enrolled)")
}

// many have been sent their first email, one in five is in error there.
func (b *bundle) many(n int) {
	b.exec(`ALTER TABLE enrollments DISABLE TRIGGER USER; ALTER TABLE deliveries DISABLE TRIGGER USER; ALTER TABLE notes DISABLE TRIGGER USER`)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'M' || i, 'm' || i || '@contoso.example' FROM generate_series(1, $1::int) AS i`, n)
	_, err := b.db.Enroll(b.t.Context(), "q4", nil, "test", false)
	require.NoError(b.t, err)
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_date, settled_at)
		SELECT id, 'intro', 1, 'email', 'sent', 'c', now(), now() - id % 30 * interval '1 day' FROM enrollments WHERE id % 5 > 0`)
	b.exec(`UPDATE enrollments SET started_at = now(), status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = now() + interval '1 day' WHERE id % 5 > 0`)
	b.exec(`UPDATE enrollments SET started_at = now(), status = 'InError', park_id = 1, park_seq = nextval('fact_seq'), parked_at = now(), code = 'EmailAccountInError',
		detail = '535', cause = 'email_account:maya@northwind.example', attempts = 1 WHERE id % 5 = 0`)
	b.exec(`INSERT INTO notes (enrollment_id, step_id, kind) SELECT id, 'intro', 'in_error' FROM enrollments WHERE status = 'InError'`)
	b.exec(`ALTER TABLE enrollments ENABLE TRIGGER USER; ALTER TABLE deliveries ENABLE TRIGGER USER; ALTER TABLE notes ENABLE TRIGGER USER`)
	_, err = b.db.RecountTally(b.t.Context())
	require.NoError(b.t, err)
	b.exec(`VACUUM ANALYZE`)
}

func TestPagesOfFiftyThousandEnrollments(t *testing.T) {
	t.Parallel()
	few, many := setup(t, 0, "Claes"), setup(t, 0, "Claes")
	few.many(10)
	many.many(50_000)
	many.get("/campaigns/q4").says(http.StatusOK, "50,000 contacts: 0 on their way, 40,000 waiting, 10,000 in error", "40,000 emails sent", "10,000 in error",
		"intro (email) 50,000 reached it, 10,000 in error")
	many.get("/campaigns/q4/contacts?state=InError&step=intro").says(http.StatusOK, "10,000 contacts in error at intro")
	for _, path := range []string{"/campaigns", "/campaigns/q4", "/campaigns/q4/contacts", "/campaigns/q4/contacts?state=InError&step=intro", "/campaigns/q4/contacts?state=Waiting&step=wait-2&after=3.49000.wait-2", "/campaigns/q4/texts"} {
		var took [2]time.Duration
		for range 5 {
			for i, b := range []*bundle{few, many} {
				began := time.Now()
				require.Equal(t, http.StatusOK, b.get(path).status, path)
				if now := time.Since(began); took[i] == 0 || now < took[i] {
					took[i] = now
				}
			}
		}
		t.Logf("%s: %s with 10, %s with 50,000: %.1f", path, took[0].Round(10*time.Microsecond), took[1].Round(10*time.Microsecond), float64(took[1])/float64(took[0]))
	}
}
