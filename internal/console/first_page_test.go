package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

// The first page is about those in error: what was begun is not in front of them, what
// goes on is, and of what was repaired the latest few.
func TestTheFirstPageBeginsWithTheRepairs(t *testing.T) {
	t.Parallel()
	b := setup(t, 6, "Claes")
	b.exec(`UPDATE outbox SET signalled = 6, done_at = now()`)
	b.accountFailed(3, "535 5.7.8 no")
	shown := b.get("/")
	require.NotContains(t, shown.text(), "Start", "contacts that have begun are no repair")
	require.NotContains(t, shown.text(), "Going on now")

	b.send(shown, "/accounts/"+mayas+"/reconnect", "password", password)
	fix := one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix'`)
	b.get("/").says(http.StatusOK, "Going on now maya@northwind.example is connected")
	for id := 1; id <= 3; id++ {
		b.goOn(int64(id))
	}
	b.exec(`UPDATE outbox SET signalled = 3, done_at = now() WHERE id = $1`, fix)
	shown = b.get("/")
	shown.says(http.StatusOK, "Done in the last minutes maya@northwind.example is connected", "3 of 3 signalled 3 gone on")
	require.NotContains(t, shown.text(), "Going on now")
	require.NotNil(t, shown.byID(fmt.Sprintf("request-%d", fix)), "the redirect of the repair leads to it")
	b.exec(`INSERT INTO outbox (kind, cause, signalled, total, done_at) SELECT 'fix', 'contact:' || i || '/email', 1, 1, now() FROM generate_series(1, 9) i`)
	require.Equal(t, finishedShown, strings.Count(b.get("/").body, `id="request-`))
}

// A pace is asked for where there is more than one contact to pace.
func TestOneContactNeedsNoPace(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	shown := b.get("/")
	require.False(t, shown.fill("/plan/credits").Has("pace"))
	shown.says(http.StatusOK, "See the 1 contact")
	b.send(shown, "/plan/credits", "credits", "5", "pace", "fast").says(http.StatusUnprocessableEntity, `"fast" is not a number of contacts a minute`)
	b.park(2, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	shown = b.get("/")
	require.True(t, shown.fill("/plan/credits").Has("pace"))
	shown.says(http.StatusOK, "See the 2 contacts")
}

// A wrong password leaves the other settings folded; other settings that were typed stay
// in sight.
func TestOtherSettingsOpenForThoseWhoTypeThem(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.accountFailed(1, "535 5.7.8 no")
	const reconnect = "/accounts/" + mayas + "/reconnect"
	shown := b.get("/")
	wrong := b.send(shown, reconnect, "password", "wrong")
	wrong.says(http.StatusUnprocessableEntity, "could not log in with these settings")
	require.NotContains(t, wrong.body, "<details open>")
	b.send(shown, reconnect, "password", "wrong", "host", "smtp.other.example").says(http.StatusUnprocessableEntity)
	require.Contains(t, b.send(shown, reconnect, "password", "wrong", "host", "smtp.other.example").body, "<details open>")
}

func TestTheNavigationSaysWhereOneIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ from, part, want string }{
		{"/", "", "page"}, {"/?after=3", "", "page"}, {"/cause/SendingFailed/operator", "", "true"}, {"/cause/SendingFailed/operator", "campaigns", ""},
		{"/campaigns", "campaigns", "page"}, {"/campaigns?after=q4", "campaigns", "page"}, {"/campaigns/q4/contacts?state=InError", "campaigns", "true"},
		{"/campaigns", "", ""}, {"/contacts/4", "campaigns", ""}, {"/keys", "", ""}, {"/keys", "contacts", ""},
	} {
		require.Equal(t, test.want, here(&frame{From: test.from}, test.part), test)
	}
	b := setup(t, 1, "Claes")
	require.Equal(t, 1, strings.Count(b.get("/").body, "aria-current"))
	require.Contains(t, b.get("/campaigns/q4").body, `href="/campaigns" aria-current="true"`)
}

func TestWaitsAreInWords(t *testing.T) {
	t.Parallel()
	for wait, want := range map[string]string{"3d": "3 days", "3bd": "3 sending days", "1bd": "1 sending day", "1d": "1 day", "12h": "12 hours", "90m": "90 minutes", "1s": "1 second", "": "", "soon": "soon"} {
		require.Equal(t, want, waitText(wait))
	}
}
