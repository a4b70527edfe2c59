package crash

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/smsgateway"
	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/temporalio"
)

const (
	// patience is how long anything may take on a busy machine before it counts
	// as not happening. A killed worker is missed after 20 s, a record after 60.
	patience = 3 * time.Minute
	tick     = 500 * time.Millisecond
)

// busy is held while a stage is set and its row comes to where it waits.
var busy = make(chan struct{}, setAtOnce)

// stage is the system of one row: a namespace, a database, an inbox and an SMS
// gateway of its own. The row says which processes work on it, and die.
type stage struct {
	t        *testing.T
	env      map[string]string
	db       *pgxpool.Pool
	outreach *temporalio.Client
	dir      string
	inbox    *inbox.Server
	script   *script
	// doomed is the process that is to die.
	doomed   *process
	contacts []int64
	// waits lets the next stage be set.
	waits func()
}

// setStage brings a stage up, in this namespace or in one of its own.
func setStage(t *testing.T, namespace string) *stage {
	t.Helper()
	busy <- struct{}{}
	waits := sync.OnceFunc(func() { <-busy })
	t.Cleanup(waits)
	s := setStageAtOnce(t, namespace)
	s.waits = waits
	return s
}

// setStageAtOnce does not wait for its turn: it is for the rows that take longest.
func setStageAtOnce(t *testing.T, namespace string) *stage {
	t.Helper()
	server := temporalServer(t)
	if namespace == "" {
		namespace = "crash-" + run + "-" + word()
	}
	require.NoError(t, server.AddNamespace(t.Context(), namespace))
	s := &stage{t: t, dir: t.TempDir(), waits: func() {}, env: map[string]string{
		"DATABASE_URL": database(t), "TEMPORAL_ADDRESS": server.Address(), "TEMPORAL_NAMESPACE": namespace,
		"RELANCE_SECRET_KEY": "Y3Jhc2ggdGVzdHM6IG5vdCBhIHNlY3JldCBhdCBhbGw=", "RELANCE_USER": "tess",
		"RELANCE_RETRY":  "initial=100ms,factor=2,max=400ms,attempts=5",
		patienceVariable: "10m", // a first try that a busy machine makes slow would leave its step to an activity
	}}
	var err error
	s.db, err = pgxpool.New(t.Context(), s.env["DATABASE_URL"])
	require.NoError(t, err)
	t.Cleanup(s.db.Close)
	s.receivers()
	s.prepare()
	s.feed(strings.ReplaceAll(workspace, "PORT", s.inboxPort()), "apply", "-f", "-")

	options, err := temporalio.Options(s.lookup)
	require.NoError(t, err)
	client, err := temporalio.Dial(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	s.outreach = &temporalio.Client{Client: client, Namespace: namespace}
	return s
}

// prepare registers with Temporal what it has to know. Its record of all
// namespaces is one: of two stages that write it in the same moment, one is refused.
func (s *stage) prepare() {
	s.t.Helper()
	require.EventuallyWithT(s.t, func(c *assert.CollectT) {
		code, _, stderr := s.try("", "migrate")
		assert.Zero(c, code, stderr)
	}, patience, tick)
}

// receivers are the inbox and the gateway, the only judges of what was sent.
func (s *stage) receivers() {
	s.t.Helper()
	s.script = &script{over: s.t.Context(), let: map[int]chan struct{}{}}
	var err error
	s.inbox, err = inbox.Start(s.t.Context(), inbox.Options{
		Dir: filepath.Join(s.dir, "inbox"), OnRcpt: s.script.onRcpt, OnData: s.script.onData, OnBrokenOff: s.script.onBrokenOff,
		Mailboxes: true, Moment: 100 * time.Millisecond,
	})
	require.NoError(s.t, err)
	s.t.Cleanup(s.inbox.Stop)
	gateway, err := smsgateway.Start(s.t.Context(), smsgateway.Options{Dir: filepath.Join(s.dir, "sms")})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = gateway.Stop() })
	behind, err := url.Parse(gateway.URL())
	require.NoError(s.t, err)
	// In front of the gateway, so that it can have accepted a message before anything is answered.
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		ModifyResponse: func(*http.Response) error { s.script.onPosted(); return nil },
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	s.t.Cleanup(front.Close)
	s.env["RELANCE_SMS_URL"], s.env["RELANCE_SMS_FROM"] = front.URL, "+15005550006"
	s.env["RELANCE_SMS_ACCOUNT_SID"], s.env["RELANCE_SMS_AUTH_TOKEN"] = smsgateway.AccountSID, smsgateway.AuthToken
}

// plainWorker starts a worker like any other, in this process: the next to
// have what the dead one had in hand.
func (s *stage) plainWorker() {
	s.t.Helper()
	configured, err := settings.Read(s.lookup)
	require.NoError(s.t, err)
	connections, err := engine.Connect(s.t.Context(), configured, s.lookup, nil, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(s.t, err)
	s.t.Cleanup(connections.Close)
	worker := engine.New(engine.Options{
		Store: connections.Store, Client: connections.Client, Namespace: connections.Namespace, Settings: configured, StopTimeout: 5 * time.Second,
	})
	worker.Activities.Emails.Grace, worker.Activities.Texts.Grace = 0, 0 // the other one is dead indeed
	bearWith(worker.Activities, s.lookup)
	require.NoError(s.t, worker.Start())
	s.t.Cleanup(worker.Stop)
}

func (s *stage) lookup(name string) (string, bool) {
	value, ok := s.env[name]
	return value, ok
}

// wake has the outbox drained now, and not by the minute.
func (s *stage) wake() {
	s.t.Helper()
	require.NoError(s.t, s.outreach.TriggerWake(context.Background()))
}
