package console

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

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

// Of a form that nobody has signed in for only the beginning is kept in memory, and still it
// leads back to its page.
func TestALargeFormOfNobodyIsNotRead(t *testing.T) {
	t.Parallel()
	w, _, _ := asking(t, "")
	large := strings.Repeat("x", 1<<20)
	const path, to = "/contacts/file/keep", "/sign-in?form=lost&next=%2Fcontacts%3Fq%3Db"
	urlencoded := []string{"Content-Type", "application/x-www-form-urlencoded"}
	require.Equal(t, to, w.raw(http.MethodPost, path, "form=file&from=%2Fcontacts%3Fq%3Db&values="+large, urlencoded...).header.Get("Location"))
	require.Equal(t, "/sign-in?form=lost&next=%2F", w.raw(http.MethodPost, path, "values="+large+"&from=%2Fcontacts%3Fq%3Db", urlencoded...).header.Get("Location"))
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	require.NoError(t, parts.WriteField("form", "file"))
	require.NoError(t, parts.WriteField("from", "/contacts?q=b"))
	file, err := parts.CreateFormFile("file", "x.csv")
	require.NoError(t, err)
	_, err = file.Write([]byte(large))
	require.NoError(t, err)
	require.NoError(t, parts.Close())
	require.Equal(t, to, w.raw(http.MethodPost, "/contacts/file", body.String(), "Content-Type", parts.FormDataContentType()).header.Get("Location"))
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
