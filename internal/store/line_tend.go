package store

import (
	"context"
	"strconv"
	"time"
)

const (
	// turnLapse is how long an enrollment may take to claim with its turn, claimLapse how
	// long a claim may take to its gate. Then the turn is another's.
	turnLapse  = 2 * time.Minute
	claimLapse = 10 * time.Minute
	// mostLapses is how many turns an enrollment may let lapse before it is put aside, and
	// stuckFor for how long: nobody is dropped (law 2).
	mostLapses = 3
	stuckFor   = time.Hour
	// looksWithin is how long after the last page of an edit was signalled the last of those who have to
	// look may do so.
	looksWithin = 10 * time.Minute
)

// these are the places of the line that a look at all of it changes. It waits for none that
// another holds, and leaves those to the next look: who holds an account, and then its line,
// never waits for one who has another part of that line.
func these(condition string) string {
	return ` WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE ` + condition + ` LIMIT 5000 FOR UPDATE SKIP LOCKED)`
}

// clockPutBackSQL is true when turns were given at a time that is still to come. TendLine alone makes that good.
var clockPutBackSQL = `coalesce(seen_at > clock_timestamp() + interval '` + longestLook.String() + `', false)`

// TendLine does what no account's own moment does: it wakes those whose window has opened,
// takes turns back that were not used, and gives a place to those who wait for a turn and
// stand in no line, as after a restore from a backup.
func (s *Store) TendLine(ctx context.Context) (changed int64, err error) {
	if changed, err = s.lineUpLost(ctx); err != nil {
		return 0, err
	}
	for _, statement := range []string{
		`UPDATE line SET state = 'waiting', not_before = NULL` + these(`state = 'asleep' AND not_before <= clock_timestamp()`),
		// A clock that was put back lets nobody sleep until the day that it had shown, and makes no turn last for ever.
		// It has been made good when no place that slept was another's at that moment. Only then is all of the line counted.
		`WITH woken AS (UPDATE line SET state = 'waiting', not_before = NULL, awaits_look = NULL WHERE enrollment_id IN (
			SELECT enrollment_id FROM line WHERE state = 'asleep' AND EXISTS (SELECT FROM turns_given WHERE ` + clockPutBackSQL + `) FOR UPDATE SKIP LOCKED) RETURNING 1),
		 good AS (UPDATE turns_given SET seen_at = clock_timestamp()
		           WHERE CASE WHEN ` + clockPutBackSQL + ` THEN (SELECT count(*) FROM woken) = (SELECT count(*) FROM line WHERE state = 'asleep') ELSE false END)
		 SELECT FROM woken`,
		// A turn of one that waits for none any more is the next one's at once: a backup knows more places than its enrollments have.
		`UPDATE line SET state = 'held', granted_at = NULL` + these(`state = 'granted' AND EXISTS (
			SELECT FROM enrollments e WHERE e.id = line.enrollment_id AND NOT (e.status = 'Active' OR e.status = 'Waiting' AND e.next_at IS NULL))`),
		`UPDATE line SET state = CASE WHEN lapses + 1 < ` + strconv.Itoa(mostLapses) + ` THEN 'waiting' ELSE 'stuck' END, lapses = lapses + 1` + nobodys +
			these(`state IN ('granted', 'claimed')
			   AND (signalled_at IS NOT NULL OR state = 'claimed')
			   AND (coalesce(granted_at, since) < clock_timestamp() - CASE state WHEN 'granted' THEN interval '`+turnLapse.String()+`' ELSE interval '`+claimLapse.String()+`' END
			        OR granted_at > clock_timestamp() + interval '`+claimLapse.String()+`')`),
		`UPDATE line SET state = 'waiting', lapses = lapses - 1` + nobodys + these(`state = 'stuck' AND (granted_at < clock_timestamp() - interval '`+stuckFor.String()+`' OR granted_at > clock_timestamp() + interval '`+claimLapse.String()+`')`),
		`UPDATE account_pace SET look_at = NULL
		  WHERE address IN (SELECT address FROM account_pace WHERE look_at > clock_timestamp() + interval '` + longestLook.String() + `' FOR NO KEY UPDATE SKIP LOCKED)`,
		`UPDATE line SET state = 'waiting'` + these(`state = 'asleep' AND not_before IS NULL AND campaign IN (SELECT key FROM campaigns WHERE NOT paused)`),
		`INSERT INTO account_pace (address) SELECT account FROM line WHERE state = 'waiting' AND account IS NOT NULL
		  UNION SELECT unnest(c.senders) FROM campaigns c WHERE c.senders <> '{}' AND EXISTS (SELECT FROM line o WHERE o.campaign = c.key AND ` + unboundSQL + `)
		  ORDER BY 1 ON CONFLICT DO NOTHING`,
	} {
		tag, err := s.pool.Exec(ctx, statement)
		if err != nil {
			return changed, mapError(err)
		}
		changed += tag.RowsAffected()
	}
	return changed, nil
}

// TurnsAreGiven notes that a giver is at work.
func (s *Store) TurnsAreGiven(ctx context.Context, by string) error {
	_, err := s.pool.Exec(ctx, `UPDATE turns_given SET seen_at = CASE WHEN `+clockPutBackSQL+` THEN seen_at ELSE clock_timestamp() END, by = $1`, by)
	return mapError(err)
}
