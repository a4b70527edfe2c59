package store

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The pool and its transactions are the last door: what comes from outside is made
// plain text where it comes in (package plaintext), and here every text is one that
// PostgreSQL can store, without NUL and in UTF-8. So no statement fails for a byte.

// pool is a connection pool whose statements carry storable texts only.
type pool struct{ *pgxpool.Pool }

func (p pool) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return p.Pool.Exec(ctx, sql, storable(args)...)
}

func (p pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.Pool.Query(ctx, sql, storable(args)...)
}

func (p pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.Pool.QueryRow(ctx, sql, storable(args)...)
}

func (p pool) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return p.Pool.SendBatch(ctx, storableBatch(batch))
}

// BeginTx starts a transaction of the same kind.
func (p pool) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	begun, err := p.Pool.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	return tx{begun}, nil
}

type tx struct{ pgx.Tx }

func (t tx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.Tx.Exec(ctx, sql, storable(args)...)
}

func (t tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.Tx.Query(ctx, sql, storable(args)...)
}

func (t tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.Tx.QueryRow(ctx, sql, storable(args)...)
}

func (t tx) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return t.Tx.SendBatch(ctx, storableBatch(batch))
}

func (t tx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return t.Tx.CopyFrom(ctx, table, columns, storableRows{rows})
}

type storableRows struct{ pgx.CopyFromSource }

func (r storableRows) Values() ([]any, error) {
	values, err := r.CopyFromSource.Values()
	return storable(values), err
}

func storableBatch(batch *pgx.Batch) *pgx.Batch {
	for _, query := range batch.QueuedQueries {
		query.Arguments = storable(query.Arguments)
	}
	return batch
}

// storable returns the arguments with texts that can be stored.
func storable(args []any) []any {
	clean := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			clean[i] = storableText(arg)
		case []string:
			texts := make([]string, len(arg))
			for j, text := range arg {
				texts[j] = storableText(text)
			}
			clean[i] = texts
		case pgx.NamedArgs:
			named := make(pgx.NamedArgs, len(arg))
			for name, value := range arg {
				named[name] = storable([]any{value})[0]
			}
			clean[i] = named
		default:
			clean[i] = arg
		}
	}
	return clean
}

func storableText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// storableJSON has jsonb values be written by marshalJSON.
func storableJSON(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "jsonb", OID: pgtype.JSONBOID, Codec: &pgtype.JSONBCodec{Marshal: marshalJSON, Unmarshal: json.Unmarshal}})
	return nil
}

// marshalJSON is json.Marshal without the escape \u0000, which jsonb refuses (22P05).
func marshalJSON(value any) ([]byte, error) {
	document, err := json.Marshal(value)
	if err != nil || !bytes.Contains(document, []byte(`\u0000`)) {
		return document, err
	}
	kept := document[:0]
	for i := 0; i < len(document); i++ {
		switch {
		case document[i] != '\\':
			kept = append(kept, document[i])
		case bytes.HasPrefix(document[i:], []byte(`\u0000`)):
			i += len(`\u0000`) - 1
		default:
			kept = append(kept, document[i], document[i+1])
			i++
		}
	}
	return kept, nil
}
