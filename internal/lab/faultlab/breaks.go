package main

import (
	"context"
	"time"

	"relance/internal/devstack/inbox"
)

// outageLasts is how long one of several senders is broken at least: its follow-ups come due meanwhile.
const outageLasts = 6 * time.Second

// othersGoOn waits until another of several senders has mailed a contact that nobody had mailed, and for the follow-ups of the broken one.
func (o *operator) othersGoOn(ctx context.Context, one lane, address string) {
	began, mailed := time.Now(), false
	pause(ctx, outageLasts)
	o.until(ctx, patienceOfTrials, func() bool {
		err := o.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM deliveries WHERE account = ANY ($1) AND account <> $2 AND step_id = $3 AND state = 'sent' AND wire_at > $4)`,
			one.senders(), address, firstStep, began).Scan(&mailed)
		return err == nil && mailed
	})
	o.failed = o.failed || !mailed
}

// breakAccount puts an email account in error for a while.
func (o *operator) breakAccount(ctx context.Context, address string, meanwhile func()) {
	defer o.alone(address)()
	outage, lasting := o.paces.breaks(address), context.WithoutCancel(ctx)
	o.inbox.send("deny " + userOf(address))
	o.try(lasting, "", "email-account", "reconnect", address) // fails, and puts it in error
	if o.statusOf(lasting, address) == "in_error" {
		outage.broken = time.Now()
	}
	meanwhile()
	o.mend(lasting, outage, address)
}

// mend ends an outage. The command talks to the sender's server, which may be away for a while:
// an operator gives it again until it is done, and the sender is connected.
func (o *operator) mend(ctx context.Context, of *outage, address string) {
	of.repaired = time.Now()
	for range longestFault {
		o.inbox.send("allow " + userOf(address)) // one that is being started misses it
		verb := "reconnect"
		if o.statusOf(ctx, address) == "removed" {
			verb = "add"
		}
		if o.try(ctx, inbox.Password+"\n", "email-account", verb, address, "--password-stdin") && o.statusOf(ctx, address) == "connected" {
			of.over = time.Now()
			return
		}
		pause(ctx, time.Second)
	}
	o.failed = true
}

// removeAccount removes an email account, and adds it again: it is the same one.
func (o *operator) removeAccount(ctx context.Context, address string, meanwhile func()) {
	defer o.alone(address)()
	outage := o.paces.breaks(address)
	lasting := context.WithoutCancel(ctx)
	if o.run(lasting, "", "email-account", "remove", address) {
		outage.broken = time.Now()
	}
	meanwhile()
	o.mend(lasting, outage, address)
}

// statusOf is what PostgreSQL says of an account; nothing when it does not answer.
func (l *lab) statusOf(ctx context.Context, address string) (status string) {
	if l.db.QueryRow(ctx, `SELECT status FROM email_accounts WHERE address = $1`, address).Scan(&status) != nil {
		return ""
	}
	return status
}
