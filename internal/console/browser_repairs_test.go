package console

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/lab/browser"
)

// A person in a sales team repairs everything by clicking, wherever.
func TestEveryErrorIsRepairedInABrowser(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]browser.Options{"a wide window": {}, "a phone": {Look: phone}, "a phone without script": {Look: phone, NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, errors := busy(t)
			tab := browser.Open(t, with)
			require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/"))
			require.Contains(t, tab.Text(), fmt.Sprintf("%d contacts are in error, for %d reasons", len(contactsOf(errors)), len(errors)))
			for _, e := range errors {
				code := string(e.problem.Code)
				require.False(t, one[bool](b, `SELECT coalesce((`+e.fact+`), false)`), code)
				e.repair(tab)
				require.Contains(t, tab.Text(), e.said, code)
				require.True(t, one[bool](b, `SELECT coalesce((`+e.fact+`), false)`), code)
				for _, id := range e.contacts {
					b.goOn(id)
				}
			}
			require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/"))
			require.Contains(t, tab.Text(), "Nobody is in error")
			require.Equal(t, len(errors), tab.Posts())
			b.settled(tab)
			require.Equal(t, len(errors), one[int](b, `SELECT count(*)::int FROM outbox WHERE by = 'console'`), "one request for each repair")
		})
	}
}

func TestADoubleClickMakesOneFix(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	tab := browser.Open(t, browser.Options{})
	for _, form := range []struct{ id, field, text string }{{formID("credits"), "credits", "20"}, {formID("account", mayas), "password", inbox.Password}} {
		require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/"))
		tab.Type(form.id+" [name="+form.field+"]", form.text)
		status := tab.Load(func() { tab.DoubleClick(form.id + " button") })
		require.Contains(t, []int{http.StatusOK, http.StatusConflict}, status, tab.Text())
	}
	b.settled(tab)
	require.Equal(t, 20, one[int](b, `SELECT credits::int FROM plan`))
	require.Equal(t, 2, one[int](b, `SELECT count(*)::int FROM outbox WHERE by = 'console'`))
	require.Equal(t, 2, one[int](b, `SELECT count(*)::int FROM outbox WHERE by = 'console' AND kind = 'fix'`))
}

func TestBackAndReloadSendNothingAgain(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	tab := browser.Open(t, browser.Options{})
	credits := formID("credits")
	tab.Go(b.server.URL + "/uncertain")
	tab.Go(b.server.URL + "/")
	tab.Type(credits+" [name=credits]", "20")
	require.Equal(t, http.StatusOK, press(tab, credits))
	require.Equal(t, http.StatusOK, tab.Reload())
	require.NotContains(t, tab.Text(), "Credits added", "a sentence is said once")
	require.Equal(t, http.StatusOK, tab.Back())
	require.Equal(t, http.StatusOK, tab.Reload())
	require.Equal(t, 1, tab.Posts())

	require.Equal(t, 20, one[int](b, `SELECT credits::int FROM plan`))
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE by = 'console'`))
}

// Two people repair the same at the same moment; the mail server answers neither
// before both have asked.
func TestTwoBrowsersFixAtOnce(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	lea, tom := browser.Open(t, browser.Options{}), browser.Open(t, browser.Options{})
	b.realMail(2)
	form := formID("account", mayas)
	for _, tab := range []*browser.Tab{lea, tom} {
		tab.Go(b.server.URL + "/")
		tab.Click(form + " details:first-of-type > summary")
		tab.Type(form+" [name=username]", "maya")
		tab.Type(form+" [name=password]", inbox.Password)
	}
	statuses := []int{0, 0}
	statuses[1] = tom.Load(func() {
		statuses[0] = lea.Load(func() {
			lea.Click(form + " button")
			tom.Click(form + " button")
		})
	})
	second := tom
	if statuses[0] == http.StatusConflict {
		second = lea
	}
	require.ElementsMatch(t, []int{http.StatusOK, http.StatusConflict}, statuses)
	require.Contains(t, second.Text(), "The settings of maya@northwind.example have been changed meanwhile (by console,")
	require.Contains(t, second.Text(), "maya@northwind.example is connected again", "the state as it is now")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'fix' AND cause = 'email_account:' || $1`, mayas))
	require.Equal(t, http.StatusConflict, second.Reload(), "sent again, and refused again")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'fix' AND cause = 'email_account:' || $1`, mayas))
}

// What somebody has typed outlives a refusal, but for the password.
func TestWhatWasTypedIsKept(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	tab := browser.Open(t, browser.Options{Look: phone})
	form := formID("account", mayas)
	tab.Go(b.server.URL + "/")
	tab.Click(form + " details:first-of-type > summary")
	tab.Type(form+" [name=username]", "maya.claes")
	tab.Type(form+" [name=password]", "wrong")
	require.Equal(t, http.StatusUnprocessableEntity, press(tab, form))
	require.Contains(t, tab.Text(), "could not log in with these settings, which are not kept")
	require.Equal(t, "maya.claes", browser.Ask[string](tab, `document.querySelector("`+form+` [name=username]").value`))
	require.Empty(t, browser.Ask[string](tab, `document.querySelector("`+form+` [name=password]").value`))
	require.Empty(t, tab.Axe())
	require.Empty(t, tab.Overflow())
	tab.Type(form+" [name=password]", inbox.Password)
	require.Equal(t, http.StatusOK, press(tab, form))
	require.Contains(t, tab.Text(), "has logged in and is connected. 2 contacts go on.")
}
