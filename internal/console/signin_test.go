package console

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/settings"
)

// asking is a console that asks a provider, and a browser at it.
func asking(t *testing.T, prefix string) (*visitor, *openID, *clock) {
	t.Helper()
	now := newClock()
	b := setup(t, 3, "Claes")
	p := newOpenID(t, now.Now)
	b.serveAt(p.settings(prefix), now.Now)
	return b.visitor(p), p, now
}

func (w *visitor) session(name string) string { return w.cookies[name+sessionCookie] }

func TestSignInWithAProvider(t *testing.T) {
	t.Parallel()
	for prefix, name := range map[string]string{"": "__Host-", "/relance": "__Secure-"} {
		w, p, _ := asking(t, prefix)
		w.accountFailed(3, "535 5.7.8 no")
		wanted := "/cause/EmailAccountInError/email_account:" + mayas
		first := w.get(prefix + wanted + "?after=1.2").leadsTo()
		require.Equal(t, prefix+"/sign-in?next="+url.QueryEscape(wanted+"?after=1.2"), first)
		page := w.get(first)
		page.says(http.StatusOK, "Sign in with "+strings.TrimPrefix(p.server.URL, "http://"))
		require.NotContains(t, page.body, "<form", "the policy lets no form lead to the provider")
		start := page.find(func(n *html.Node) bool { return attr(n, "class") == "button" })
		begun := w.get(attr(start, "href"))
		require.Equal(t, "https://relance.example.com"+prefix+"/sign-in/callback", mustParse(t, begun.leadsTo()).Query().Get("redirect_uri"))
		back := w.provider(begun)
		in := w.get(back)
		require.Equal(t, prefix+wanted+"?after=1.2", in.leadsTo())
		require.Len(t, w.session(name), 43)
		kept := strings.Join(in.header.Values("Set-Cookie"), "\n")
		require.Contains(t, kept, name+"relance_session="+w.session(name)+"; Path="+prefix+"/; HttpOnly; Secure; SameSite=Lax")
		require.Len(t, w.cookies, 1, "what the sign-in began with is forgotten")

		w.get(prefix+"/").says(http.StatusOK, "Lea Claes , lea@northwind.example : operator", "3 contacts are in error")
		w.get(prefix+back[len(prefix):]).says(http.StatusBadRequest, "This sign-in was not begun here")
		action := prefix + "/accounts/" + mayas + "/reconnect"
		require.Equal(t, prefix+"/", w.ask(http.MethodPost, action, w.get(prefix+"/").fill(action, "password", password)).leadsTo())
		require.Equal(t, "lea@northwind.example", one[string](w.bundle, `SELECT by FROM outbox WHERE cause LIKE 'email_account:%'`), "it is kept who did it")

		old := w.session(name)
		require.Equal(t, http.StatusMethodNotAllowed, w.get(prefix+"/sign-out").status)
		require.Equal(t, http.StatusForbidden, w.ask(http.MethodPost, prefix+"/sign-out", nil, "Sec-Fetch-Site", "cross-site").status)
		out := w.ask(http.MethodPost, prefix+"/sign-out", url.Values{})
		require.Equal(t, prefix+"/signed-out", out.leadsTo())
		require.Equal(t, `"cache"`, out.header.Get("Clear-Site-Data"))
		require.Empty(t, w.session(name))
		gone := w.get(prefix + "/signed-out")
		gone.says(http.StatusOK, "You have signed out", "too")
		sheet := gone.find(func(n *html.Node) bool { return strings.HasSuffix(attr(n, "href"), "/signed-out/forget.css") })
		require.Equal(t, `"cache"`, w.get(attr(sheet, "href")).header.Get("Clear-Site-Data"), "Back shows nothing")
		link := gone.find(func(n *html.Node) bool { return strings.Contains(attr(n, "href"), "/logout") })
		require.Equal(t, p.server.URL+"/logout?"+url.Values{"a": {"b"}, "client_id": {"relance"}, "post_logout_redirect_uri": {"https://relance.example.com" + prefix + "/sign-in"}}.Encode(), attr(link, "href"))
		w.cookies[name+sessionCookie] = old
		require.Contains(t, w.get(prefix+"/").leadsTo(), prefix+"/sign-in", "a token is worth nothing after the sign-out")
	}
}

