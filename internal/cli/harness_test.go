package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/reconcile"
	"relance/internal/settings"
	"relance/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var testKey = []byte("0123456789abcdef0123456789abcdef")

// harness runs commands against a database of the test's own and a Temporal
// that only records what it is asked for.
type harness struct {
	*store.Store
	t        *testing.T
	ctx      context.Context
	pool     *pgxpool.Pool
	temporal *fakeTemporal
	env      map[string]string
	dir      string
	width    int
	greet    time.Duration // 0: a mail server is never waited for aloud
	asks     bool          // true: a person sits at standard input
	heard    func(string)  // what is said on standard error, as it is said
}

// spoken is standard error: what was printed, and a listener that gets it at once.
type spoken struct {
	said  bytes.Buffer // not embedded: its WriteString would go past heard
	heard func(string)
}

func (e *spoken) Write(p []byte) (int, error) {
	if e.heard != nil {
		e.heard(string(p))
	}
	return e.said.Write(p)
}

// result is what a command left behind.
type result struct {
	code        int
	stdout, err string
}

func migrateTemplate(url string) error {
	db, err := store.Open(context.Background(), url, testKey)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(context.Background())
	return err
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	url := pgtest.NewFrom(t, "migrated", migrateTemplate)
	h := &harness{
		t: t, ctx: context.Background(), temporal: &fakeTemporal{}, dir: t.TempDir(), width: 120,
		env: map[string]string{
			"DATABASE_URL": url, "RELANCE_USER": "tess", "TEMPORAL_NAMESPACE": "default",
			"RELANCE_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		},
	}
	var err error
	h.Store, err = store.Open(h.ctx, url, testKey)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	h.pool, err = pgxpool.New(h.ctx, url)
	require.NoError(t, err)
	t.Cleanup(h.pool.Close)
	return h
}

// run runs `starter args…`.
func (h *harness) run(args ...string) result { return h.runWith("", args...) }

// runWith runs `starter args…` with text on standard input.
func (h *harness) runWith(stdin string, args ...string) result {
	h.t.Helper()
	stderr := spoken{heard: h.heard}
	var stdout bytes.Buffer
	code := Run(h.ctx, Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		LookupEnv: func(name string) (string, bool) { value, ok := h.env[name]; return value, ok },
		Width:     h.width, Asks: h.asks, Dir: h.dir, tick: time.Millisecond, patience: 40 * time.Millisecond, greet: cmp.Or(h.greet, time.Hour), lookAgain: time.Millisecond,
		DialTemporal: func(context.Context, settings.Lookup) (Temporal, error) {
			if h.temporal.down != nil {
				return nil, h.temporal.down
			}
			return h.temporal, nil
		},
	})
	return result{code, stdout.String(), stderr.said.String()}
}

// ok runs a command that must succeed and say nothing on standard error.
func (h *harness) ok(args ...string) string {
	h.t.Helper()
	got := h.run(args...)
	require.Equal(h.t, exitDone, got.code, "starter %s: %s", strings.Join(args, " "), got.err)
	require.Empty(h.t, got.err, "starter %s", strings.Join(args, " "))
	return got.stdout
}

// decode runs a command with -o json and reads its output into target.
func (h *harness) decode(target any, args ...string) {
	h.t.Helper()
	out := h.ok(append(args, "-o", "json")...)
	require.NoError(h.t, json.Unmarshal([]byte(out), target), out)
}

// fails runs a command that must end with code and a sentence that holds each of words.
func (h *harness) fails(code int, words []string, args ...string) {
	h.t.Helper()
	got := h.run(args...)
	require.Equal(h.t, code, got.code, "starter %s: %s", strings.Join(args, " "), got.err)
	for _, word := range words {
		require.Contains(h.t, got.err, word, "starter %s", strings.Join(args, " "))
	}
}

func (h *harness) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.pool.Exec(h.ctx, sql, args...)
	require.NoError(h.t, err, sql)
}

// one reads one value of the database.
func one[T any](h *harness, sql string, args ...any) T {
	h.t.Helper()
	var value T
	require.NoError(h.t, h.pool.QueryRow(h.ctx, sql, args...).Scan(&value), sql)
	return value
}

// fakeTemporal records what it is asked for.
type fakeTemporal struct {
	// Temporal is set by the tests of reconcile.
	reconcile.Temporal

	mutex     sync.Mutex
	woken     int
	enrolling []string
	prepared  []string
	// down is what dialling answers when Temporal cannot be reached.
	down error
	// onWake and onEnroll do what a worker would do; nil does nothing.
	onWake, onEnroll func()
}

func (f *fakeTemporal) TriggerWake(context.Context) error {
	f.mutex.Lock()
	f.woken++
	f.mutex.Unlock()
	if f.onWake != nil {
		f.onWake()
	}
	return nil
}

func (f *fakeTemporal) StartEnrolling(_ context.Context, key string, _ int) error {
	f.mutex.Lock()
	f.enrolling = append(f.enrolling, key)
	f.mutex.Unlock()
	if f.onEnroll != nil {
		f.onEnroll()
	}
	return nil
}

func (f *fakeTemporal) Prepare(context.Context) ([]string, error) { return f.prepared, nil }
func (f *fakeTemporal) Close()                                    {}
