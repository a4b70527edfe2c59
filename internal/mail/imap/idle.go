package imap

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// CanIdle is true when the server says by itself that something has arrived (RFC 2177).
func (c *Client) CanIdle() bool { return c.offers(imap.CapIdle) }

// Idle waits until the server says that the open folder has changed, until wake is closed
// or sent to, at most for a time, which should be below ten minutes: some servers, and
// routers on the way, forget a connection on which nothing is said for longer. changed is
// also true for what the server has said between other commands.
func (c *Client) Idle(ctx context.Context, wake <-chan struct{}, most time.Duration) (changed bool, err error) {
	var idling *imapclient.IdleCommand
	if err := c.command(ctx, "waiting for mail", func() (err error) { idling, err = c.server.Idle(); return err }); err != nil {
		return false, err
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-c.changed:
		changed = true
	case <-wake:
	case <-timer.C:
	case <-c.server.Closed():
	case <-ctx.Done(): // the command below ends the connection, and the library's goroutine with it
	}
	defer c.watch.hasten(endOfIdle)()
	err = c.command(ctx, "waiting for mail", func() error {
		if err := idling.Close(); err != nil {
			return err
		}
		return idling.Wait()
	})
	if ctx.Err() != nil {
		c.watch.bite()
		_ = idling.Close() // fails at once now
	}
	return changed, err
}

// endOfIdle is how long the server may take to end a wait. A connection that has died
// while nothing was said is found out here, and somebody may wait for a look.
const endOfIdle = 15 * time.Second

// Forget forgets what the server has said of changes so far: a look begins that sees them.
func (c *Client) Forget() {
	select {
	case <-c.changed:
	default:
	}
}

// Noop asks whether the connection is still good (RFC 9051 §6.1.2).
func (c *Client) Noop(ctx context.Context) error {
	return c.command(ctx, "a sign of life", func() error { return c.server.Noop().Wait() })
}
