package crash

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// tracer passes the point before a commit. It is asked when a statement is
// about to be written to PostgreSQL: everything before it has been done there,
// and nothing of it lasts.
type tracer struct{ points *points }

type writing struct{}

const idle = 'I' // no transaction is open

// during says what is being written down within a context.
func during(ctx context.Context, what string) context.Context {
	return context.WithValue(ctx, writing{}, what)
}

// TraceQueryStart knows two ways to commit: the end of a transaction, and a
// statement outside a transaction.
func (t tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	what, _ := ctx.Value(writing{}).(string)
	alone := conn.PgConn().TxStatus() == idle && !strings.HasPrefix(data.SQL, "begin")
	if what != "" && (alone || data.SQL == "commit") {
		t.points.pass(what + before)
	}
	return ctx
}

// TraceBatchStart is the third way: a whole transaction in one round trip.
func (t tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	if what, _ := ctx.Value(writing{}).(string); what != "" && conn.PgConn().TxStatus() == idle {
		t.points.pass(what + before)
	}
	return ctx
}

func (t tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (t tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (t tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
