package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// manyActive is from how many contacts on that are on their way to their next try, or paused, those of a
// campaign are counted from the tally. Until then they are read one by one, as are all others
// who come: it is quicker, and they are few.
const manyActive = 1000

// coming reads those who come: their wait ends, a failed try is repeated, or they are on their
// way to their first try. Who is paused comes as soon as its campaign goes on. Who has passed the gate is on the wire, and counted as sent. Nobody comes whose workflow was ended.
//
// Those on their way may be very many, and are all alike but for those of which something is
// noted: so of a campaign that has one sender, and many of them, the others are as many as the
// tally says, without those.
func (v *LineView) coming(ctx context.Context, tx pgx.Tx, query LineQuery, args pgx.NamedArgs) error {
	many := manyActive
	if query.manyActive > 0 {
		many = query.manyActive
	}
	rows, err := tx.Query(ctx, `
		SELECT c.key, c.senders = '{}' AND (SELECT coalesce(sum(n), 0) FROM tally_step WHERE campaign = c.key AND what IN ('Active', 'Paused')) >= $2 AS counted
		  FROM campaigns c WHERE c.key = ANY ($1) ORDER BY 1`, args["campaigns"], many)
	if err != nil {
		return err
	}
	var key string
	var isCounted bool
	each, counted := []string{}, []string{}
	if _, err := pgx.ForEachRow(rows, []any{&key, &isCounted}, func() error {
		if isCounted {
			counted = append(counted, key)
		} else {
			each = append(each, key)
		}
		return nil
	}); err != nil {
		return err
	}
	args["each"], args["counted"] = each, counted
	return v.cohorts(ctx, tx, lineComingSQL(len(each) > 0, len(counted) > 0), args)
}

// lineComingSQL has a part for campaigns whose contacts are read one by one, and one for those
// of which they are counted. What is not asked for is left out: a plan that is kept for any
// number of campaigns reads the whole table for none.
func lineComingSQL(each, counted bool) string {
	const columns = `e.id, e.contact_id, e.sender, e.visit_base, e.campaign, e.step_id, e.step_index, e.status`
	sql := `
WITH waiting AS (
	SELECT ` + columns + `, e.next_at FROM enrollments e WHERE e.campaign = ANY (@campaigns) AND e.status = 'Waiting' AND e.next_at IS NOT NULL)`
	underWay, all := `SELECT * FROM waiting`, `SELECT * FROM coming`
	if each {
		underWay += `
	 UNION ALL SELECT ` + columns + `, NULL FROM enrollments e WHERE e.campaign = ANY (@each) AND e.status IN ('Active', 'Paused')`
	}
	if counted {
		sql += `,
noted AS MATERIALIZED (
	SELECT ` + columns + `, NULL::timestamptz AS next_at FROM (
		SELECT unnest(@apart::bigint[]) AS id UNION SELECT enrollment_id FROM line WHERE campaign = ANY (@counted) UNION SELECT enrollment_id FROM retries UNION SELECT enrollment_id FROM ended_workflows
		 UNION SELECT h.id FROM contact_holds c JOIN enrollments h ON h.contact_id = c.contact_id WHERE c.until > clock_timestamp()) AS found
	  JOIN enrollments e ON e.id = found.id WHERE e.campaign = ANY (@counted) AND e.status IN ('Active', 'Paused')),
others AS ( -- a step is known by where it is in the campaign; one that is there no more by the least place of those who stand at it
	SELECT c.sender AS account, t.campaign, t.step_id,
	       coalesce((SELECT ordinality::int - 1 FROM jsonb_array_elements(c.steps) WITH ORDINALITY AS step WHERE step.value->>'id' = t.step_id LIMIT 1),
	                (SELECT min(e.step_index) FROM enrollments e WHERE e.campaign = t.campaign AND e.status IN ('Active', 'Paused') AND e.step_id = t.step_id)) AS step_index,
	       NULL::timestamptz AS at, 0::bigint AS seq, 0 AS band, '' AS zone, NULL::timestamptz AS since, 0::bigint AS enrollment,
	       t.n - (SELECT count(*) FROM noted o WHERE (o.campaign, o.step_id) = (t.campaign, t.step_id)) AS contacts
	  FROM (SELECT campaign, step_id, sum(n)::bigint AS n FROM tally_step WHERE campaign = ANY (@counted) AND what IN ('Active', 'Paused') GROUP BY 1, 2) AS t
	  JOIN campaigns c ON c.key = t.campaign AND c.sender = ANY (@accounts))`
		underWay += `
	 UNION ALL SELECT * FROM noted`
		all += ` UNION ALL SELECT * FROM others WHERE contacts > 0`
	}
	return sql + `,
under_way AS (
	` + underWay + `),
coming AS (
	SELECT ` + ownSenderSQL + ` AS account, e.campaign, e.step_id, e.step_index,
	       greatest(coalesce(r.next_at, e.next_at), h.until) AS at, coalesce(l.seq, 0) AS seq, coalesce(l.band, 0)::int AS band,
	       coalesce(l.zone, '') AS zone, l.since, CASE WHEN e.id = ANY (@apart) THEN e.id ELSE 0 END AS enrollment, 1::bigint AS contacts
	  FROM under_way e
	  JOIN campaigns c ON c.key = e.campaign AND (c.sender = ANY (@accounts) OR c.senders && @accounts)
	  LEFT JOIN line l ON l.enrollment_id = e.id
	  LEFT JOIN (SELECT enrollment_id, next_at FROM retrying) r ON r.enrollment_id = e.id
	  LEFT JOIN contact_holds h ON h.contact_id = e.contact_id AND h.until > clock_timestamp()
	 WHERE (l.state IS NULL OR l.state = 'held' AND (l.charged IS NULL OR r.next_at IS NOT NULL OR e.status = 'Paused')) AND e.id NOT IN (SELECT enrollment_id FROM ended_workflows))
SELECT coalesce(account, '') AS account, account IS NULL AS unbound, campaign, step_id, min(step_index) AS step_index, zone, max(band) AS band,
       array_agg(seq) FILTER (WHERE seq > 0) AS seqs, NULL::timestamptz[] AS sinces, sum(contacts)::int AS count,
       min(since) AS since, min(at) AS not_before, array_agg(at) FILTER (WHERE at IS NOT NULL) AS froms, '' AS state, enrollment
  FROM (` + all + `) AS come WHERE account IS NULL OR account = ANY (@accounts) GROUP BY account, campaign, step_id, zone, seq > 0, at IS NULL, enrollment ORDER BY 1, not_before NULLS FIRST, campaign, step_id, zone, enrollment, seq > 0`
}
