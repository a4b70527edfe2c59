package console

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/failure"
	"relance/internal/lab/browser"
)

// Numbers move on the page that is open, and nothing else does.
func TestNumbersMoveInABrowser(t *testing.T) {
	t.Parallel()
	b := setup(t, 5, "Claes")
	tab := browser.Open(t, browser.Options{})
	b.realMail(0)
	b.console.live.every = often
	b.accountFailed(3, "535 5.7.8 no")
	require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/"))
	b.park(4, failure.Problem{Code: failure.EmailAccountInError, Detail: "535", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}})
	tab.Until(`document.querySelector("h1").textContent === "4 contacts are in error, for 1 reason"`)
	tab.Until(`document.body.innerText.includes("Reconnect and let 4 go on")`)

	form := formID("account", mayas)
	tab.Type(form+" [name=password]", inbox.Password)
	require.Equal(t, http.StatusOK, press(tab, form))
	id := strconv.FormatInt(one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix' AND done_at IS NULL`), 10)
	for contact := range int64(4) {
		b.goOn(contact + 1)
		b.exec(`UPDATE outbox SET signalled = signalled + 1 WHERE id = $1`, id)
	}
	tab.Until(`document.querySelector("#request-` + id + `").innerText.includes("4 of 4")`)
	require.Equal(t, 1, tab.Posts())
}

// A page that is hidden holds no stream open, and asks again when it is looked at.
func TestAHiddenTabCatchesUpInABrowser(t *testing.T) {
	t.Parallel()
	b := setup(t, 5, "Claes")
	tab := browser.Open(t, browser.Options{})
	b.console.live.every = often
	b.accountFailed(1, "535 5.7.8 no")
	tab.Go(b.server.URL + "/")
	other := tab.Another()
	other.Go(b.server.URL + "/")
	require.True(t, browser.Ask[bool](tab, `document.hidden`))
	b.park(2, failure.Problem{Code: failure.EmailAccountInError, Detail: "535", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}})
	other.Until(`document.querySelector("h1").textContent.startsWith("2 contacts")`)
	require.True(t, browser.Ask[bool](tab, `document.querySelector("h1").textContent.startsWith("1 contact ")`))
	tab.Front()
	tab.Until(`document.querySelector("h1").textContent.startsWith("2 contacts")`)
}

// Keys move between rows, into the field and to other pages; in a field they are letters.
func TestKeysInABrowser(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	tab := browser.Open(t, browser.Options{Zone: "Asia/Tokyo"})
	tab.Go(b.server.URL + "/")
	require.Contains(t, tab.Text(), "Times are in Asia/Tokyo.")
	row := func() string {
		return browser.Ask[string](tab, `document.activeElement.closest("article")?.querySelector("h2").innerText ?? document.activeElement.outerHTML.slice(0, 200)`)
	}
	tab.Key("j")
	require.Contains(t, row(), mayas)
	tab.Key("j")
	require.Equal(t, "Sending failed", row())
	tab.Key("k")
	tab.Key("f")
	require.Equal(t, "password", browser.Ask[string](tab, `document.activeElement.name`))
	tab.Key("gu?")
	require.Equal(t, "gu?", browser.Ask[string](tab, `document.activeElement.value`))
	tab.Key(kb.Escape)
	require.Equal(t, http.StatusOK, tab.Load(func() { tab.Key("gu") }))
	require.Equal(t, "/uncertain", browser.Ask[string](tab, `location.pathname`))
	require.Equal(t, http.StatusOK, tab.Load(func() { tab.Key("?") }))
	require.Equal(t, "/keys", browser.Ask[string](tab, `location.pathname`))
}
