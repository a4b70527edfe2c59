package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/mail/smtp/smtptest"
)

const canary = "canary-0815"

// realLogins has the console log in for real, with maya's account at a server.
func (b *bundle) realLogins(s *smtptest.Server) {
	b.t.Helper()
	b.op.LogIn = nil
	b.exec(`UPDATE email_accounts SET host = '127.0.0.1', port = $1, tls = 'none', username = 'maya' WHERE address = $2`, s.Port(), mayas)
}

func TestAccountsSayWhoSendsAndWhoWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.get("/accounts").says(http.StatusOK, "maya@northwind.example", "tom@northwind.example", "connected", "q4", "nobody", "0 sent in 14 days, 0 today")
	require.NotContains(t, b.get("/").text(), "cannot send")
	b.accountFailed(3, "535 5.7.8 Username and Password not accepted")
	b.exec(`UPDATE email_accounts SET resting_until = now() + interval '1 hour', rest_reason = '421 too fast' WHERE address LIKE 'tom%'`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, settled_at)
		SELECT 4, 'intro', i, 'email', 'sent', $1, 'x', now(), now() FROM generate_series(1, 1200) i`, mayas)
	shown := b.get("/accounts")
	shown.says(http.StatusOK, "in error . The server said: 535 5.7.8 Username and Password not accepted", "3 contacts in error", "connected, resting until", "421 too fast",
		"1,200 sent in 14 days, 1,200 today; most: 1,200 on")
	require.Contains(t, shown.body, `href="/cause/EmailAccountInError/email_account:maya@northwind.example"`)
	for _, path := range []string{"/", "/accounts", "/uncertain", "/contacts/1"} {
		b.get(path).says(http.StatusOK, "maya@northwind.example cannot send: 3 contacts wait. Repair")
	}
	b.get("/accounts/nobody@northwind.example").says(http.StatusNotFound, "There is no email account nobody@northwind.example.")
	b.get("/accounts/MAYA@northwind.example").says(http.StatusOK, "3 contacts in error", "port 587, TLS: starttls", "kept sealed", "Reconnect and let 3 go on")
	require.NotContains(t, b.get("/accounts/"+mayas).body, "stored\"", "the stored password is on no page")
}

func TestATestOfTheLoginShowsTheDialogue(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	server := (&smtptest.Server{Password: "stored", Greeting: "220 smtp.northwind.example ready"}).Start(t)
	b.realLogins(server)
	const login = "/accounts/" + mayas + "/login"
	const digest = `SELECT md5(concat((SELECT json_agg(a) FROM email_accounts a), (SELECT json_agg(o) FROM outbox o), (SELECT json_agg(a) FROM activity a)))`
	before := one[string](b, digest)
	tested := b.send(b.get("/accounts/"+mayas), login)
	tested.says(http.StatusOK, "maya@northwind.example can log in. Nothing was changed.", fmt.Sprintf("Connected to 127.0.0.1:%d", server.Port()),
		"The server said: 220 smtp.northwind.example ready", "It offers to log in with: PLAIN", "AUTH PLAIN was accepted: 235 2.7.0 welcome")
	require.Equal(t, before, one[string](b, digest), "a test changes nothing")

	refused := b.send(b.get("/accounts/"+mayas), "/accounts/"+mayas+"/reconnect", "password", canary)
	refused.says(http.StatusUnprocessableEntity, "could not log in with these settings", "AUTH PLAIN was refused: 535 5.7.8 Username and Password not accepted")
	for _, where := range []string{refused.body, b.log.String(), one[string](b, `SELECT json_agg(a)::text FROM activity a`)} {
		require.NotContains(t, where, canary)
	}
	require.Equal(t, before, one[string](b, digest))

	b.exec(`UPDATE email_accounts SET port = 1 WHERE address = $1`, mayas)
	b.send(b.get("/accounts/"+mayas), login).says(http.StatusUnprocessableEntity, "could not log in just now, and nothing was changed", "connection refused")
}

// What a server says is on the page as it is said, and never as what it looks like.
func TestHostileDialogues(t *testing.T) {
	t.Parallel()
	var harmless string
	for _, words := range append([]string{"Claes"}, hostile...) {
		words = strings.NewReplacer("\r", "", "\n", "").Replace(words)
		b := setup(t, 0, "Claes")
		server := (&smtptest.Server{Password: "other", Greeting: "220 " + words, Mechanisms: "PLAIN x" + strings.ReplaceAll(words, " ", ""), Refusal: "535 5.7.8 stored c3RvcmVk " + words}).Start(t)
		b.realLogins(server)
		shown := b.send(b.get("/accounts/"+mayas), "/accounts/"+mayas+"/login")
		require.Equal(t, http.StatusUnprocessableEntity, shown.status)
		if harmless == "" {
			harmless = shape(shown)
		}
		require.Equal(t, harmless, shape(shown), words)
		require.NotContains(t, shown.text(), "\x1b")
		require.NotContains(t, shown.text(), "\u202e")
		require.Contains(t, shown.text(), "(hidden) (hidden)", "the stored password is in no answer, however the server repeats it")
		require.NotContains(t, shown.body, "c3RvcmVk")
	}
}

func TestAnAccountIsAdded(t *testing.T) {
	t.Parallel()
	b := setup(t, 0, "Claes")
	server := (&smtptest.Server{Password: password}).Start(t)
	b.realLogins(server)
	add := func(typed ...string) page {
		return b.send(b.get("/accounts"), "/accounts/add", append([]string{"address", "jan@northwind.example", "host", "127.0.0.1", "port", fmt.Sprint(server.Port()), "tls", "none", "password", canary}, typed...)...)
	}
	add("address", "jan").says(http.StatusUnprocessableEntity, "is not an email address")
	for host, why := range map[string]string{
		"169.254.169.254": "169.254.169.254 is an address for the metadata of a cloud", "fe80::1": "fe80::1 is a link-local address", "0.0.0.0": "0.0.0.0 is the unspecified address",
		"224.0.0.1": "a multicast address", "192.0.2.1": "192.0.2.1 is not this machine: without TLS the password could be read on the way",
	} {
		refused := add("host", host)
		refused.says(http.StatusUnprocessableEntity, why, "Nothing was changed.")
		require.Equal(t, host, refused.fill("/accounts/add").Get("host"), "what was typed is kept")
		require.Empty(t, refused.fill("/accounts/add").Get("password"))
		require.NotContains(t, refused.body, canary)
	}
	require.Equal(t, 2, one[int](b, `SELECT count(*)::int FROM email_accounts`))
	add().says(http.StatusUnprocessableEntity, "it is added, and in error until it is reconnected", "AUTH PLAIN was refused")
	b.send(b.get("/accounts/jan@northwind.example"), "/accounts/jan@northwind.example/reconnect", "host", "127.0.0.2").
		says(http.StatusUnprocessableEntity, "The stored password of jan@northwind.example is not sent to another host")
	add("password", password).says(http.StatusConflict, "jan@northwind.example has been added before")
	b.send(b.get("/accounts/jan@northwind.example"), "/accounts/jan@northwind.example/reconnect", "password", password).says(http.StatusSeeOther, "has logged in and is connected")
	require.NotContains(t, b.log.String(), canary)
	require.NotContains(t, one[string](b, `SELECT json_agg(a)::text FROM activity a`), canary)
}

// Two people: the page of the second is from before, and says so.
func TestARemovalIsAskedForWithItsNumber(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	const page, removal = "/accounts/" + mayas + "/remove", "/accounts/" + mayas + "/removal"
	b.goOn(3) // it has had its only email
	first := b.get(page)
	first.says(http.StatusOK, "2 contacts have an email to come from it", "Remove it and put 2 in error")
	b.exec(`INSERT INTO contacts (first_name, email) VALUES ('New', 'new@contoso.example')`)
	_, err := b.db.Enroll(t.Context(), "q4", nil, "test", false)
	require.NoError(t, err)
	grown := b.send(first, removal)
	grown.says(http.StatusConflict, "More contacts are on their way with maya@northwind.example", "Remove it and put 3 in error")
	done := b.send(grown, removal)
	done.says(http.StatusSeeOther, "maya@northwind.example is removed", "Email accounts")
	again := b.send(first, removal)
	again.says(http.StatusConflict, "have been changed meanwhile (by console,", "has been removed")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM activity WHERE kind = 'removed' AND by = 'console'`))
	b.get("/accounts/"+mayas).says(http.StatusOK, "It has been removed.")
}

