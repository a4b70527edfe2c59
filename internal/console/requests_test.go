package console

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestThePaceIsBesideTheButton(t *testing.T) {
	t.Parallel()
	const action = "/accounts/" + mayas + "/reconnect"
	b := setup(t, 5, "Claes")
	b.accountFailed(3, "535 5.7.8 no")
	b.park(4, failure.Problem{Code: failure.SendingFailed, Detail: "451 4.7.1 Greylisted"})
	shown := b.get("/")
	for _, test := range []struct{ action, pace string }{{action, "fast"}, {action, "0"}, {action, "-3"}, {action, "10/s"}, {"/resume", "1e9"}} {
		refused := b.send(shown, test.action, "password", password, "pace", test.pace)
		refused.says(http.StatusUnprocessableEntity, fmt.Sprintf("%q is not a number of contacts a minute; expected something like 300, or nothing for no limit.", test.pace))
		require.Equal(t, test.pace, refused.fill(test.action).Get("pace"), "what was typed is kept")
	}
	require.Empty(t, b.logins)
	require.Zero(t, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind <> 'enroll'`), "nothing was changed")

	answer := b.ask(http.MethodPost, action, shown.fill(action, "password", password, "pace", "1,200"))
	id := one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix' AND rate = 20`)
	require.Equal(t, fmt.Sprintf("/#request-%d", id), answer.header.Get("Location"))
	after := b.get("/")
	after.says(http.StatusOK, "Going on: 0 of 3 signalled", "at most 1200 a minute")
	require.NotNil(t, after.byID(fmt.Sprintf("request-%d", id)), "the redirect leads to it")
	b.get("/cause/EmailAccountInError/email_account:"+mayas).says(http.StatusOK, "Going on now", "0 of 3 signalled")

	b.send(shown, "/resume", "pace", "0.5")
	require.InDelta(t, 0.5/60, one[float64](b, `SELECT rate FROM outbox WHERE kind = 'resume'`), 1e-9)
	b.get("/").says(http.StatusOK, "at most 30 an hour")
}

func TestARequestIsSlowedDownAndStopped(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	for id := range int64(2) {
		b.park(id+1, failure.Problem{Code: failure.SendingFailed, Detail: "451 4.7.1 Greylisted"})
	}
	b.accountFailed(0, "535")
	b.park(3, failure.Problem{Code: failure.EmailAccountInError, Causes: []failure.Cause{failure.EmailAccount(mayas)}})
	b.send(b.get("/"), "/resume", "pace", "60")
	b.send(b.get("/"), "/accounts/"+mayas+"/reconnect", "password", password)
	resume, fix := one[int64](b, `SELECT id FROM outbox WHERE kind = 'resume'`), one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix'`)
	path := func(id int64, more string) string { return fmt.Sprintf("/requests/%d%s", id, more) }

	b.get("/requests").says(http.StatusOK, "Under way", "Try again: 2 contacts in q4 with “Sending failed”", mayas+" is connected", "Start contacts in q4")
	shown := b.get(path(resume, ""))
	shown.says(http.StatusOK, "by console", "0 of 2 signalled", "at most 60 a minute", "starter background "+fmt.Sprint(resume))
	refused := b.send(shown, path(resume, "/pace"), "pace", "slowly")
	refused.says(http.StatusUnprocessableEntity, `"slowly" is not a number of contacts a minute`)
	require.Equal(t, "slowly", refused.fill(path(resume, "/pace")).Get("pace"))
	b.send(shown, path(resume, "/pace"), "pace", "30").says(http.StatusSeeOther, "It goes on at most 30 a minute.", "at most 30 a minute")
	b.send(b.get("/"), path(resume, "/pace"), "pace", "").says(http.StatusSeeOther, "It goes on without a limit.", "In error")
	require.Zero(t, one[float64](b, `SELECT rate FROM outbox WHERE id = $1`, resume))

	b.get(path(fix, "")).says(http.StatusOK, "It can be slowed down and not stopped")
	b.ask(http.MethodPost, path(fix, "/stop"), map[string][]string{"from": {path(fix, "")}}).says(http.StatusConflict, "and none may miss it: it can be slowed down, not stopped.")

	b.exec(`UPDATE outbox SET signalled = 1 WHERE id = $1`, resume)
	b.send(shown, path(resume, "/stop")).says(http.StatusSeeOther, "Stopped: 1 contact signalled, 1 not.", "Under way")
	b.send(shown, path(resume, "/stop")).says(http.StatusNotFound, "in the background (any more)")
	b.send(shown, path(resume, "/pace"), "pace", "5").says(http.StatusNotFound, "in the background (any more)")
	b.get(path(resume, "")).says(http.StatusNotFound, "There is no request")
	for _, none := range []string{"/requests/0", "/requests/x", "/requests/99999999999999999999", "/requests/-1"} {
		b.get(none).says(http.StatusNotFound, "There is no")
	}
}

