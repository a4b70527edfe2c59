package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A form that comes after the end of its session changes nothing, then or later.
func TestEveryFormRefusesWhoHasNotSignedIn(t *testing.T) {
	t.Parallel()
	w, p, now := asking(t, "/relance")
	signedIn := func(email string) *visitor {
		p.set(func() { p.person["email"] = email })
		other := w.visitor(p)
		require.Equal(t, "/relance/", other.signIn("/relance").leadsTo())
		return other
	}
	expired := signedIn("lea@northwind.example")
	now.pass(time.Hour)
	out := signedIn("lea@northwind.example")
	token := out.session("__Secure-")
	out.ask(http.MethodPost, "/relance/sign-out", url.Values{})
	out.cookies["__Secure-"+sessionCookie] = token
	viewer, lea, forged := signedIn("vic@northwind.example"), signedIn("lea@northwind.example"), w.visitor(p)
	forged.cookies["__Secure-"+sessionCookie] = "' OR true --"
	const digest = `SELECT md5(concat((SELECT json_agg(a) FROM email_accounts a), (SELECT json_agg(c) FROM contacts c), (SELECT json_agg(c) FROM campaigns c),
		(SELECT json_agg(u) FROM users u), (SELECT json_agg(p) FROM plan p), (SELECT json_agg(o) FROM outbox o), (SELECT json_agg(n) FROM notes n)))`
	before := one[string](w.bundle, digest)
	for _, route := range routes {
		path := "/relance" + filled(route.path)
		for name, stranger := range map[string]*visitor{"nobody": w, "expired": expired, "signed out": out, "forged": forged} {
			header := []string{"X-Auth-Email", "lea@northwind.example"} // counts behind a proxy only
			if route.page != nil {
				require.Contains(t, stranger.ask(http.MethodGet, path, nil, header...).leadsTo(), "/relance/sign-in?", "%s on %s", name, path)
				continue
			}
			sent := stranger.ask(http.MethodPost, path, url.Values{"from": {"/contacts/1?a=b"}, "password": {"canary-typed"}}, header...)
			require.Equal(t, "/relance/sign-in?form=lost&next=%2Fcontacts%2F1%3Fa%3Db", sent.leadsTo(), "%s on %s", name, path)
			stranger.get(sent.leadsTo()).says(http.StatusOK, "what you sent was not carried out")
			require.Equal(t, "/relance/sign-in?form=lost&next=%2F", stranger.ask(http.MethodPost, path, url.Values{"from": {"//evil.example"}}).leadsTo())
		}
		if route.page != nil {
			require.Less(t, viewer.get(path).status, 500, path)
			continue
		}
		viewer.ask(http.MethodPost, path, url.Values{"from": {"/"}}).says(http.StatusForbidden, "You may look, and not change", "RELANCE_CONSOLE_OPERATORS")
		for _, other := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			lea.ask(http.MethodPost, path, url.Values{"from": {"/"}}, other...).says(http.StatusForbidden, "sent from another site")
		}
		require.Equal(t, http.StatusMethodNotAllowed, lea.get(path).status, path)
		require.Equal(t, http.StatusMethodNotAllowed, lea.ask(http.MethodPut, path, nil).status, path)
	}
	require.Equal(t, before, one[string](w.bundle, digest), "nothing of this has changed anything")
	w.keepsNoSecret(p, "canary-typed", token)
}

// Without a sign-in, too: another site's form, a GET, and a name that is not this machine's.
func TestEveryFormRefusesOtherSitesWithoutASignIn(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	for _, route := range routes {
		if route.do == nil {
			continue
		}
		path := filled(route.path)
		b.ask(http.MethodPost, path, url.Values{"from": {"/"}}, "Sec-Fetch-Site", "cross-site").says(http.StatusForbidden, "sent from another site")
		b.ask(http.MethodPost, path, url.Values{"from": {"/"}}, "Origin", "https://evil.example").says(http.StatusForbidden, "sent from another site")
		require.Equal(t, http.StatusMethodNotAllowed, b.get(path).status, path)
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://evil.example:8080"+strings.ReplaceAll(path, " ", "%20"), nil)
		recorder := httptest.NewRecorder()
		b.handler.ServeHTTP(recorder, request)
		require.Equal(t, http.StatusMisdirectedRequest, recorder.Code, path)
	}
	require.Equal(t, http.StatusNotFound, b.get("/sign-in").status, "there is none")
}
