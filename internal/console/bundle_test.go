package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/failure"
	"relance/internal/lab/browser"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/operator"
	"relance/internal/reconcile"
	"relance/internal/settings"
	"relance/internal/store"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	browser.Stop()
	os.Exit(code)
}

const (
	mayas    = "maya@northwind.example"
	password = "correct horse"
)

var key = []byte("0123456789abcdef0123456789abcdef")

// bundle is a console over a database of its own, a Temporal that remembers that it was
// asked, and a mail server that knows one password.
type bundle struct {
	t       testing.TB
	db      *store.Store
	pool    *pgxpool.Pool
	op      *operator.Operator
	console *Console
	handler http.Handler
	// server is where the pages are asked for, logins what was sent to the mail server.
	server *httptest.Server
	mu     sync.Mutex // of the next two
	logins []campaign.EmailAccount
	woken  int
	away   bool
	log    *strings.Builder
	// logIn, when set, stands in for the mail server.
	logIn func(context.Context, campaign.EmailAccount) error
	// env are further variables, until the settings are read.
	env map[string]string
}

func migrate(url string) error {
	db, err := store.Open(context.Background(), url, key)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(context.Background())
	return err
}

type temporal struct {
	reconcile.Temporal
	of *bundle
}

func (t temporal) TriggerWake(context.Context) error {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	if t.of.away {
		return errors.New("it does not answer")
	}
	t.of.woken++
	return nil
}

func (temporal) StartEnrolling(context.Context, string, int) error { return nil }
func (temporal) Prepare(context.Context) ([]string, error)         { return nil, nil }
func (temporal) Close()                                            {}

// setup is a campaign q4 of maya, with enrolled contacts; the words stand where people
// write: names, subjects, keys of fields.
func setup(t testing.TB, contacts int, words string) *bundle {
	t.Helper()
	address := pgtest.NewFrom(t, "migrated", migrate)
	b := &bundle{t: t, log: &strings.Builder{}, env: map[string]string{}}
	env := map[string]string{"DATABASE_URL": address, "RELANCE_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "TEMPORAL_NAMESPACE": "default"}
	b.op = operator.New(operator.Options{
		LookupEnv: func(name string) (string, bool) {
			if value, ok := b.env[name]; ok {
				return value, true
			}
			value, ok := env[name]
			return value, ok
		},
		DialTemporal: func(context.Context, settings.Lookup) (operator.Temporal, error) { return temporal{of: b}, nil },
		LogIn: func(ctx context.Context, account campaign.EmailAccount) error {
			if b.logIn != nil {
				return b.logIn(ctx, account)
			}
			b.mu.Lock()
			b.logins = append(b.logins, account)
			b.mu.Unlock()
			if account.SMTP.Password != password {
				return &smtp.Refused{Reply: reply.Reply{Phase: reply.Auth, Code: 535, Enhanced: "5.7.8", Text: "5.7.8 no " + words}}
			}
			return nil
		},
	})
	t.Cleanup(b.op.Close)
	var err error
	b.db, err = store.Open(t.Context(), address, key)
	require.NoError(t, err)
	t.Cleanup(b.db.Close)
	b.pool, err = pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(b.pool.Close)
	b.exec(`INSERT INTO users (key, name) VALUES ('maya', 'Maya ' || $1)`, words)
	for _, address := range []string{mayas, "tom@northwind.example"} {
		_, err := b.db.ConnectAccount(t.Context(), campaign.EmailAccount{Address: address, Name: words, SMTP: campaign.SMTP{
			Host: "smtp.northwind.example", Port: 587, TLS: campaign.TLSStartTLS, Username: address, Password: "stored",
		}}, "test")
		require.NoError(t, err)
	}
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', 'Q4 ' || $1, 'maya', $2,
		'[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3}]')`, words, mayas)
	b.exec(`INSERT INTO contacts (first_name, last_name, email, fields) SELECT 'C' || i, $2, 'c' || i || '@contoso.example', jsonb_build_object('city ' || $2, $2)
		FROM generate_series(1, $1::int) AS i`, contacts, words)
	_, err = b.db.Enroll(t.Context(), "q4", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE enrollments SET started_at = now()`)
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.serve(settings.Console{SignIn: settings.SignInNone})
	return b
}

// serve serves the console with these settings from now on.
func (b *bundle) serve(with settings.Console) { b.serveAt(with, nil) }

