package console

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/lab/browser"
)

// The policy lets forms lead to this console only, and a browser holds it to that: on
// the way to the provider, back from it, and at the sign-out.
func TestABrowserSignsInAndOut(t *testing.T) {
	t.Parallel()
	for _, noScript := range []bool{false, true} {
		b := setup(t, 3, "Claes")
		b.accountFailed(3, "535 5.7.8 no")
		p := newOpenID(t, time.Now)
		server := httptest.NewUnstartedServer(nil)
		address := "http://" + server.Listener.Addr().String()
		with := p.settings("")
		with.URL = mustParse(t, address)
		c, err := New(Options{Operator: b.op, Settings: with, Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(b.log, nil))})
		require.NoError(t, err)
		server.Config.Handler = c.Handler()
		server.Start()
		t.Cleanup(server.Close)

		tab := browser.Open(t, browser.Options{NoScript: noScript, Look: browser.Look{Width: 320}})
		signIn := func() {
			t.Helper()
			require.Equal(t, http.StatusOK, tab.Load(func() { tab.Click("main a.button") }))
			for _, what := range tab.Trouble() {
				if strings.Contains(what, "/events?") && strings.Contains(what, "401") {
					continue // the page's stream, when its session was over
				}
				require.Contains(t, what, "a request leaves the site: "+p.server.URL+"/authorize", "to the provider, and nowhere else")
			}
		}
		require.Equal(t, http.StatusOK, tab.Go(address+"/uncertain"))
		require.Contains(t, tab.Text(), "Sign in with")
		require.Empty(t, tab.Axe())
		signIn()
		require.Contains(t, tab.Text(), "lea@northwind.example: operator")
		require.True(t, strings.HasSuffix(browser.Ask[string](tab, `location.href`), "/uncertain"))
		require.Empty(t, tab.Axe())

		require.Equal(t, http.StatusOK, tab.Go(address+"/"))
		b.exec(`DELETE FROM console_sessions`)
		tab.Type("input[name=password]", password)
		require.Equal(t, http.StatusOK, tab.Load(func() { tab.Key("\r") }))
		require.Contains(t, tab.Text(), "what you sent was not carried out")
		require.Empty(t, b.logins)
		signIn()
		require.Contains(t, tab.Text(), "3 contacts are in error")
		require.Equal(t, "", browser.Ask[string](tab, `document.querySelector("input[name=password]").value`))

		require.Equal(t, http.StatusOK, tab.Load(func() { tab.Click("form[action='/sign-out'] button") }))
		require.Contains(t, tab.Text(), "You have signed out")
		require.Empty(t, tab.Axe())
		tab.Back()
		require.NotContains(t, tab.Text(), "contacts are in error", "what was seen is forgotten")
	}
}
