package operator

import (
	"context"
	"time"
)

// ConsoleSession returns what the console has kept for the session with this hash, when
// it has neither come to its absolute limit nor been idle for longer than idle.
func (o *Operator) ConsoleSession(ctx context.Context, hash string, now time.Time, idle time.Duration) (data []byte, found bool, err error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, false, err
	}
	return db.ConsoleSession(ctx, hash, now, idle)
}

// SeeConsoleSession keeps, to within a minute, that a session is in use.
func (o *Operator) SeeConsoleSession(ctx context.Context, hash string, now time.Time) error {
	db, err := o.database(ctx)
	if err != nil {
		return err
	}
	return db.SeeConsoleSession(ctx, hash, now)
}

// AddConsoleSession begins a session, and removes those that have expired.
func (o *Operator) AddConsoleSession(ctx context.Context, hash string, data []byte, expires, now time.Time, idle time.Duration) error {
	db, err := o.database(ctx)
	if err != nil {
		return err
	}
	return db.AddConsoleSession(ctx, hash, data, expires, now, idle)
}

// EndConsoleSession ends a session; it may have ended before.
func (o *Operator) EndConsoleSession(ctx context.Context, hash string) error {
	db, err := o.database(ctx)
	if err != nil {
		return err
	}
	return db.EndConsoleSession(ctx, hash)
}
