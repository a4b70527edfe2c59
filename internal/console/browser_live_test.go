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

// How long somebody waits goes on while the page is open, and reads as the server says it.
func TestHowLongAgoGoesOnInABrowser(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.park(1, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(1)}})
	for since, shown := range map[string]string{"58 seconds": "1 min", "59 minutes 58 seconds": "1 h", "47 hours 59 minutes 58 seconds": "2 days"} {
		b.exec(`UPDATE enrollments SET parked_at = clock_timestamp() - $1::interval`, since)
		tab := browser.Open(t, browser.Options{})
		tab.Go(b.server.URL + "/")
		tab.Until(`document.querySelector("[data-age]").textContent === "` + shown + `"`)
		tab.Go(b.server.URL + "/")
		require.Equal(t, shown, browser.Ask[string](tab, `document.querySelector("[data-age]").textContent`), "of the server")
	}
}

// In the night in which the clocks are set back, a time that they show twice says which it is.
func TestTimesOfTheNightOfAClockChangeInABrowser(t *testing.T) {
	t.Parallel()
	b := setup(t, 0, "Claes")
	b.exec(`INSERT INTO activity (at, by, kind, thing) SELECT at, 'night', 'changed', 'plan' FROM unnest(ARRAY[
		'2026-10-24 23:59Z', '2026-10-25 00:30Z', '2026-10-25 01:30Z', '2026-10-25 02:00Z', '2026-04-04 14:45Z', '2026-04-04 15:15Z', '2026-03-29 01:30Z']::timestamptz[]) AS at`)
	for zone, shown := range map[string][]string{
		"Europe/Brussels": {
			"Sun, 25 Oct 2026, 01:59", "Sun, 25 Oct 2026, 02:30 GMT+2", "Sun, 25 Oct 2026, 02:30 GMT+1", "Sun, 25 Oct 2026, 03:00",
			"Sat, 4 Apr 2026, 16:45", "Sat, 4 Apr 2026, 17:15", "Sun, 29 Mar 2026, 03:30",
		},
		"Australia/Lord_Howe": { // half an hour
			"Sun, 25 Oct 2026, 10:59", "Sun, 25 Oct 2026, 11:30", "Sun, 25 Oct 2026, 12:30", "Sun, 25 Oct 2026, 13:00",
			"Sun, 5 Apr 2026, 01:45 GMT+11", "Sun, 5 Apr 2026, 01:45 GMT+10:30", "Sun, 29 Mar 2026, 12:30",
		},
	} {
		tab := browser.Open(t, browser.Options{Zone: zone})
		tab.Go(b.server.URL + "/activity?by=night")
		times := browser.Ask[[]string](tab, `[...document.querySelectorAll("td time")].map((node) => node.textContent)`)
		require.ElementsMatch(t, shown, times, zone)
	}
}
