package console

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func TestAMailboxIsReconnectedInItsRow(t *testing.T) {
	t.Parallel()
	const action = "/accounts/" + "maya@northwind.example" + "/reconnect"
	b := setup(t, 4, "Claes")
	b.accountFailed(3, "535 5.7.8 Username and Password not accepted")
	first := b.get("/")
	first.says(http.StatusOK, "3 contacts are in error, for 1 reason", "maya@northwind.example is in error", "535 5.7.8 Username and Password not accepted",
		"Reconnect and let 3 go on", "No login")

	wrong := b.send(first, action, "password", "canary-0815", "host", "smtp.other.example")
	wrong.says(http.StatusUnprocessableEntity, "could not log in with these settings, which are not kept", "535 5.7.8 no Claes")
	require.NotContains(t, wrong.body, "canary-0815", "a password is never shown again")
	require.Equal(t, "smtp.other.example", wrong.fill(action).Get("host"), "what else was typed is kept")
	require.NotContains(t, b.log.String(), "canary-0815")

	before := len(b.logins)
	stored := b.send(first, action, "host", "evil.example")
	stored.says(http.StatusUnprocessableEntity, "The stored password of maya@northwind.example is not sent to another host; give the password again.")
	require.Len(t, b.logins, before, "the stored password is sent to nobody")

	done := b.send(first, action, "password", password)
	done.says(http.StatusSeeOther, "maya@northwind.example has logged in and is connected. 3 contacts go on.", "maya@northwind.example is connected again")
	require.Equal(t, 1, b.woken)
	require.Equal(t, "console", one[string](b, `SELECT by FROM outbox WHERE kind = 'fix' AND cause = 'email_account:maya@northwind.example'`))
	require.NotContains(t, b.get("/").text(), "has logged in", "a sentence is said once")

	again := b.send(first, action, "password", password)
	again.says(http.StatusConflict, "The settings of maya@northwind.example have been changed meanwhile (by console,", "Nothing was changed by you")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'fix' AND cause = 'email_account:maya@northwind.example'`), "a second click makes no second fix")
	for id := range int64(3) {
		b.goOn(id + 1)
	}
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.get("/").says(http.StatusOK, "Nobody is in error", "4 contacts are on their way")
}

// While Temporal is away, the fix of one contact is no progress of those who lack something else.
func TestAFixOfAContactStandsInItsRow(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.park(1, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(1)}})
	b.park(2, failure.Problem{Code: failure.EmailAlreadyBounced, Causes: []failure.Cause{failure.ContactEmail(2)}})
	b.exec(`INSERT INTO outbox (kind, cause, signalled, total) VALUES ('fix', 'contact:1/email', 0, 1)`)
	page := b.get("/").text()
	require.Equal(t, 1, strings.Count(page, "Going on: 0 of 1 signalled"), page)
}

func TestEachRepairHasItsForm(t *testing.T) {
	t.Parallel()
	b := setup(t, 8, "Claes")
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 4`)
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	b.park(2, failure.Problem{Code: failure.OwnerHasNoSendingAddress, Causes: []failure.Cause{failure.CampaignSender("q4")}})
	b.park(3, failure.Problem{Code: failure.OwnerHasNoPhone, Causes: []failure.Cause{failure.OwnerPhone("maya")}})
	b.park(4, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(4)}})
	b.park(5, failure.Problem{Code: failure.MessageCannotBeRendered, Variable: "company", Detail: "company is missing", Causes: []failure.Cause{failure.ContactFields(5), failure.CampaignSteps("q4")}})
	b.park(6, failure.Problem{Code: failure.EmailAccountDisconnected, Detail: "gone@northwind.example", Causes: []failure.Cause{failure.EmailAccount("gone@northwind.example"), failure.CampaignSender("q4")}})
	shown := b.get("/")
	shown.says(http.StatusOK, "6 contacts are in error, for 6 reasons", "The account is on a credit plan", "has no phone number", "1 contact without an email address")

	for _, test := range []struct {
		action, field, bad, sentence, good, said string
		stale                                    bool
	}{
		{"/plan/credits", "credits", "many", `"many" is not a number of credits`, "20", "Credits added: the plan has 20. 1 contact goes on.", true},
		{"/users/maya/phone", "phone", "tomorrow", "tomorrow", "+32475000001", "The phone number of maya is saved. 1 contact goes on.", true},
		{"/campaigns/q4/sender", "sender", "nobody@northwind.example", "There is no email account nobody@northwind.example.", "tom@northwind.example", "q4 now sends with tom@northwind.example. 2 contacts go on.", true},
		{"/contacts/4/value", "value", "edsger@", "edsger@", "edsger@path.example", "Email address is saved. 1 contact goes on.", true},
		{"/contacts/5/value", "value", " ", "Nothing was typed: Company is still missing.", "Contoso", "Company is saved. 1 contact goes on.", true},
	} {
		refused := b.send(shown, test.action, test.field, test.bad)
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusNotFound}, refused.status, test.action)
		require.Contains(t, refused.text(), test.sentence)
		if test.field != "sender" {
			require.Equal(t, test.bad, refused.fill(test.action).Get(test.field), "what was typed is kept")
		}
		b.send(shown, test.action, test.field, test.good).says(http.StatusSeeOther, test.said)
		b.send(shown, test.action, test.field, test.good).says(http.StatusConflict, "This has been fixed meanwhile (by console,")
	}
	require.Equal(t, int64(20), one[int64](b, `SELECT credits FROM plan`), "a double click adds credits once")
	require.Equal(t, "Contoso", one[string](b, `SELECT company FROM contacts WHERE id = 5`))
}

func TestThoseWithTheSameWordsTryAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 5, "Claes")
	full := func(id int64, words string) { b.park(id, failure.Problem{Code: failure.SendingFailed, Detail: words}) }
	full(1, "452 4.2.2 mailbox of c1@contoso.example is full, id 7781")
	full(2, "452 4.2.2 mailbox of c2@contoso.example is full, id 9")
	full(3, "451 4.7.1 Greylisted")
	shown := b.get("/")
	shown.says(http.StatusOK, "Resume 2 contacts", "Resume 1 contact", "452 4.2.2 mailbox of c1@contoso.example is full, id 7781")
	b.send(shown, "/resume").says(http.StatusSeeOther, "They try again. 2 contacts go on.") // the first form: the largest group
	require.Equal(t, []int64{1, 2}, one[[]int64](b, `SELECT contacts FROM outbox WHERE kind = 'resume'`))
	b.send(shown, "/resume").says(http.StatusConflict, "This has been answered meanwhile (by console,")
	b.goOn(1)
	b.goOn(2)
	b.send(shown, "/resume").says(http.StatusConflict, "Nobody is in error with these words any more")
}

func TestUncertainDeliveriesAreAnsweredOneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	for id := range int64(2) {
		b.park(id+1, failure.Problem{Code: failure.DeliveryUncertain, Detail: "the connection was closed"})
		b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date)
			VALUES ($1, 'intro', 1, 'email', 'uncertain', $2, 'c@contoso.example', 'Quick question', '<m1@northwind.example>', now())`, id+1, mayas)
	}
	b.get("/").says(http.StatusOK, "2 contacts with an uncertain delivery", "Answer them one by one")
	first := b.get("/uncertain")
	first.says(http.StatusOK, "1 of 2", "goes on with step 2 (wait-2)", "C1 Claes", "Quick question", "rfc822msgid:m1@northwind.example")
	b.send(first, "/uncertain/answer", "answer", "perhaps").says(http.StatusUnprocessableEntity, "Say whether the message was sent.")
	second := b.send(first, "/uncertain/answer", "answer", "sent", "note", "seen it")
	second.says(http.StatusSeeOther, "Kept: it was sent, and is not sent again. 1 contact goes on.", "C2 Claes")
	require.Equal(t, string(campaign.AssumeSent), one[string](b, `SELECT assume FROM outbox WHERE kind = 'resume'`))
	b.send(first, "/uncertain/answer", "answer", "not-sent").says(http.StatusConflict, "This has been answered meanwhile")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'resume'`))
	b.send(second, "/uncertain/answer", "answer", "not-sent").says(http.StatusSeeOther, "Kept: it was not sent, and is sent now.", "These were all")
}

func TestFirstRunSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	b := setup(t, 0, "Claes")
	b.get("/").says(http.StatusOK, "Nobody is in error", "starter enroll CAMPAIGN --all")
	b.exec(`DELETE FROM campaigns`)
	b.get("/").says(http.StatusOK, "There is no campaign yet", "starter apply -f workspace.yaml")
}