// serveAt serves it by a clock of the test's own.
func (b *bundle) serveAt(with settings.Console, now func() time.Time) {
	b.t.Helper()
	c, err := New(Options{Operator: b.op, Settings: with, Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: now})
	require.NoError(b.t, err)
	b.console, b.handler = c, c.Handler()
	b.server = httptest.NewServer(b.handler)
	b.t.Cleanup(b.server.Close)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.pool.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err, sql)
}

func one[T any](b *bundle, sql string, args ...any) T {
	b.t.Helper()
	var value T
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), sql, args...).Scan(&value), sql)
	return value
}

// park puts the enrollment with this id, which is the contact's, in error.
func (b *bundle) park(id int64, problem failure.Problem) {
	b.t.Helper()
	_, err := b.db.Hold(b.t.Context(), campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1},
		func(campaign.Facts) campaign.Finding { return campaign.Finding{Problem: &problem} })
	require.NoError(b.t, err)
}

// goOn is what a worker does with a contact whose step is done.
func (b *bundle) goOn(id int64) {
	b.exec(`DELETE FROM parked_on WHERE enrollment_id = $1`, id)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, park_seq = NULL, parked_at = NULL, code = NULL, detail = NULL, cause = NULL, attempts = NULL,
		next_at = now() + interval '1 day' WHERE id = $1`, id)
}

// accountFailed puts maya's account in error, and n contacts because of it.
func (b *bundle) accountFailed(n int64, words string) {
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = $2 WHERE address = $1`, mayas, words)
	for id := range n {
		b.park(id+1, failure.Problem{Code: failure.EmailAccountInError, Detail: mayas + ": " + words, Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}})
	}
}

// page is what a browser got.
type page struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	tree   *html.Node
}

// get asks for a page.
func (b *bundle) get(path string, header ...string) page {
	b.t.Helper()
	return b.ask(http.MethodGet, path, nil, header...)
}

// ask sends a request, and follows nothing.
func (b *bundle) ask(method, path string, form url.Values, header ...string) page {
	b.t.Helper()
	if form != nil {
		header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	}
	return b.raw(method, path, form.Encode(), header...)
}

// raw sends a request with a body, and follows nothing.
func (b *bundle) raw(method, path, body string, header ...string) page {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	require.NoError(b.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(b.t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	tree, err := html.Parse(bytes.NewReader(answer))
	require.NoError(b.t, err)
	return page{b.t, response.StatusCode, response.Header, string(answer), tree}
}

// fill is the form of the page whose action is this, as a browser would send it, with
// the given values typed over its own.
func (p page) fill(action string, typed ...string) url.Values {
	p.t.Helper()
	form := p.find(func(n *html.Node) bool { return n.Data == "form" && attr(n, "action") == action })
	require.NotNil(p.t, form, "the page has no form for %s:\n%s", action, p.body)
	values := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "input":
			values.Set(name, attr(n, "value"))
		case n.Data == "select":
			walk(n, func(option *html.Node) {
				if option.Data == "option" && (!values.Has(name) || has(option, "selected")) {
					values.Set(name, attr(option, "value"))
				}
			})
		}
	})
	for i := 0; i < len(typed); i += 2 {
		values.Set(typed[i], typed[i+1])
	}
	return values
}

// send sends a form of a page; done is its page after a success (303), else the answer itself.
func (b *bundle) send(from page, action string, typed ...string) page {
	b.t.Helper()
	answer := b.ask(http.MethodPost, action, from.fill(action, typed...))
	if answer.status != http.StatusSeeOther {
		return answer
	}
	cookie, _, _ := strings.Cut(answer.header.Get("Set-Cookie"), ";")
	next := b.get(answer.header.Get("Location"), "Cookie", cookie)
	require.Equal(b.t, http.StatusOK, next.status)
	next.status = http.StatusSeeOther
	return next
}

func (p page) find(is func(*html.Node) bool) (found *html.Node) {
	walk(p.tree, func(n *html.Node) {
		if found == nil && n.Type == html.ElementNode && is(n) {
			found = n
		}
	})
	return found
}

// text is what a person reads, with single blanks.
func (p page) text() string {
	var text strings.Builder
	walk(p.tree, func(n *html.Node) {
		if n.Type == html.TextNode {
			text.WriteString(n.Data + " ")
		}
	})
	return strings.Join(strings.Fields(text.String()), " ")
}

func (p page) says(status int, words ...string) {
	p.t.Helper()
	require.Equal(p.t, status, p.status, p.text())
	for _, word := range words {
		require.Contains(p.t, p.text(), word)
	}
}

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		walk(child, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func (p page) byID(id string) *html.Node {
	return p.find(func(n *html.Node) bool { return attr(n, "id") == id })
}
