package console

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/settings"
)

// filled is the path of a route with something in its places.
func filled(path string) string {
	return strings.NewReplacer("{$}", "", "{code}", "ContactHasNoEmail", "{cause...}", "contact", "{id}", "1", "{address}", mayas, "{key}", "q4").Replace(path)
}

func proxied(prefix string) settings.Console {
	return settings.Console{
		SignIn: settings.SignInProxy, URL: &url.URL{Scheme: "https", Host: "relance.example.com", Path: prefix}, ProxyHeader: "X-Auth-Email",
		ProxyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Operators: []string{"lea@northwind.example"},
	}
}

// A route that is added gets these refusals, or this fails.
func TestEveryFormRefusesViewersOtherSitesAndGETs(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.serve(proxied(""))
	const digest = `SELECT md5(concat((SELECT json_agg(a) FROM email_accounts a), (SELECT json_agg(c) FROM contacts c), (SELECT json_agg(c) FROM campaigns c),
		(SELECT json_agg(u) FROM users u), (SELECT json_agg(p) FROM plan p), (SELECT json_agg(o) FROM outbox o), (SELECT json_agg(n) FROM notes n), (SELECT json_agg(a) FROM activity a),
		(SELECT json_agg(s) FROM suppressions s), (SELECT json_agg(b) FROM bounces b), (SELECT json_agg(i) FROM inbound i), (SELECT json_agg(h) FROM contact_holds h)))`
	b.heard("Claes")
	before := one[string](b, digest)
	forms := 0
	for _, route := range routes {
		path := filled(route.path)
		require.True(t, (route.page == nil) != (route.do == nil && route.check == nil), "%s is a page or a form", path)
		if route.page != nil {
			require.Equal(t, viewer, route.role, path)
			require.Equal(t, http.StatusForbidden, b.get(path).status, "%s needs a sign-in", path)
			shown := b.get(path, "X-Auth-Email", "vic@northwind.example")
			require.Less(t, shown.status, 500, path)
			require.NotContains(t, shown.body, `method="post"`, "a viewer gets no forms on %s", path)
			continue
		}
		forms++
		require.Equal(t, changer, route.role, path)
		post := func(header ...string) page {
			return b.ask(http.MethodPost, path, url.Values{"from": {"/"}}, header...)
		}
		post().says(http.StatusForbidden, "You have not signed in")
		post("X-Auth-Email", "vic@northwind.example").says(http.StatusForbidden, "You may look, and not change")
		post("X-Auth-Email", "lea@northwind.example", "X-Auth-Email", "vic@northwind.example").says(http.StatusForbidden, "You have not signed in")
		for _, other := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			post(append(other, "X-Auth-Email", "lea@northwind.example")...).says(http.StatusForbidden, "sent from another site", "RELANCE_CONSOLE_URL")
		}
		require.Equal(t, http.StatusMethodNotAllowed, b.get(path, "X-Auth-Email", "lea@northwind.example").status, path)
		require.Equal(t, http.StatusMethodNotAllowed, b.ask(http.MethodPut, path, nil, "X-Auth-Email", "lea@northwind.example").status, path)
		big := b.ask(http.MethodPost, path, url.Values{"note": {strings.Repeat("x", int(route.size()))}}, "X-Auth-Email", "lea@northwind.example")
		big.says(http.StatusRequestEntityTooLarge, "is too large Nothing was changed.")
	}
	require.Equal(t, 32, forms)
	require.Equal(t, before, one[string](b, digest), "nothing of this has changed anything")
	for _, route := range routes {
		if route.page == nil {
			ours := b.ask(http.MethodPost, filled(route.path), url.Values{"from": {"/"}}, "X-Auth-Email", "Lea@northwind.example", "Origin", "https://relance.example.com")
			require.NotEqual(t, http.StatusForbidden, ours.status, "the public origin is ours, whatever host the proxy sends: %s", route.path)
		}
	}
}