// Whatever a provider, or who sits between, gets wrong: nobody is signed in.
func TestWhatAProviderSaysHasToHold(t *testing.T) {
	t.Parallel()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	lie := func(name string, value any) func(*openID) {
		return func(p *openID) { p.lie = func(claims map[string]any) { claims[name] = value } }
	}
	const noHold = "does not hold"
	for name, test := range map[string]struct {
		with func(*openID)
		says string
	}{
		"wrong nonce":              {lie("nonce", "another"), noHold},
		"no nonce":                 {lie("nonce", nil), noHold},
		"wrong audience":           {lie("aud", "another"), noHold},
		"another's, and ours":      {lie("aud", []string{"another", "relance"}), noHold},
		"another authorized party": {lie("azp", "another"), noHold},
		"wrong issuer":             {lie("iss", "https://evil.example"), noHold},
		"expired":                  {lie("exp", newClock().Now().Add(-time.Second).Unix()), noHold},
		"another key":              {func(p *openID) { p.sign = other }, noHold},
		"another access token":     {lie("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), noHold},
		"userinfo of another": {func(p *openID) {
			delete(p.person, "email")
			p.info = map[string]any{"sub": "1", "email": "lea@northwind.example"}
		}, noHold},
		"unverified":              {lie("email_verified", false), "does not say that lea@northwind.example is yours"},
		"unverified, as a text":   {lie("email_verified", "false"), "does not say that lea@northwind.example is yours"},
		"not said to be verified": {func(p *openID) { delete(p.person, "email_verified"); p.info = map[string]any{"sub": "4711"} }, "is yours"},
		"no address":              {func(p *openID) { delete(p.person, "email"); p.info = map[string]any{"sub": "4711"} }, "does not say your address"},
		"no address at all":       {lie("email", "lea northwind"), "an address that is none"},
		"of another domain":       {lie("email", "lea@northwind.example.evil.example"), "lea@northwind.example.evil.example is not among those who may. RELANCE_CONSOLE_ALLOWED"},
		"of two domains":          {lie("email", "lea@evil.example@northwind.example"), "is not among those who may"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, _ := asking(t, "")
			p.set(func() { test.with(p) })
			w.signIn("").says(http.StatusForbidden, test.says)
			w.nobodyIsIn(p)
		})
	}
}

func (w *visitor) nobodyIsIn(p *openID) {
	w.t.Helper()
	require.Empty(w.t, w.cookies)
	require.Zero(w.t, one[int](w.bundle, `SELECT count(*)::int FROM console_sessions`))
	w.keepsNoSecret(p)
}

// keepsNoSecret looks for everything that was handed out, in the log and in every table.
func (w *visitor) keepsNoSecret(p *openID, more ...string) {
	w.t.Helper()
	dump := one[string](w.bundle, `SELECT string_agg(query_to_xml(format('SELECT * FROM %I', tablename), true, false, '')::text, '') FROM pg_tables WHERE schemaname = 'public'`)
	require.Contains(w.t, dump, mayas, "the dump has what there is")
	require.NotEmpty(w.t, w.log.String())
	for _, secret := range append(p.secrets, more...) {
		require.NotContains(w.t, dump, secret)
		require.NotContains(w.t, w.log.String(), secret)
	}
}

func TestACodeCountsOnceAndWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	w, p, _ := asking(t, "")
	start := w.get("/sign-in/start")
	begun := w.cookies["__Host-"+signInCookie]
	back := w.provider(start)

	w.visitor(p).get(back).says(http.StatusBadRequest, "This sign-in was not begun here")
	other := w.visitor(p)
	other.get("/sign-in/start")
	other.get(back).says(http.StatusBadRequest, "This sign-in was not begun here")
	other.nobodyIsIn(p)

	var value map[string]string
	read, err := base64.RawURLEncoding.DecodeString(begun)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(read, &value))
	value["Verifier"] = strings.Repeat("x", 43)
	forged, err := json.Marshal(value)
	require.NoError(t, err)
	w.cookies["__Host-"+signInCookie] = base64.RawURLEncoding.EncodeToString(forged)
	w.get(back).says(http.StatusForbidden, "does not hold")
	require.Contains(t, w.log.String(), "invalid_grant", "PKCE: who has the code and not the verifier")
	w.nobodyIsIn(p)

	back = w.provider(w.get("/sign-in/start"))
	begun = w.cookies["__Host-"+signInCookie]
	require.Equal(t, "/", w.get(back).leadsTo())
	thief := w.visitor(p)
	thief.cookies["__Host-"+signInCookie] = begun
	thief.get(back).says(http.StatusForbidden, "does not hold")
	require.Empty(t, thief.cookies)

	for _, answer := range []string{"error=access_denied&error_description=%3Cb%3Eno%3C/b%3E", "code=x&iss=https://evil.example"} {
		w := w.visitor(p)
		state := mustParse(t, w.get("/sign-in/start").leadsTo()).Query().Get("state")
		refused := w.get("/sign-in/callback?" + answer + "&state=" + state)
		require.Equal(t, http.StatusForbidden, refused.status)
		require.NotContains(t, refused.body, "<b>")
		require.Empty(t, w.cookies)
	}
	for _, value := range []string{"", "e30", "bm9uc2Vuc2U", "%", strings.Repeat("A", 3000)} {
		w := w.visitor(p)
		w.cookies["__Host-"+signInCookie] = value
		w.get("/sign-in/callback?code=x&state=").says(http.StatusBadRequest, "This sign-in was not begun here")
	}
}

