package temporal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema"
)

// The two databases of a Temporal server.
const (
	mainDatabase       = "temporal"
	visibilityDatabase = "temporal_visibility"
)

// schemas are the embedded directories with the versions of each database.
var schemas = map[string]string{
	mainDatabase:       "postgresql/v12/temporal/versioned",
	visibilityDatabase: "postgresql/v12/visibility/versioned",
}

// prepare makes both databases and upgrades them. The server's own schema tool
// would link a second command-line library and runs each statement on its own;
// here a version is applied whole or not at all.
func prepare(ctx context.Context, databaseURL func(string) string, logger log.Logger) error {
	for _, database := range []string{mainDatabase, visibilityDatabase} {
		if err := createDatabase(ctx, databaseURL("postgres"), database); err != nil {
			return err
		}
		if err := upgrade(ctx, databaseURL(database), database, logger); err != nil {
			return fmt.Errorf("bring the database %s to the schema of this Temporal: %w", database, err)
		}
	}
	return nil
}

func createDatabase(ctx context.Context, adminURL, database string) error {
	conn, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return unreachable(adminURL, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists); err != nil {
		return err
	}
	if exists {
		return nil
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "42P04" || refused.Code == "23505") {
		return nil // somebody was faster
	}
	return err
}

func unreachable(databaseURL string, err error) error {
	where := "its address"
	if parsed, parseErr := url.Parse(databaseURL); parseErr == nil {
		where = parsed.Host
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return fmt.Errorf("PostgreSQL at %s does not let Temporal in: %s", where, refused.Message)
	}
	return fmt.Errorf("PostgreSQL does not answer at %s, and Temporal needs it: %w", where, errors.Unwrap(err))
}

// upgrade applies the versions that the database does not have, in one
// transaction, so a start that is killed leaves the database as it was.
func upgrade(ctx context.Context, databaseURL, database string, logger log.Logger) error {
	if err := createVersionTables(databaseURL, database, logger); err != nil {
		return err
	}
	all, err := versionsOf(schemas[database])
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return unreachable(databaseURL, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// Held to the end: a second process that starts in the same moment waits.
		if _, err := tx.Exec(ctx, "LOCK TABLE schema_version"); err != nil {
			return err
		}
		current := "0.0"
		err := tx.QueryRow(ctx, "SELECT curr_version FROM schema_version WHERE version_partition = 0 AND db_name = $1", database).Scan(&current)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		have, err := parseVersion(current)
		if err != nil {
			return err
		}
		for _, step := range all {
			if step.major < have.major || step.major == have.major && step.minor <= have.minor {
				continue
			}
			if err := apply(ctx, tx, database, step); err != nil {
				return fmt.Errorf("version %s: %w", step.CurrVersion, err)
			}
		}
		return nil
	})
}

func apply(ctx context.Context, tx pgx.Tx, database string, step version) error {
	for _, file := range step.SchemaUpdateCqlFiles {
		text, err := fs.ReadFile(schema.Assets(), path.Join(step.dir, file))
		if err != nil {
			return err
		}
		// An index can be built beside other sessions only outside of a
		// transaction, and there are no other sessions.
		statements := strings.ReplaceAll(string(text), " CONCURRENTLY", "")
		if _, err := tx.Conn().PgConn().Exec(ctx, statements).ReadAll(); err != nil {
			return explain(err)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO schema_version (version_partition, db_name, creation_time, curr_version, min_compatible_version)
		VALUES (0, $1, now(), $2, $3)
		ON CONFLICT (version_partition, db_name) DO UPDATE SET creation_time = excluded.creation_time,
			curr_version = excluded.curr_version, min_compatible_version = excluded.min_compatible_version`,
		database, step.CurrVersion, step.MinCompatibleVersion)
	return err
}

// explain adds what to do about the one thing that small installations lack.
func explain(err error) error {
	if strings.Contains(err.Error(), "btree_gin") {
		return fmt.Errorf("this PostgreSQL lacks the contributed extension btree_gin; install `postgresql-contrib`: %w", err)
	}
	return err
}

// createVersionTables leaves their definition to the server.
func createVersionTables(databaseURL, database string, logger log.Logger) error {
	settings, err := sqlSettings(databaseURL, database)
	if err != nil {
		return err
	}
	admin, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, settings, resolver.NewNoopResolver(), logger, metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	return errors.Join(admin.CreateSchemaVersionTables(), admin.Close())
}
