package cli

import (
	"context"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"relance/internal/plaintext"
	"relance/internal/reconcile"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
)

// Temporal is what commands need of Temporal.
type Temporal interface {
	// TriggerWake has the outbox drained now.
	TriggerWake(ctx context.Context) error
	// StartEnrolling has a campaign's enrollments started that are not.
	StartEnrolling(ctx context.Context, campaignKey string, howMany int) error
	// Prepare registers search attributes and the schedule, and returns what it did.
	Prepare(ctx context.Context) ([]string, error)
	Close()
	// The rest is for reconcile.
	reconcile.Temporal
}

// session is one run of the program. It opens the database and Temporal when
// a command first asks for them.
type session struct {
	Options
	env    settings.Lookup
	format format
	// running is true from the moment that a command's own code runs.
	running bool
	// screen is Stderr for what draws: the rest of the program writes plain text only.
	screen io.Writer
	// interrupted says what holds when Ctrl-C ends the command now.
	interrupted string

	read     *settings.Settings
	store    *store.Store
	temporal Temporal
}

func newSession(o Options) *session {
	if o.greet == 0 {
		o.greet = 3 * time.Second
	}
	if o.tick == 0 {
		o.tick = 200 * time.Millisecond
	}
	if o.patience == 0 {
		o.patience = time.Minute
	}
	if o.lookAgain == 0 {
		o.lookAgain = time.Second
	}
	screen := o.Stderr
	o.Stdout, o.Stderr = plaintext.Writer{To: o.Stdout}, plaintext.Writer{To: o.Stderr}
	return &session{Options: o, screen: screen, env: withDevEnv(o.LookupEnv, o.Dir), format: formatTable, interrupted: "nothing was changed"}
}

func (s *session) close() {
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
}

// Settings reads the environment, once.
func (s *session) Settings() (settings.Settings, error) {
	if s.read == nil {
		read, err := settings.Read(s.env)
		if err != nil {
			return settings.Settings{}, err
		}
		s.read = &read
	}
	return *s.read, nil
}

// Store is the database, with the schema that this program needs.
func (s *session) Store(ctx context.Context) (*store.Store, error) {
	if s.store != nil {
		return s.store, nil
	}
	opened, err := s.openStore(ctx)
	if err != nil {
		return nil, err
	}
	if err := opened.CheckSchema(ctx); err != nil {
		opened.Close()
		return nil, err
	}
	s.store = opened
	return opened, nil
}

// openStore connects without a look at the schema: what `migrate` needs.
func (s *session) openStore(ctx context.Context) (*store.Store, error) {
	configured, err := s.Settings()
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
	if err != nil {
		return nil, s.unreachable(err, "DATABASE_URL")
	}
	return opened, nil
}

// Temporal is the connection to Temporal.
func (s *session) Temporal(ctx context.Context) (Temporal, error) {
	if s.temporal != nil {
		return s.temporal, nil
	}
	dial := s.DialTemporal
	if dial == nil {
		dial = s.dialTemporal
	}
	dialled, err := dial(ctx, s.env)
	if err != nil {
		return nil, s.unreachable(err, "TEMPORAL_ADDRESS")
	}
	s.temporal = dialled
	return dialled, nil
}

func (s *session) dialTemporal(ctx context.Context, lookup settings.Lookup) (Temporal, error) {
	configured, err := s.Settings()
	if err != nil {
		return nil, err
	}
	options, err := temporalio.Options(lookup)
	if err != nil {
		return nil, err
	}
	connection, err := temporalio.Dial(ctx, options)
	if err != nil {
		return nil, err
	}
	return &temporalio.Client{Client: connection, Namespace: options.Namespace, Retry: configured.Retry, Deployment: configured.Deployment}, nil
}

// unreachable adds what to do to a server that does not answer. Whoever has
// named the server knows where it is; anybody else is at their first look.
func (s *session) unreachable(err error, variable string) error {
	// A driver tells of each address that it tried on a line of its own.
	err = oneLine{err}
	if value, ok := s.env(variable); ok && value != "" {
		return err
	}
	return fmt.Errorf("%w; start the dev stack with `go run ./worker/dev`, or set %s", err, variable)
}

// oneLine is an error whose text is printed on one line.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }

// by is the name that notes and the ledger keep for what this run does.
func (s *session) by() string {
	if name, ok := s.env("RELANCE_USER"); ok && plaintext.Line(name, plaintext.Name) != "" {
		return plaintext.Line(name, plaintext.Name)
	}
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return "operator"
}