// A session begins with the sign-in: what a browser had before is worth nothing.
func TestNobodyCanFixASession(t *testing.T) {
	t.Parallel()
	evil, p, _ := asking(t, "")
	p.set(func() { p.person["email"] = "vic@northwind.example" })
	require.Equal(t, "/", evil.signIn("").leadsTo())
	planted := evil.session("__Host-")
	p.set(func() { p.person["email"] = "lea@northwind.example" })
	for _, token := range []string{planted, strings.Repeat("A", 43)} {
		victim := evil.visitor(p)
		victim.cookies["__Host-"+sessionCookie] = token
		require.Equal(t, "/", victim.signIn("").leadsTo())
		require.NotEqual(t, token, victim.session("__Host-"))
		victim.get("/").says(http.StatusOK, "lea@northwind.example : operator")
		attacker := evil.visitor(p)
		attacker.cookies["__Host-"+sessionCookie] = token
		require.Contains(t, attacker.get("/").leadsTo(), "/sign-in", "the planted token is not the victim's, and no longer the attacker's")
	}
	require.Equal(t, 2, one[int](evil.bundle, `SELECT count(*)::int FROM console_sessions`))
	evil.keepsNoSecret(p, planted)
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	w, p, now := asking(t, "")
	require.Equal(t, "/", w.signIn("").leadsTo())
	token := w.session("__Host-")
	w.keepsNoSecret(p, token)
	for range 13 { // used every 55 minutes it lives for twelve hours
		now.pass(55 * time.Minute)
		require.Equal(t, http.StatusOK, w.get("/").status)
	}
	now.pass(4 * time.Minute)
	require.Equal(t, http.StatusOK, w.get("/").status)
	now.pass(time.Minute)
	require.Contains(t, w.get("/").leadsTo(), "/sign-in", "the absolute limit")

	require.Equal(t, "/", w.signIn("").leadsTo())
	require.Equal(t, 1, one[int](w.bundle, `SELECT count(*)::int FROM console_sessions`), "what has expired is removed")
	now.pass(30 * time.Minute)
	seen := one[time.Time](w.bundle, `SELECT seen_at FROM console_sessions`)
	w.ask(http.MethodGet, "/", nil, "Accept", "text/event-stream")
	require.Equal(t, seen, one[time.Time](w.bundle, `SELECT seen_at FROM console_sessions`), "a page that watches is no use")
	now.pass(30 * time.Minute)
	require.Equal(t, http.StatusUnauthorized, w.ask(http.MethodGet, "/", nil, "Accept", "text/event-stream").status)
	require.Contains(t, w.get("/").leadsTo(), "/sign-in", "the idle limit")
}

