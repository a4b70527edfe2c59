package operator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
	"relance/internal/unsubscribe"
)

// connections are opened when they are first needed: most of what an operator
// does needs the database only, and Temporal may be away.
type connections struct {
	Options
	// logins are under way.
	logins turns

	// away is when Temporal did not answer, in nanoseconds; 0 when it did.
	away atomic.Int64

	mutex    sync.Mutex
	read     *settings.Settings
	store    *store.Store
	temporal Temporal
}

// Close closes what has been opened.
func (c *connections) Close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.temporal != nil {
		c.temporal.Close()
	}
	if c.store != nil {
		c.store.Close()
	}
	c.temporal, c.store = nil, nil
}

// settings reads the environment, once.
func (c *connections) settings() (settings.Settings, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.readSettings()
}

func (c *connections) readSettings() (settings.Settings, error) {
	if c.read == nil {
		read, err := settings.Read(c.LookupEnv)
		if err != nil {
			return settings.Settings{}, err
		}
		c.read = &read
	}
	return *c.read, nil
}

// links make the addresses by which recipients unsubscribe. What is wrong with the environment
// has been said when the database was opened.
func (c *connections) links() unsubscribe.Links {
	read, err := c.settings()
	if err != nil {
		return unsubscribe.Links{}
	}
	return read.Links()
}

// database is PostgreSQL, with the schema that this program needs.
func (c *connections) database(ctx context.Context) (*store.Store, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.store != nil {
		return c.store, nil
	}
	opened, err := c.openStore(ctx)
	if err != nil {
		return nil, err
	}
	if err := opened.CheckSchema(ctx); err != nil {
		opened.Close()
		return nil, err
	}
	c.store = opened
	return opened, nil
}

// anySchema connects without a look at the schema, for Migrate; the caller
// closes it.
func (c *connections) anySchema(ctx context.Context) (*store.Store, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.openStore(ctx)
}

func (c *connections) openStore(ctx context.Context) (*store.Store, error) {
	configured, err := c.readSettings()
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
	if err != nil {
		return nil, c.unreachable(err, "DATABASE_URL")
	}
	return opened, nil
}

// workflows is the connection to Temporal.
func (c *connections) workflows(ctx context.Context) (Temporal, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.temporal != nil {
		return c.temporal, nil
	}
	dial := c.DialTemporal
	if dial == nil {
		dial = c.dialTemporal
	}
	dialled, err := dial(ctx, c.LookupEnv)
	if err != nil {
		return nil, c.unreachable(err, "TEMPORAL_ADDRESS")
	}
	c.temporal = dialled
	return dialled, nil
}

func (c *connections) dialTemporal(ctx context.Context, lookup settings.Lookup) (Temporal, error) {
	configured, err := c.readSettings()
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
	return &temporalio.Client{Client: connection, Namespace: options.Namespace, Retry: configured.Retry, FirstTry: temporalio.FirstTry(configured.Deployment), Deployment: configured.Deployment}, nil
}

// unreachable adds how to start the dev stack to the error of a server that does
// not answer, unless the environment names the server: then it is another one.
func (c *connections) unreachable(err error, variable string) error {
	err = oneLine{err}
	if value, ok := c.LookupEnv(variable); ok && value != "" {
		return err
	}
	return fmt.Errorf("%w; start the dev stack with `go run ./worker/dev`, or set %s", err, variable)
}

// oneLine is an error whose sentence stands on one line: a driver names each
// address that it tried on a line of its own.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }
func (e oneLine) Unwrap() error { return e.error }
