package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
)

// Connections are the two servers that a worker talks to.
type Connections struct {
	Store     *store.Store
	Client    client.Client
	Namespace string
	Address   string
}

// Connect connects to PostgreSQL and Temporal, and waits for both: a worker
// that starts before its servers says what it waits for and goes on when they
// answer. A schema that is too old is an error at once.
func Connect(ctx context.Context, configured settings.Settings, lookup settings.Lookup, metrics client.MetricsHandler, logger *slog.Logger) (*Connections, error) {
	c := &Connections{}
	err := untilItAnswers(ctx, logger, func() (err error) {
		c.Store, err = store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := c.Store.CheckSchema(ctx); err != nil {
		c.Close()
		return nil, err
	}
	options, err := temporalio.Options(lookup)
	if err != nil {
		c.Close()
		return nil, err
	}
	options.MetricsHandler, options.Logger = metrics, log.NewStructuredLogger(logger)
	c.Namespace, c.Address = options.Namespace, options.HostPort
	if err := untilItAnswers(ctx, logger, func() (err error) {
		c.Client, err = temporalio.Dial(ctx, options)
		return err
	}); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Migrate brings the database's schema to this program's version.
func Migrate(ctx context.Context, configured settings.Settings) error {
	database, err := store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
	if err != nil {
		return err
	}
	defer database.Close()
	_, err = database.Migrate(ctx)
	return err
}

// Health asks both servers; the error says which of them does not answer.
func (c *Connections) Health(ctx context.Context) (postgres, temporal error) {
	_, temporal = c.Client.CheckHealth(ctx, nil)
	return c.Store.Ping(ctx), temporal
}

// Close closes what is open.
func (c *Connections) Close() {
	if c.Client != nil {
		c.Client.Close()
	}
	if c.Store != nil {
		c.Store.Close()
	}
}

func untilItAnswers(ctx context.Context, logger *slog.Logger, connect func() error) error {
	for {
		err := connect()
		if err == nil {
			return nil
		}
		logger.Warn("waiting", "for", err.Error())
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}
