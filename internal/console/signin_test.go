package console

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
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
		require.Regexp(t, `^`+prefix+`/#request-\d+$`, w.ask(http.MethodPost, action, w.get(prefix+"/").fill(action, "password", password)).leadsTo())
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
	dump := one[string](w.bundle, `SELECT string_agg(query_to_xml(format('SELECT to_jsonb(t) FROM %I t', tablename), true, false, '')::text, '') FROM pg_tables WHERE schemaname = 'public'`)
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
		"javascript:alert(1)": "/", "/\t/evil.example": "/", "evil": "/", "": "/", "/" + strings.Repeat("a", 5000): "/", "/..//evil.example": "/",
	} {
		w.cookies = map[string]string{}
		start := w.get("/sign-in/start?" + url.Values{"next": {next}}.Encode())
		require.Equal(t, to, w.get(w.provider(start)).leadsTo(), next)
		require.Equal(t, to, w.get("/sign-in?"+url.Values{"next": {next}}.Encode()).leadsTo(), next)
	}
	require.Equal(t, "select_account", mustParse(t, w.get("/sign-in/start?account=other").leadsTo()).Query().Get("prompt"))
	require.NotEmpty(t, p.asked.Get("nonce"))
}

func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	address, err := url.Parse(text)
	require.NoError(t, err)
	return address
}
