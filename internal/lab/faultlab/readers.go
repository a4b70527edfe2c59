package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relance/activities"
)

// twoReaders makes two workers read the same mailboxes (law 9): one is kept from Temporal, which
// takes it for dead after the heartbeat timeout and gives its mailboxes to the other; it goes on
// reading meanwhile, since PostgreSQL and the inbox answer it. Its lease is taken away, as a
// pause of a minute would.
func (l *lab) twoReaders(ctx context.Context, worker *part) error {
	return l.toTemporal[worker].stalled("upstream", func() error {
		if !pause(ctx, activities.HeartbeatTimeout) {
			return ctx.Err()
		}
		_, err := l.db.Exec(ctx, `UPDATE mailboxes SET held_until = NULL, held_by = ''`)
		pause(ctx, 4*time.Second)
		return err
	})
}

// readAgain is since when a mailbox must have been read to its end to be moved.
const readAgain = 20 * time.Second

// moveMailboxes gives mailboxes a new UIDVALIDITY, so that everything in them is read again. One
// that is still being read again is left alone: in a long run it would never be read to its end,
// and its lane would mail nobody any more.
func (l *lab) moveMailboxes(ctx context.Context) error {
	type mailbox struct{ Address string }
	looked, err := rowsOf[mailbox](ctx, l, `SELECT address FROM mailboxes WHERE look_ended > clock_timestamp() - $1::interval`, readAgain)
	if err != nil {
		return err
	}
	for _, one := range l.lanes.that(isRead) {
		if slices.Contains(looked, mailbox{accountOf(one.name)}) {
			l.inbox.send("move " + one.name)
		}
	}
	return nil
}

// release lets some of those be written to again who are away, or all; it says how many
// there were.
func (l *lab) release(ctx context.Context, most int) int {
	away, err := rowsOf[struct{ ID int64 }](ctx, l, `SELECT contact_id FROM contact_holds WHERE until > clock_timestamp() ORDER BY contact_id LIMIT $1`, most)
	if err != nil {
		return 0 // a fault: nobody is touched this time
	}
	for _, one := range away {
		l.mu.Lock()
		l.released[one.ID] = append(l.released[one.ID], time.Now())
		l.mu.Unlock()
		l.starter(ctx, "", "contacts", "release", fmt.Sprint(one.ID))
	}
	return len(away)
}

// awaitLooks waits until every answer has come, and a complete look has seen it.
func (l *lab) awaitLooks(ctx context.Context, v *verdict) error {
	if len(l.lanes.that(isRead)) == 0 {
		return nil
	}
	unseen := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		mails, err := l.mails()
		if err != nil {
			return err
		}
		heard, err := l.readHeard()
		if err != nil {
			return err
		}
		_, pending := l.clicker.all()
		unseen = pending
		for _, answer := range heard.answers {
			if _, ok := heard.seenAt(answer); !ok {
				unseen++
			}
		}
		if unseen == 0 && (len(mails) == 0 || time.Since(mails[len(mails)-1].Time) > longestAnswer+2*time.Second) {
			return nil
		}
		if !pause(ctx, time.Second) {
			return ctx.Err()
		}
	}
	if unseen > 0 {
		v.breach(9, enrollment{}, fmt.Sprintf("%d answers are there that nobody has seen in %s", unseen, patience))
	}
	return nil
}