func TestTheProxysPeerDecides(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	with := proxied("")
	with.ProxyNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	b.serve(with)
	b.get("/", "X-Auth-Email", "lea@northwind.example", "X-Forwarded-For", "10.1.2.3").says(http.StatusForbidden, "You have not signed in")
	for peer, status := range map[string]int{"10.1.2.3:999": 200, "[::ffff:10.1.2.3]:999": 200, "11.1.2.3:999": 403, "[::1]:999": 403, "": 403} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.RemoteAddr = peer
		request.Header.Set("X-Auth-Email", "lea@northwind.example")
		recorder := httptest.NewRecorder()
		b.handler.ServeHTTP(recorder, request)
		require.Equal(t, status, recorder.Code, peer)
	}
}

func TestUnderAPrefixEverythingLeadsThere(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	b.accountFailed(2, "535 5.7.8 no")
	b.heard("Claes")
	b.serve(proxied("/relance"))
	lea := []string{"X-Auth-Email", "lea@northwind.example"}
	for _, path := range []string{"/relance/", "/relance/cause/EmailAccountInError/email_account:" + mayas, "/relance/contacts/1", "/relance/uncertain",
		"/relance/campaigns", "/relance/campaigns/q4", "/relance/campaigns/q4/contacts", "/relance/campaigns/q4/texts",
		"/relance/replies", "/relance/replies/1", "/relance/suppression", "/relance/suppression/remove?target=claes.example", "/relance/bounces", "/relance/campaigns/q4/move",
		"/relance/requests", "/relance/requests/1", "/relance/keys", "/relance/accounts", "/relance/activity", "/relance/contacts"} {
		shown := b.get(path, lea...)
		require.Equal(t, http.StatusOK, shown.status, path)
		for _, at := range []string{`href="/`, `action="/`, `src="/`} {
			for _, rest := range strings.Split(shown.body, at)[1:] {
				require.True(t, strings.HasPrefix(rest, "relance/"), "%s%.30s on %s", at, rest, path)
			}
		}
	}
	b.exec(`UPDATE email_accounts SET imap = NULL`) // its host is words of somebody's
	action := "/relance/accounts/" + mayas + "/reconnect"
	response := b.ask(http.MethodPost, action, b.get("/relance/", lea...).fill(action, "password", password), lea...)
	require.Equal(t, http.StatusSeeOther, response.status, response.body)
	require.Regexp(t, "^/relance/#request-[0-9]+$", response.header.Get("Location"))
	require.Contains(t, response.header.Get("Set-Cookie"), "Path=/relance/; Max-Age=60; HttpOnly; Secure; SameSite=Strict")
	require.Equal(t, "lea@northwind.example", one[string](b, `SELECT by FROM outbox WHERE cause LIKE 'email_account:%'`), "it is kept who did it")
}

// An address has one way to be written, and others lead there: under the prefix, also when a
// proxy has taken that away, and escaped as before.
func TestAnAddressWrittenOtherwiseLeadsUnderThePrefix(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	const cause = "/cause/EmailAccountInError/email_account:a%2F%2Fb%40c%25?after=1.2&x=%2F"
	for _, prefix := range []string{"", "/relance", "/tools/relance"} {
		b.serve(proxied(prefix))
		for asked, to := range map[string]string{
			prefix + "//contacts": "/contacts", "//contacts?q=a%20b": "/contacts?q=a%20b", prefix + "/contacts/../accounts": "/accounts", prefix + "/./": "/",
			prefix + "/" + cause: cause, "/" + cause: cause, "//evil.example/..": "/", prefix + "///evil.example": "/evil.example", prefix + `//\evil.example`: "/%5Cevil.example",
			prefix + "//events": "/events", "//api/v1/contacts/1": "/api/v1/contacts/1", prefix + "/api/v1//contacts/1": "/api/v1/contacts/1", prefix + "//": "/",
		} {
			answer := b.get(asked, "X-Auth-Email", "lea@northwind.example")
			require.Equal(t, http.StatusTemporaryRedirect, answer.status, asked)
			require.Equal(t, prefix+to, answer.header.Get("Location"), asked)
		}
		for _, path := range []string{"/", "/contacts", "/cause/EmailAccountInError/a%2F%2Fb", "/healthz"} {
			require.Equal(t, http.StatusOK, b.get(prefix+path, "X-Auth-Email", "lea@northwind.example").status, "%s%s", prefix, path)
			require.Equal(t, http.StatusOK, b.get(path, "X-Auth-Email", "lea@northwind.example").status, "%s without %s", path, prefix)
		}
		if prefix != "" {
			require.Equal(t, prefix+"/", b.get(prefix, "X-Auth-Email", "lea@northwind.example").header.Get("Location"))
		}
	}
}

func TestNoSignInIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":8080", "0.0.0.0:8080", "192.168.1.2:8080", "[::]:8080", "console.example:80", "nonsense"} {
		_, err := New(Options{Settings: settings.Console{SignIn: settings.SignInNone}, Listen: listen})
		require.ErrorContains(t, err, "a console without a sign-in listens on a loopback address only, not on "+listen)
	}
	for _, listen := range []string{"127.0.0.1:8080", "[::1]:8080", "localhost:0"} {
		_, err := New(Options{Settings: settings.Console{SignIn: settings.SignInNone}, Listen: listen})
		require.NoError(t, err)
	}
	b := setup(t, 0, "Claes")
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://evil.example:8080/", nil)
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	require.Equal(t, http.StatusMisdirectedRequest, recorder.Code, "a name of another site that leads here is that site")
}

func TestTheHeadersAndTheStyleSheet(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	for _, path := range []string{"/", "/uncertain", "/nowhere", "/contacts/99999999999999999999", "/contacts/0", "/static/console.css", "/cause/Nonsense/x"} {
		shown := b.get(path)
		require.Equal(t, "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "+
			"require-trusted-types-for 'script'; trusted-types 'none'", shown.header.Get("Content-Security-Policy"), path)
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			require.Equal(t, value, shown.header.Get(name), "%s of %s", name, path)
		}
		if path != "/" && path != "/uncertain" {
			require.Equal(t, http.StatusNotFound, shown.status, path)
		}
		require.LessOrEqual(t, strings.Count(shown.body, "<script"), 1)
		if path != "/static/console.css" {
			require.Contains(t, shown.body, `<script type="module" src="`+newAsset("console.js").path+`"></script>`)
		}
		require.NotContains(t, shown.body, " style=")
	}
	sheet := b.get(newAsset("console.css").path)
	require.Equal(t, http.StatusOK, sheet.status)
	require.NotContains(t, sheet.body, "url(", "nothing is loaded from elsewhere")
	require.NotContains(t, sheet.body, "@import")
	require.Equal(t, "public, max-age=31536000, immutable", sheet.header.Get("Cache-Control"))
}

func TestAFormReturnsToThisConsoleOnly(t *testing.T) {
	t.Parallel()
	for text, to := range map[string]string{
		"/": "/", "/contacts/3": "/contacts/3", "/uncertain?after=1.2": "/uncertain?after=1.2",
		"": "/", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example/": "/", "javascript:alert(1)": "/", "contacts": "/",
	} {
		require.Equal(t, to, returnTo(text).String(), text)
	}
}

func TestAChangeThatTheDatabaseDoesNotTakeIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	shown := b.get("/")
	b.exec(`ALTER TABLE outbox RENAME TO away`)
	b.get("/").says(http.StatusServiceUnavailable, "This cannot be shown just now")
	refused := b.send(shown, "/plan/credits", "credits", "5")
	require.Equal(t, http.StatusServiceUnavailable, refused.status)
	require.NotContains(t, refused.text(), "relation", "what the database says is for the log")
	require.Contains(t, b.log.String(), "relation")
}