// Who stops a request a moment too late learns that it has finished, and not that there is none.
func TestWhatHasFinishedSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.park(1, failure.Problem{Code: failure.SendingFailed, Detail: "451 4.7.1 Greylisted"})
	b.send(b.get("/"), "/resume", "pace", "60")
	id := one[int64](b, `SELECT id FROM outbox WHERE kind = 'resume'`)
	path := fmt.Sprintf("/requests/%d", id)
	shown := b.get(path)
	b.exec(`UPDATE outbox SET signalled = 1, done_at = now() WHERE id = $1`, id)
	for _, action := range []string{"/stop", "/pace"} {
		late := b.send(shown, path+action)
		late.says(http.StatusConflict, fmt.Sprintf("Number %d has finished already: there is nothing left of it to stop or to slow down.", id), "1 contact was signalled")
	}
	require.Equal(t, 0, one[int](b, `SELECT count(*)::int FROM activity WHERE subject = $1`, fmt.Sprint(id)))
}

func TestWhatHasBecomeOfThemIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.accountFailed(3, "535")
	b.exec(`UPDATE enrollments SET park_id = 2`)
	b.send(b.get("/"), "/accounts/"+mayas+"/reconnect", "password", password)
	fix := one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix'`)
	b.exec(`INSERT INTO ended_workflows (enrollment_id, how) VALUES (3, 'terminated')`)
	b.goOn(1)
	b.goOn(2)
	b.exec(`UPDATE outbox SET signalled = 3, done_at = now() WHERE id = $1`, fix)
	b.exec(`UPDATE enrollments SET status = 'Active', step_id = 'intro', step_index = 0 WHERE id = 2`)
	b.accountFailed(0, "535 again")
	b.park(2, failure.Problem{Code: failure.EmailAccountInError, Causes: []failure.Cause{failure.EmailAccount(mayas)}})
	shown := b.get(fmt.Sprintf("/requests/%d", fix))
	shown.says(http.StatusOK, "3 contacts were signalled", "2 contacts have gone on", "1 contact cannot go on: its workflow was", "1 contact is in error again since: ")
	b.get("/campaigns/q4").says(http.StatusOK, "1 of them has no workflow any more")
	require.Contains(t, shown.body, `href="/cause/EmailAccountInError/email_account:`+mayas)
	require.NotContains(t, shown.body, `/pace"`, "what is done has no pace")
	require.NotContains(t, shown.text(), "no longer in error")
	b.exec(`UPDATE outbox SET signalled = 2 WHERE id = $1`, fix)
	b.get(fmt.Sprintf("/requests/%d", fix)).says(http.StatusOK, "2 of 3 signalled", "2 contacts were signalled", "1 contact was no longer in error for this before that")
	enroll := one[int64](b, `SELECT id FROM outbox WHERE kind = 'enroll'`)
	b.get(fmt.Sprintf("/requests/%d", enroll)).says(http.StatusOK, "2 contacts in error", "1 contact on the way", "1 contact waiting")
}

func TestRequestsThatAreDoneArePaged(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.exec(`INSERT INTO outbox (kind, cause, by, done_at) SELECT 'fix', 'contact:' || i || '/email', 'lea', now() FROM generate_series(1, 60) AS i`)
	first := b.get("/requests")
	first.says(http.StatusOK, "Nothing is under way", "The address of contact 60 is new", "The address of contact 11 is new", "Next")
	require.NotContains(t, first.text(), "contact 10 is new")
	second := b.get(fmt.Sprintf("/requests?before=%d", one[int64](b, `SELECT id FROM outbox WHERE cause = 'contact:11/email'`)))
	second.says(http.StatusOK, "contact 10 is new", "contact 1 is new", "Start contacts in q4", "To the first ones")
	require.NotContains(t, second.text(), "Under way")
	b.get("/requests?before=nonsense").says(http.StatusOK, "The address of contact 60 is new")
}

func TestTheKeysAreListed(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	shown := b.get("/keys")
	shown.says(http.StatusOK, "next row, previous row", "Esc")
	for _, path := range []string{"/", "/requests", "/keys", "/nowhere"} {
		page := b.get(path)
		require.Contains(t, page.body, `href="/keys"`, path)
		require.Contains(t, page.text(), "Times are in UTC.", path)
	}
}
