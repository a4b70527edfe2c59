package wakeups

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// audit keeps every change of an enrollment and of its place, with what was said to make it.
func (w *world) audit() {
	w.t.Helper()
	for _, sql := range []string{
		`CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY, enrollment_id bigint, at timestamptz DEFAULT clock_timestamp(), of text, change text, query text)`,
		`CREATE INDEX ON audit (enrollment_id)`,
		`CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE was jsonb; is_now jsonb;
		BEGIN
			was := CASE TG_OP WHEN 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
			is_now := CASE TG_OP WHEN 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
			INSERT INTO audit (enrollment_id, of, change, query)
			SELECT coalesce(is_now->>TG_ARGV[0], was->>TG_ARGV[0])::bigint, TG_TABLE_NAME || ' ' || lower(TG_OP),
			       (SELECT string_agg(k || ': ' || coalesce(was->>k, '-') || ' > ' || coalesce(is_now->>k, '-'), ', ' ORDER BY k)
			          FROM jsonb_object_keys(was || is_now) AS k WHERE was->k IS DISTINCT FROM is_now->k), current_query();
			RETURN NULL;
		END $$`,
		`CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON enrollments FOR EACH ROW EXECUTE FUNCTION audited('id')`,
		`CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON line FOR EACH ROW EXECUTE FUNCTION audited('enrollment_id')`,
	} {
		_, err := w.db.Exec(w.ctx, sql)
		require.NoError(w.t, err)
	}
}

// changes are the last of an enrollment.
func (w *world) changes(id int64) string {
	rows, err := w.db.Query(w.ctx, `SELECT * FROM (SELECT id, at, of, coalesce(change, 'nothing') AS change, query FROM audit WHERE enrollment_id = $1 ORDER BY id DESC LIMIT 30) AS last ORDER BY id`, id)
	w.must(err)
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var id int64
		var at time.Time
		var of, change, query string
		w.must(rows.Scan(&id, &at, &of, &change, &query))
		fmt.Fprintf(&text, "%s %s (%s)\n    by %.200s\n", at.Format(time.StampMicro), of, change, strings.Join(strings.Fields(query), " "))
	}
	return text.String()
}
