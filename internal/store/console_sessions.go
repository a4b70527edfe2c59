package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// seenEvery is how exactly it is kept when a session was last used: a page does not
// cost a write.
const seenEvery = time.Minute

// ConsoleSession returns the data of the session with this hash. Not found is one that
// there is not, that has come to its absolute limit, or that nobody has used for longer
// than idle. The time is the caller's.
func (s *Store) ConsoleSession(ctx context.Context, hash string, now time.Time, idle time.Duration) (data []byte, found bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT data FROM console_sessions WHERE token = $1 AND expires_at > $2 AND seen_at > $3`, hash, now, now.Add(-idle)).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// SeeConsoleSession keeps that a session is in use. One that has ended meanwhile does
// not come back.
func (s *Store) SeeConsoleSession(ctx context.Context, hash string, now time.Time) error {
	_, err := s.pool.Exec(ctx, `UPDATE console_sessions SET seen_at = $2 WHERE token = $1 AND seen_at <= $3`, hash, now, now.Add(-seenEvery))
	return err
}

// AddConsoleSession adds a session, and removes those that have expired.
func (s *Store) AddConsoleSession(ctx context.Context, hash string, data []byte, expires, now time.Time, idle time.Duration) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM console_sessions WHERE expires_at <= $1 OR seen_at <= $2`, now, now.Add(-idle)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO console_sessions (token, data, seen_at, expires_at) VALUES ($1, $2, $3, $4)`, hash, data, now, expires)
		return err
	})
}

// EndConsoleSession ends a session; it may have ended before.
func (s *Store) EndConsoleSession(ctx context.Context, hash string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM console_sessions WHERE token = $1`, hash)
	return err
}