func TestTemporalIsAwayIsSaidOnEveryPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	const away = "Temporal does not answer: what you do is saved, and carried out within a minute of its return."
	b.away = true
	require.NotContains(t, b.get("/").text(), away)
	b.send(b.get("/"), "/plan/credits", "credits", "1").says(http.StatusSeeOther, "what you did is saved, and 1 contact goes on within a minute of its return.", away)
	b.get("/accounts").says(http.StatusOK, away)
	b.away = false
	b.exec(`UPDATE plan SET credits = 0`)
	b.exec(`DELETE FROM outbox WHERE kind = 'fix'`)
	b.send(b.get("/"), "/plan/credits", "credits", "1").says(http.StatusSeeOther, "Credits added")
	require.NotContains(t, b.get("/").text(), away)
}

func TestActivityIsShownFilteredAndAsAFile(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.serve(proxied(""))
	lea := []string{"X-Auth-Email", "lea@northwind.example"}
	answer := b.ask(http.MethodPost, "/contacts/2/value", url.Values{"from": {"/"}, "field": {"email"}, "value": {"new@contoso.example"}}, lea...)
	require.Equal(t, http.StatusSeeOther, answer.status)
	b.exec(`INSERT INTO activity (by, kind, thing, subject, count) SELECT '=HYPERLINK("http://evil.example")', 'changed', 'user', '@maya', i FROM generate_series(1, 250) i`)
	b.exec(`UPDATE contacts SET first_name = '+33', last_name = 'x' WHERE id = 2`)
	b.get("/activity?by=lea%40northwind.example", lea...).says(http.StatusOK, "lea@northwind.example", "changed contact 2 (+33 x): email", "Open All about it")
	b.get("/activity?on=contact%3A2", lea...).says(http.StatusOK, "changed contact 2")
	b.get("/activity?on=contact%3A1", lea...).says(http.StatusOK, "Nobody has changed anything that this asks for.")
	b.get("/activity?on=weather", lea...).says(http.StatusOK, `On is "weather"; expected one of email_account`)
	seen := 0
	for path := "/activity?on=user"; path != ""; {
		shown := b.get(path, lea...)
		seen += strings.Count(shown.body, "<tr><td>")
		require.NotContains(t, shown.text(), "new@contoso.example", "an address of a contact is not in it")
		_, rest, more := strings.Cut(shown.body, `<p><a href="/activity?before=`)
		if !more {
			break
		}
		path = "/activity?before=" + strings.ReplaceAll(rest[:strings.Index(rest, `"`)], "&amp;", "&")
	}
	require.Equal(t, 250, seen)
	require.Equal(t, http.StatusForbidden, b.get("/activity.csv").status, "it needs a sign-in")
	file := b.get("/activity.csv", lea...)
	require.Equal(t, http.StatusOK, file.status)
	require.Equal(t, "text/csv; charset=utf-8", file.header.Get("Content-Type"))
	require.Contains(t, file.body, `"'=HYPERLINK(""http://evil.example"")",changed,user,'@maya,,,,250,changed user @maya`)
	require.Contains(t, file.body, "lea@northwind.example,changed,contact,2,'+33 x,,email,0,changed contact 2 (+33 x): email\n")
	require.NotContains(t, file.body, "new@contoso.example")
	require.Equal(t, http.StatusUnprocessableEntity, b.get("/activity.csv?"+url.Values{"on": {"weather"}}.Encode(), lea...).status)
}
