package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ActivityFilter says which activity is meant; empty values mean any.
type ActivityFilter struct {
	// By is the person's name as it is kept.
	By      string
	Thing   ActivityThing
	Subject string
}

// Activities returns the page of what people have done that comes before an id (0 for
// the newest), newest first. A short page is the last.
func (s *Store) Activities(ctx context.Context, filter ActivityFilter, before int64, limit int) ([]Activity, error) {
	conditions, args := []string{"true"}, pgx.NamedArgs{"limit": limit, "before": before}
	for _, part := range []struct{ column, value string }{{"by", filter.By}, {"thing", string(filter.Thing)}, {"subject", filter.Subject}} {
		if part.value != "" { // only what is asked for, so that an index can serve it
			conditions, args[part.column] = append(conditions, "a."+part.column+" = @"+part.column), part.value
		}
	}
	if before > 0 {
		conditions = append(conditions, "a.id < @before")
	}
	rows, err := s.pool.Query(ctx, `
		SELECT a.id, a.at, a.by, a.kind, a.thing, a.subject, a.code, a.fields, a.count,
		       coalesce(nullif(trim(k.first_name || ' ' || k.last_name), ''), k.company, '') AS name
		  FROM (SELECT * FROM activity a WHERE `+strings.Join(conditions, " AND ")+` ORDER BY a.id DESC LIMIT @limit) a
		  LEFT JOIN contacts k ON k.id = CASE WHEN a.thing IN ('contact', 'bounce', 'suppression') AND a.subject ~ '^[0-9]{1,18}$' THEN a.subject::bigint END
		 ORDER BY a.id DESC`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Activity])
}