// Another console, or a restart with other settings, knows the same session.
func TestWhoMayNoLongerIsOutAtOnce(t *testing.T) {
	t.Parallel()
	w, p, now := asking(t, "")
	p.set(func() { p.person["groups"] = []string{"all", "Sales Team", "support"} })
	with := p.settings("")
	with.Operators, with.OIDC.Groups, with.OIDC.OperatorGroups = nil, []string{"Sales Team"}, []string{"support"}
	w.serveAt(with, now.Now)
	require.Equal(t, "/", w.signIn("").leadsTo())
	w.get("/").says(http.StatusOK, "lea@northwind.example : operator")
	require.NotContains(t, one[string](w.bundle, `SELECT data::text FROM console_sessions`), `"all"`, "what means nothing here is not kept")
	with.OIDC.OperatorGroups = nil
	w.serveAt(with, now.Now)
	w.get("/").says(http.StatusOK, "lea@northwind.example : viewer")
	with.OIDC.Groups = []string{"Sales"}
	w.serveAt(with, now.Now)
	require.Contains(t, w.get("/").leadsTo(), "/sign-in")
	w.signIn("").says(http.StatusForbidden, "You may not come in", "RELANCE_CONSOLE_ALLOWED names their domains and addresses, RELANCE_CONSOLE_GROUPS their groups; both have to fit.")
}

func TestProvidersDiffer(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]func(*openID){
		"verified as a text":         func(p *openID) { p.person["email_verified"] = "true" },
		"the secret in the form":     func(p *openID) { p.inBody = true },
		"the address in userinfo":    func(p *openID) { p.info = p.person; p.person = map[string]any{"sub": "4711"} },
		"several audiences, and azp": func(p *openID) { p.person["aud"], p.person["azp"] = []string{"relance", "api"}, "relance" },
	} {
		w, p, _ := asking(t, "")
		p.set(func() { with(p) })
		require.Equal(t, "/", w.signIn("").leadsTo(), name)
		w.get("/").says(http.StatusOK, "lea@northwind.example : operator")
	}
}

// Names and words of a provider are words from outside, like all others.
func TestHostileWordsOfAProviderChangeNoShape(t *testing.T) {
	t.Parallel()
	w, p, _ := asking(t, "")
	pages := func(words string) (shapes []string) {
		w := w.visitor(p)
		p.set(func() { p.person["name"] = words })
		state := mustParse(t, w.get("/sign-in/start").leadsTo()).Query().Get("state")
		refused := w.get("/sign-in/callback?" + url.Values{"state": {state}, "error": {words}, "error_description": {words}}.Encode())
		require.Equal(t, "/", w.signIn("").leadsTo())
		for _, shown := range []page{refused, w.get("/"), w.ask(http.MethodPost, "/sign-out", url.Values{}), w.get("/sign-in?next=" + url.QueryEscape(words))} {
			require.NotContains(t, shown.text(), "\x1b")
			require.NotContains(t, shown.text(), "\u202e")
			shapes = append(shapes, shape(shown))
		}
		return shapes
	}
	harmless := pages("Lea Claes")
	for _, words := range hostile {
		require.Equal(t, harmless, pages(words), words)
	}
}

