package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema that Migrate has applied.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

// Migrate brings the schema to this program's version and returns what it
// applied; nothing when the schema was up to date. A session lock makes
// concurrent calls wait for each other.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	provider, closeDB, err := s.provider()
	if err != nil {
		return nil, err
	}
	defer closeDB()
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	applied := make([]Migration, len(results))
	for i, result := range results {
		applied[i] = Migration{Version: result.Source.Version, Name: result.Source.Path}
	}
	return applied, nil
}

// CheckSchema returns an error that names `starter migrate` when the schema is
// not the one that this program needs.
func (s *Store) CheckSchema(ctx context.Context) error {
	provider, closeDB, err := s.provider()
	if err != nil {
		return err
	}
	defer closeDB()
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if pending {
		return refusedf("the database's schema is older than this program: run `starter migrate` first")
	}
	return nil
}

func (s *Store) provider() (*goose.Provider, func(), error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDBFromPool(s.pool.Pool)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return provider, func() { _ = db.Close() }, nil
}
