package main

import (
	"context"
	"fmt"
	"time"

	"relance/internal/temporalio"
)

// restful is how many looks in a row must find nothing under way. A contact that has been
// signalled is still in error in PostgreSQL until its workflow task has run, which takes
// seconds on a machine that is busy with other things.
const restful = 10

// awaySQL is true of enrollment e while the person is away: that rests, until somebody lets
// the person be written to again.
const awaySQL = `EXISTS (SELECT FROM contact_holds h WHERE h.contact_id = e.contact_id AND h.until > clock_timestamp())`

// rest waits until nothing is under way. What does not come to rest is lost.
func (l *lab) rest(ctx context.Context, v *verdict, when string) error {
	outreach := &temporalio.Client{Client: l.client, Namespace: "default"}
	deadline, still := time.Now().Add(patience), 0
	var busy, open int
	for looked := 0; ; looked++ {
		err := l.db.QueryRow(ctx, `
			SELECT (SELECT count(*) FROM enrollments e WHERE status = 'Active' OR status = 'Waiting' AND NOT `+awaySQL+`),
			       (SELECT count(*) FROM outbox WHERE done_at IS NULL)`).Scan(&busy, &open)
		if err != nil {
			return err
		}
		if waiting, err := outreach.Backlog(ctx); busy+open > 0 || err != nil || waiting > 0 {
			still = 0
		} else if still++; still == restful {
			return nil
		}
		if time.Now().After(deadline) {
			break
		}
		if looked%10 == 9 {
			l.say("%s: %d under way, %d outbox entries open", when, busy, open)
		}
		if !pause(ctx, 500*time.Millisecond) {
			return ctx.Err()
		}
	}
	r, err := l.read(ctx)
	if err != nil {
		return err
	}
	for _, e := range r.enrollments {
		if e.Status == "Active" || e.Status == "Waiting" && !e.Away {
			v.breach(2, e, fmt.Sprintf("%s: still %s after %s of rest", when, e.Status, patience))
		}
	}
	if open > 0 {
		v.breach(3, enrollment{}, fmt.Sprintf("%s: %d outbox entries were not delivered in %s", when, open, patience))
	}
	return nil
}
