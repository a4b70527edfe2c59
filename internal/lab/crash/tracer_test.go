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

// reading marks what a reader of a mailbox does.
type reading struct{}

// readingPoints are the statements of a reader, by words of theirs, before which it can die.
var readingPoints = []struct {
	words, point string
	// second says that the first is about our own message in Sent.
	second bool
}{
	{"FOR UPDATE OF e", heardLock, true},
	{"INSERT INTO inbound", heardRow, true},
	{"SET ended_by", heardEnd, false},
	{"INSERT INTO outbox", heardOutbox, false},
	{"INSERT INTO mailbox_folders", heardCursor, false},
	{"commit", heard + before, false},
	{"SET look_began", lookIsOver, false},
}

// read passes the points of a reader. The last ones count when the end has been written: a
// look has many cursors and commits.
func (t tracer) read(sql string) {
	for _, one := range readingPoints {
		if !strings.Contains(sql, one.words) {
			continue
		}
		late := one.point == heardCursor || one.point == heard+before || one.point == lookIsOver
		switch {
		case one.second:
			t.points.second(one.point)
		case !late || t.points.has(heardOutbox):
			t.points.pass(one.point)
		}
		t.points.note(one.point)
	}
}

// TraceQueryStart knows two ways to commit: the end of a transaction, and a
// statement outside a transaction.
func (t tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	what, _ := ctx.Value(writing{}).(string)
	alone := conn.PgConn().TxStatus() == idle && !strings.HasPrefix(data.SQL, "begin")
	if what != "" && (alone || data.SQL == "commit") {
		t.points.pass(what + before)
	}
	if ctx.Value(reading{}) != nil {
		t.read(data.SQL)
		if data.SQL == "commit" {
			return context.WithValue(ctx, committing{}, true)
		}
	}
	return ctx
}

// committing marks the commit of a reader.
type committing struct{}

// TraceBatchStart is the third way: a whole transaction in one round trip.
func (t tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	if what, _ := ctx.Value(writing{}).(string); what != "" && conn.PgConn().TxStatus() == idle {
		t.points.pass(what + before)
	}
	return ctx
}

func (t tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (t tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceQueryEnd passes the point behind the commit of an answer.
func (t tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if ctx.Value(committing{}) != nil && data.Err == nil && t.points.has(heardOutbox) {
		t.points.pass(heard + after)
	}
}
