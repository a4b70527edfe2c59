package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
)

// load brings the campaigns and the contacts. Some contacts have no address,
// and some an address that bounces.
func (l *lab) load(ctx context.Context) error {
	l.say("campaigns and contacts")
	var text strings.Builder
	text.WriteString("plan: unlimited\nusers:\n")
	for _, one := range l.lanes {
		fmt.Fprintf(&text, "  - {key: %s, name: Owner %s, email: %s, phone: %q}\n", ownerOf(one.name), one.name, accountOf(one.name), phoneOf(one.name))
	}
	text.WriteString("email_accounts:\n")
	for _, one := range l.lanes {
		more := ""
		if one.read {
			more = fmt.Sprintf(", imap: {host: 127.0.0.1, port: %d, tls: none, username: %s}", l.toMailboxes.port, accountOf(one.name))
		}
		if one.paced && !l.upgradesLater() {
			more = ", pace: {gap: " + usualGap.String() + "}"
		}
		for _, address := range one.senders() {
			if one.paced && l.upgradesLater() {
				l.paces.begin(address, inAnyHour)
			} else if one.paced {
				l.paces.begin(address, atAnyTime)
			}
			fmt.Fprintf(&text, "  - {address: %s, name: Lane %s, smtp: {host: 127.0.0.1, port: %d, tls: none, username: %s, password: %s}%s}\n",
				address, one.name, l.toInbox.port, userOf(address), inbox.Password, more)
		}
	}
	text.WriteString("campaigns:\n")
	for _, one := range l.lanes {
		first := one.unedited()
		l.editions[one.name] = first
		for _, key := range one.campaigns() {
			l.paces.begin(key, first.window)
		}
		if l.upgradesLater() {
			one.more = 0
		}
		text.WriteString(campaignsText(one, first))
	}
	if _, err := l.must(ctx, text.String(), "apply", "-f", "-"); err != nil {
		return err
	}
	random := l.random("contacts")
	var people strings.Builder
	people.WriteString("First Name,Last Name,Company,Email\n")
	for n := 1; n <= l.contacts; n++ {
		address := fmt.Sprintf("n%d@people.example", n)
		draw := random.IntN(100)
		switch {
		case l.lanes.of(int64(n)).read:
			address = heardAddress(n, l.answers, random)
		case draw < 2:
			address = ""
		case draw < 3:
			address = fmt.Sprintf("bounce+n%d@people.example", n)
		}
		fmt.Fprintf(&people, "N%d,Person,Lab,%s\n", n, address)
	}
	_, err := l.must(ctx, people.String(), "contacts", "import", "-")
	return err
}

// random is a source of its own for each use, so that one does not disturb the
// order of another.
func (l *lab) random(use string) *rand.Rand {
	var salt uint64
	for _, letter := range use {
		salt = salt*131 + uint64(letter)
	}
	return rand.New(rand.NewPCG(l.seed, salt)) //nolint:gosec // repeatable, not secret
}

// enrollAll enrolls contacts for as long as it goes on, so that there is
// something to send whenever something is killed.
func (l *lab) enrollAll(ctx context.Context) {
	for pause(ctx, 300*time.Millisecond) {
		active, err := l.active(ctx)
		if err != nil {
			continue // PostgreSQL is away
		}
		var group sync.WaitGroup
		for _, one := range l.lanes {
			free := l.underWay/len(l.lanes) - active[campaignOf(one.name)]
			if one.paced && l.isUpgraded() {
				free = inLine*len(one.senders()) - active[campaignOf(one.name)]
			}
			l.enrollSome(ctx, &group, one, campaignOf(one.name), free)
			if one.small {
				l.enrollSome(ctx, &group, one, smallOf(one.name), few*len(one.senders())-active[smallOf(one.name)])
			}
		}
		group.Wait()
	}
}

// inLine is how many are under way for each sender where they stand in a line for a turn.
const inLine = 14

// few is how many of a small campaign are under way for each sender, so that first mails of two wait for the same turns.
const few = 4

// enrollSome enrolls so many contacts of a lane that nobody has enrolled yet.
func (l *lab) enrollSome(ctx context.Context, group *sync.WaitGroup, one lane, key string, count int) {
	if ids := l.fresh(one, count); len(ids) > 0 {
		group.Go(func() { l.enroll(ctx, key, ids) })
	}
}

// fresh are contacts of a lane that nobody has enrolled yet, so many at most.
func (l *lab) fresh(one lane, most int) (ids []string) {
	step := int64(len(l.lanes))
	next, ok := l.next[one.name]
	if !ok {
		for next = 1; l.lanes.of(next).name != one.name; {
			next++
		}
	}
	for ; most > 0 && next <= int64(l.contacts); most-- {
		ids = append(ids, fmt.Sprint(next))
		next += step
	}
	l.next[one.name] = next
	return ids
}

// active counts by campaign those who are under way. Who waits between two messages costs
// nothing; who waits for one does: in a line, for a look at a mailbox that is not read
// meanwhile, or for one of the few connections to a server. Those count as well who come back
// together, when their sender does; of several senders the others go on with new ones.
func (l *lab) active(ctx context.Context) (map[string]int, error) {
	rows, err := rowsOf[struct {
		Campaign string
		Count    int
	}](ctx, l, `SELECT campaign, count(*) FROM enrollments e WHERE status = 'Active'
		    OR status = 'Waiting' AND (campaign = ANY ($1) OR step_id NOT LIKE 'wait-%' AND NOT `+awaySQL+`)
		    OR status = 'Paused' OR code IN ('OwnerHasNoSendingAddress', 'NoCreditsLeft')
		    OR code IN ('EmailAccountInError', 'EmailAccountDisconnected') AND campaign <> ALL ($2) GROUP BY 1`, l.lanes.that(isPaced).campaigns(), l.lanes.that(isSeveral).campaigns())
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Campaign] = row.Count
	}
	return counts, err
}

// enroll gives a command again that a fault made fail.
func (l *lab) enroll(ctx context.Context, key string, ids []string) {
	for {
		code, _, _ := l.starter(ctx, "", "enroll", key, "--contacts", strings.Join(ids, ","), "--wait=false")
		if code == 0 || !pause(ctx, 500*time.Millisecond) {
			return
		}
	}
}
