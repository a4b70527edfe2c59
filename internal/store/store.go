package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"relance/internal/campaign"
	"relance/internal/secretbox"
)

// Store is the database of one installation. It is safe for concurrent use.
type Store struct {
	pool pool
	box  secretbox.Box
	// seen is set by Seeing, rate by Pacing.
	seen *int64
	rate campaign.Rate
	// writes counts what has been written, for keepFolded.
	writes *atomic.Int64
}

// maxConns is the pool's size unless the URL names another (pool_max_conns).
const maxConns = 24

// Option changes how the database is spoken to.
type Option func(*pgxpool.Config)

// WithTracer traces every statement, begin and commit among them.
func WithTracer(tracer pgx.QueryTracer) Option {
	return func(config *pgxpool.Config) { config.ConnConfig.Tracer = tracer }
}

// Open connects to the database at url. secretKey (32 bytes) encrypts the SMTP
// passwords; it may be nil as long as no account has a password. The error is
// one sentence that says which server did not answer.
func Open(ctx context.Context, url string, secretKey []byte, options ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be read: %w", withoutPassword(err))
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	config.AfterConnect = storableJSON
	for _, option := range options {
		option(config)
	}
	sealed, err := secretbox.New(secretKey)
	if err != nil {
		return nil, fmt.Errorf("RELANCE_SECRET_KEY cannot be used: %w", err)
	}
	connections, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL at %s: %w", where(config), err)
	}
	if err := connections.Ping(ctx); err != nil {
		connections.Close()
		return nil, fmt.Errorf("PostgreSQL at %s does not answer: %w", where(config), err)
	}
	return &Store{pool: pool{connections}, box: sealed, writes: new(atomic.Int64)}, nil
}

// Close waits for the connections in use and closes all.
func (s *Store) Close() { s.pool.Close() }

// Ping fails when the database does not answer.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

func where(config *pgxpool.Config) string {
	return fmt.Sprintf("%s:%d/%s", config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Database)
}

func withoutPassword(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("expected postgres://user:password@host:port/database")
	}
	return err
}

// inTx runs work in one transaction and runs it again when PostgreSQL chose it
// as the victim of a deadlock or of a serialisation conflict. Nothing of a
// failed run is kept. Laws 1 and 3 ask that each statement sees what was
// committed before it, whatever the database's default is.
func (s *Store) inTx(ctx context.Context, work func(pgx.Tx) error) error {
	const tries = 5
	for try := 1; ; try++ {
		err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, work)
		if err == nil {
			s.keepFolded(ctx)
		}
		if try == tries || !isConflict(err) {
			return mapError(err)
		}
	}
}