func TestAProviderThatIsAway(t *testing.T) {
	t.Parallel()
	w, p, _ := asking(t, "")
	p.set(func() { p.away = true })
	w.get("/sign-in").says(http.StatusOK, "Sign in with")
	away := w.get("/sign-in/start?next=/uncertain")
	away.says(http.StatusServiceUnavailable, "Nobody can sign in just now", p.server.URL, "Try again")
	require.Equal(t, "10", away.header.Get("Retry-After"))
	require.NotContains(t, away.body, "canary")
	p.set(func() { p.away = false })
	require.Equal(t, "/", w.signIn("").leadsTo(), "it is asked again")
	p.set(func() { p.away = true })
	require.Equal(t, http.StatusOK, w.get("/").status, "who is signed in stays so")
	w.keepsNoSecret(p)

	p.set(func() { p.away = false })
	late := w.visitor(p)
	back := late.provider(late.get("/sign-in/start"))
	p.server.Close()
	late.get(back).says(http.StatusServiceUnavailable, "Nobody can sign in just now")
}

func TestASignInLeadsToThisConsoleOnly(t *testing.T) {
	t.Parallel()
	w, p, _ := asking(t, "")
	for next, to := range map[string]string{
		"/uncertain?after=1.2": "/uncertain?after=1.2", "//evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/", "https://evil.example": "/", "/%09/evil.example": "/%09/evil.example",
		"javascript:alert(1)": "/", "/\t/evil.example": "/", "evil": "/", "": "/", "/" + strings.Repeat("a", 5000): "/", "/..//evil.example": "/evil.example",
	} {
		w.cookies = map[string]string{}
		start := w.get("/sign-in/start?" + url.Values{"next": {next}}.Encode())
		require.Equal(t, to, w.get(w.provider(start)).leadsTo(), next)
		require.Equal(t, to, w.get("/sign-in?"+url.Values{"next": {next}}.Encode()).leadsTo(), next)
	}
	require.Equal(t, "select_account", mustParse(t, w.get("/sign-in/start?account=other").leadsTo()).Query().Get("prompt"))
	require.NotEmpty(t, p.asked.Get("nonce"))
}

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

func TestADatabaseThatIsAwaySignsNobodyOut(t *testing.T) {
	t.Parallel()
	w, p, _ := asking(t, "")
	require.Equal(t, "/", w.signIn("").leadsTo())
	w.exec(`ALTER TABLE console_sessions RENAME TO away`)
	w.get("/").says(http.StatusServiceUnavailable, "The database does not answer")
	w.ask(http.MethodPost, "/sign-out", url.Values{}).says(http.StatusServiceUnavailable, "The database does not answer")
	require.NotEmpty(t, w.session("__Host-"))
	w.visitor(p).signIn("").says(http.StatusServiceUnavailable, "The database does not answer")
	w.exec(`ALTER TABLE away RENAME TO console_sessions`)
	w.get("/").says(http.StatusOK, "lea@northwind.example : operator")
}

func TestWhoWatchesIsAskedAgain(t *testing.T) {
	t.Parallel()
	w, p, now := asking(t, "")
	require.Equal(t, "/", w.signIn("").leadsTo())
	c, err := New(Options{Operator: w.op, Settings: p.settings(""), Listen: "127.0.0.1:0", Now: now.Now})
	require.NoError(t, err)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/events", nil)
	request.AddCookie(&http.Cookie{Name: "__Host-" + sessionCookie, Value: w.session("__Host-")})
	is := func(want bool) {
		t.Helper()
		still, err := c.stillSignedIn(request)
		require.NoError(t, err)
		require.Equal(t, want, still)
	}
	now.pass(59 * time.Minute)
	is(true)
	now.pass(time.Minute)
	is(false)
	for with, want := range map[*settings.Console]bool{{SignIn: settings.SignInNone}: true, ptr(proxied("")): false} {
		c, err := New(Options{Settings: *with, Listen: "127.0.0.1:0"})
		require.NoError(t, err)
		still, err := c.stillSignedIn(request)
		require.NoError(t, err)
		require.Equal(t, want, still)
	}
}

func ptr[T any](value T) *T { return &value }

func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	address, err := url.Parse(text)
	require.NoError(t, err)
	return address
}
