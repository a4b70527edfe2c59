package console

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"relance/internal/settings"
)

const clientSecret = "canary-client-secret/+ 0815"

// openID is an OpenID provider with one client, this console, and one person, who says
// yes to everything. What it hands out is checked as the standards ask.
type openID struct {
	t      *testing.T
	server *httptest.Server
	key    *ecdsa.PrivateKey
	now    func() time.Time

	mutex sync.Mutex
	// person are the claims of who is there, info what only userinfo says.
	person, info map[string]any
	// lie changes the claims of an ID token before it is signed, sign with which key.
	lie  func(claims map[string]any)
	sign *ecdsa.PrivateKey
	// away lets every request fail.
	away bool
	// inBody is true for a provider that takes the client's secret in the form only.
	inBody bool
	codes  map[string]url.Values
	// secrets is everything that it has handed out, and that nobody may keep.
	secrets []string
	// asked is the last request for a sign-in.
	asked url.Values
}

func newOpenID(t *testing.T, now func() time.Time) *openID {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &openID{t: t, key: key, sign: key, now: now, codes: map[string]url.Values{}, secrets: []string{clientSecret, url.QueryEscape(clientSecret)},
		person: map[string]any{"sub": "4711", "email": "Lea@northwind.example", "email_verified": true, "name": "Lea Claes"}}
	keys := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.ES256}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	mux.Handle("GET /keys", keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if p.away {
			http.Error(w, "canary-words-of-a-broken-provider", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	keys.SetIssuer(p.server.URL)
	return p
}

func (p *openID) describe(w http.ResponseWriter, _ *http.Request) {
	method := "client_secret_basic"
	if p.inBody {
		method = "client_secret_post"
	}
	sendJSON(w, http.StatusOK, map[string]any{
		"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize", "token_endpoint": p.server.URL + "/token", "jwks_uri": p.server.URL + "/keys",
		"userinfo_endpoint": p.server.URL + "/userinfo", "end_session_endpoint": p.server.URL + "/logout?a=b", "id_token_signing_alg_values_supported": []string{"ES256"},
		"token_endpoint_auth_methods_supported": []string{method},
	})
}

func (p *openID) authorize(w http.ResponseWriter, r *http.Request) {
	p.asked = r.URL.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": "relance", "code_challenge_method": "S256", "scope": "openid email profile"} {
		if p.asked.Get(name) != want {
			http.Error(w, name, http.StatusBadRequest)
			return
		}
	}
	code := rand.Text()
	p.codes[code] = p.asked
	p.secrets = append(p.secrets, code)
	http.Redirect(w, r, p.asked.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {p.asked.Get("state")}}.Encode(), http.StatusFound)
}

func (p *openID) token(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	id, _ = url.QueryUnescape(id) // RFC 6749 §2.3.1
	secret, _ = url.QueryUnescape(secret)
	if p.inBody {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	verifier := r.PostFormValue("code_verifier")
	asked, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code")) // a code is for one try
	p.secrets = append(p.secrets, verifier)
	switch {
	case id != "relance" || secret != clientSecret || basic == p.inBody:
		sendJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	case !known, r.PostFormValue("redirect_uri") != asked.Get("redirect_uri"), oauth2.S256ChallengeFromVerifier(verifier) != asked.Get("code_challenge"):
		sendJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
	default:
		claims := map[string]any{"iss": p.server.URL, "aud": "relance", "nonce": asked.Get("nonce"), "iat": p.now().Unix(), "exp": p.now().Add(5 * time.Minute).Unix()}
		maps.Copy(claims, p.person)
		if p.lie != nil {
			p.lie(claims)
		}
		text, _ := json.Marshal(claims)
		access, idToken := "access-"+rand.Text(), oidctest.SignIDToken(p.sign, "k", oidc.ES256, string(text))
		p.secrets = append(p.secrets, access, "refresh-"+access, idToken, strings.Split(idToken, ".")[1])
		sendJSON(w, http.StatusOK, map[string]any{"access_token": access, "refresh_token": "refresh-" + access, "token_type": "Bearer", "id_token": idToken})
	}
}

func (p *openID) userinfo(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer access-") {
		sendJSON(w, http.StatusUnauthorized, nil)
		return
	}
	sendJSON(w, http.StatusOK, p.info)
}

func sendJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// set changes the provider between two requests.
func (p *openID) set(change func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	change()
}

// settings are those of a console that asks this provider.
func (p *openID) settings(prefix string) settings.Console {
	return settings.Console{
		SignIn: settings.SignInOIDC, URL: &url.URL{Scheme: "https", Host: "relance.example.com", Path: prefix}, Operators: []string{"lea@northwind.example"},
		OIDC: settings.OIDC{Issuer: p.server.URL, ClientID: "relance", ClientSecret: clientSecret, Scopes: []string{"openid", "email", "profile"},
			GroupsClaim: "groups", VerifiedClaim: "email_verified", Allowed: []string{"northwind.example"}},
		Idle: settings.DefaultIdle, Session: settings.DefaultSession,
	}
}

// visitor keeps cookies, as a browser does.
type visitor struct {
	*bundle
	at      *openID
	cookies map[string]string
}

func (b *bundle) visitor(at *openID) *visitor { return &visitor{b, at, map[string]string{}} }

// ask sends a request to the console, and follows nothing.
func (w *visitor) ask(method, path string, form url.Values, header ...string) page {
	w.t.Helper()
	for name, value := range w.cookies {
		header = append(header, "Cookie", name+"="+value)
	}
	got := w.bundle.ask(method, path, form, header...)
	for _, line := range got.header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		require.NoError(w.t, err)
		if w.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(w.cookies, cookie.Name)
		}
	}
	return got
}

func (w *visitor) get(path string) page { w.t.Helper(); return w.ask(http.MethodGet, path, nil) }

// leadsTo is the path that an answer leads to.
func (p page) leadsTo() string {
	p.t.Helper()
	require.Equal(p.t, http.StatusSeeOther, p.status, p.text())
	return p.header.Get("Location")
}

// provider asks the provider what a sign-in asks it, and returns the path of the
// console to which it sends people back.
func (w *visitor) provider(start page) string {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, start.leadsTo(), nil)
	require.NoError(w.t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	require.Equal(w.t, http.StatusFound, response.StatusCode)
	back := response.Header.Get("Location")
	require.True(w.t, strings.HasPrefix(back, "https://relance.example.com/"), back)
	return strings.TrimPrefix(back, "https://relance.example.com")
}

// signIn signs in, and returns the answer to the way back.
func (w *visitor) signIn(prefix string) page {
	w.t.Helper()
	return w.get(w.provider(w.get(prefix + "/sign-in/start")))
}

// clock is a time that a test sets.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}
