// Package pgtest gives a test a fresh, empty PostgreSQL database.
//
// One server serves the whole test process. It is started by the first call,
// keeps nothing safe on disk, and goes when the process goes, even by SIGKILL.
// With RELANCE_TEST_DATABASE_URL set, the databases are made on that server.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/devstack/postgres"
)

// Variable names a server to use instead of an own one; its user must be
// allowed to create databases.
const Variable = "RELANCE_TEST_DATABASE_URL"

// startTimeout covers initdb on a busy machine, and a download.
const startTimeout = 6 * time.Minute

// shared is the server of this process.
var shared struct {
	once    sync.Once
	err     error
	url     func(database string) string
	server  *postgres.Server
	watcher *watcher
}

// New returns the URL of a database of the test's own, gone when the
// process ends. Without PostgreSQL the test fails and says what to install.
func New(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// templates are the databases that NewFrom copies, made once a process.
var templates struct {
	sync.Mutex
	made map[string]error
}

// NewFrom is New with a database that is a copy of a prepared one: prepare is
// called once a process and template, with the URL of an empty database, and
// must leave no connection to it. Migrating a copy costs a fraction of
// migrating each test's own.
func NewFrom(t testing.TB, template string, prepare func(url string) error) string {
	t.Helper()
	begin(t)
	name := "template_" + template + "_" + run
	templates.Lock()
	err, made := templates.made[name]
	if !made {
		execute(t, "CREATE DATABASE "+name)
		err = prepare(shared.url(name))
		if templates.made == nil {
			templates.made = map[string]error{}
		}
		templates.made[name] = err
	}
	templates.Unlock()
	if err != nil {
		t.Fatalf("the test database %s cannot be prepared: %v", template, err)
	}
	return create(t, name)
}

// run tells the templates of this process from those of another on a server
// that they share.
var run = strings.ToLower(rand.Text()[:8])

func begin(t testing.TB) {
	t.Helper()
	shared.once.Do(func() { shared.err = start() })
	if shared.err != nil {
		t.Fatalf("this test needs PostgreSQL: %v", shared.err)
	}
}

func create(t testing.TB, template string) string {
	t.Helper()
	begin(t)
	name := "test_" + strings.ToLower(rand.Text()[:16])
	execute(t, "CREATE DATABASE "+name+" TEMPLATE "+template)
	if shared.server == nil { // somebody else's server; our own goes as a whole, and each DROP is a checkpoint
		t.Cleanup(func() {
			// FORCE: a pool that the test forgot must not keep the database.
			execute(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		})
	}
	return shared.url(name)
}

// Main runs the tests and then stops the server, for `os.Exit(pgtest.Main(m))`.
// It is optional: without it the server goes a moment after the process.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
		}
	}
	if shared.watcher != nil {
		shared.watcher.finish()
	}
	return code
}

func execute(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, shared.url(""))
	if err != nil {
		t.Errorf("connect to the test server: %v", err)
		t.FailNow()
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

func start() error {
	if given := os.Getenv(Variable); given != "" {
		parsed, err := url.Parse(given)
		if err != nil || parsed.Host == "" {
			return fmt.Errorf("%s is not a URL like postgres://user:password@host:5432/database", Variable)
		}
		shared.url = func(database string) string {
			if database == "" {
				return given
			}
			other := *parsed
			other.Path = "/" + database
			return other.String()
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "relance-pgtest-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // root's PostgreSQL user has to reach it
		return err
	}
	if shared.watcher, err = watch(dir); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if shared.server, err = postgres.Start(ctx, postgres.Options{Dir: dir, FastUnsafe: true}); err != nil {
		return err
	}
	shared.url = shared.server.URL
	return nil
}
