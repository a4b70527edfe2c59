package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/failure"
	mailreply "relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/operator"
	"relance/internal/reconcile"
	"relance/internal/settings"
	"relance/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const (
	mayas    = "maya@northwind.example"
	password = "correct horse"
)

var key = []byte("0123456789abcdef0123456789abcdef")

// bundle is an API over a database of its own, a Temporal that remembers what it was
// asked, and a mail server that knows one password.
type bundle struct {
	t      *testing.T
	db     *store.Store
	pool   *pgxpool.Pool
	op     *operator.Operator
	server *httptest.Server
	// token is an operator's.
	token   string
	log     *safeLog
	started atomic.Int64
	woken   atomic.Int64
	down    atomic.Bool
}

type safeLog struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
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

func (t temporal) TriggerWake(context.Context) error { t.of.woken.Add(1); return nil }

func (t temporal) StartEnrolling(context.Context, string, int) error {
	if t.of.down.Load() {
		return context.DeadlineExceeded
	}
	t.of.started.Add(1)
	return nil
}
func (temporal) Prepare(context.Context) ([]string, error) { return nil, nil }
func (temporal) Close()                                    {}

// setup has a campaign q4 of maya, and contacts 1 to n enrolled in it.
func setup(t *testing.T, contacts int) *bundle {
	t.Helper()
	address := pgtest.NewFrom(t, "migrated", migrate)
	b := &bundle{t: t, log: &safeLog{}}
	env := map[string]string{"DATABASE_URL": address, "RELANCE_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "TEMPORAL_NAMESPACE": "default"}
	b.op = operator.New(operator.Options{
		LookupEnv:    func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		By:           "tess",
		DialTemporal: func(context.Context, settings.Lookup) (operator.Temporal, error) { return temporal{of: b}, nil },
		LogIn: func(_ context.Context, account campaign.EmailAccount) error {
			if account.SMTP.Password != password {
				return &smtp.Refused{Reply: mailreply.Reply{Phase: mailreply.Auth, Code: 535, Enhanced: "5.7.8", Text: "5.7.8 no"}}
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
	b.exec(`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`)
	_, err = b.db.ConnectAccount(t.Context(), campaign.EmailAccount{Address: mayas, SMTP: campaign.SMTP{
		Host: "smtp.northwind.example", Port: 587, TLS: campaign.TLSStartTLS, Username: mayas, Password: "stored",
	}}, "test")
	require.NoError(t, err)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', 'Q4', 'maya', $1,
		'[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3}]')`, mayas)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C' || i, 'c' || i || '@contoso.example' FROM generate_series(1, $1::int) AS i`, contacts)
	_, err = b.db.Enroll(t.Context(), "q4", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE enrollments SET started_at = now()`)
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.token = b.newToken("crm", operator.RoleOperator)
	b.server = httptest.NewServer(New(Options{Operator: b.op, Log: slog.New(slog.NewTextHandler(b.log, nil))}).Handler())
	t.Cleanup(b.server.Close)
	return b
}

func (b *bundle) newToken(name string, role operator.Role) string {
	b.t.Helper()
	added, err := b.op.AddToken(b.t.Context(), name, role, time.Hour)
	require.NoError(b.t, err)
	return added.Text
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

var accountFailed = failure.Problem{Code: failure.EmailAccountInError, Detail: mayas + ": 535 no", Causes: []failure.Cause{failure.EmailAccount(mayas)}}

// answer is what a program got.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// get asks with the operator's token.
func (b *bundle) get(path string) answer { b.t.Helper(); return b.ask(http.MethodGet, path, "", "") }

// post sends JSON with the operator's token.
func (b *bundle) post(path, body string, header ...string) answer {
	b.t.Helper()
	return b.ask(http.MethodPost, path, body, "Bearer "+b.token, append(header, "Content-Type", "application/json")...)
}

// ask sends a request, and holds the answer to the document. An empty authorization is
// the operator's; none is "-".
func (b *bundle) ask(method, path, body, authorization string, header ...string) answer {
	b.t.Helper()
	if authorization == "" {
		authorization = "Bearer " + b.token
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+Root+path, strings.NewReader(body))
	require.NoError(b.t, err)
	if authorization != "-" {
		request.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(b.t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	got := answer{b.t, response.StatusCode, response.Header, string(raw), nil}
	if strings.HasSuffix(got.header.Get("Content-Type"), "json") {
		require.NoError(b.t, json.Unmarshal(raw, &got.body), got.raw)
	}
	inDocument(b.t, request, body, got)
	return got
}

var contract = sync.OnceValues(func() (*openapi3.T, error) {
	document, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, err
	}
	return document, document.Validate(context.Background(), openapi3.IsOpenAPI31OrLater())
})

var router = sync.OnceValues(func() (routers.Router, error) {
	document, err := contract()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(document)
})

// inDocument holds an answer to the schema of openapi.yaml, and a request that was not
// refused too.
func inDocument(t *testing.T, request *http.Request, body string, got answer) {
	t.Helper()
	find, err := router()
	require.NoError(t, err)
	route, parameters, err := find.FindRoute(request)
	if err != nil { // a path or a method that there is not: a problem all the same
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, got.status)
		require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
		return
	}
	request.Body = io.NopCloser(strings.NewReader(body))
	if body == "" {
		request.Body = nil
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if got.status < http.StatusBadRequest {
		require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input), "the document does not allow what the API takes: %s", body)
	}
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: got.status, Header: got.header, Body: io.NopCloser(strings.NewReader(got.raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}), "%s %s: %s", request.Method, request.URL.Path, got.raw)
}

// is holds an answer to a status and, of a problem, its code.
func (a answer) is(status int, code ...string) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, a.raw)
	if len(code) == 0 {
		return a
	}
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(a.t, code[0], a.body["code"], a.raw)
	for _, part := range []string{"title", "detail", "howToFix", "next"} {
		require.NotEmpty(a.t, a.body[part], "%s of %s", part, a.raw)
	}
	for _, words := range code[1:] {
		require.Contains(a.t, a.raw, words)
	}
	return a
}
