package store

import (
	"bytes"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Once names a request that has to be carried out once, however often it arrives.
type Once struct {
	// Token is the id of who asks; each token has keys of its own.
	Token int64
	Key   string
	// Request is the SHA-256 of what is asked for.
	Request [32]byte
}

// OnceFor is how long a key is kept.
const OnceFor = 24 * time.Hour

// KeyReused refuses another request with a key that has been used. It wraps ErrRefused.
type KeyReused struct{ Key string }

func (e *KeyReused) Error() string {
	return "the key " + e.Key + " has been used for another request; use a new key for each request, and the same key only to repeat one"
}

// Unwrap makes it a refusal.
func (*KeyReused) Unwrap() error { return ErrRefused }

// once runs work and keeps its result under the key, in the transaction of the work:
// both are there, or neither. When the key is there already, the result that was
// kept is returned instead, and repeated is true. A request with the key of one
// that is under way waits for it.
func once[T any](ctx context.Context, tx pgx.Tx, o Once, work func() (T, error)) (result T, repeated bool, err error) {
	if o.Key == "" {
		result, err = work()
		return result, false, err
	}
	if _, err := tx.Exec(ctx, `
		WITH old AS (SELECT token_id, key FROM idempotency_keys WHERE created_at < clock_timestamp() - $1::interval ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
		DELETE FROM idempotency_keys k USING old WHERE k.token_id = old.token_id AND k.key = old.key`, OnceFor); err != nil {
		return result, false, err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys AS k (token_id, key, request) VALUES ($1, $2, $3)
		    ON CONFLICT (token_id, key) DO UPDATE SET request = EXCLUDED.request, created_at = EXCLUDED.created_at
		 WHERE k.created_at < clock_timestamp() - $4::interval`, o.Token, o.Key, o.Request[:], OnceFor)
	if err != nil {
		return result, false, err
	}
	if tag.RowsAffected() == 0 {
		var before []byte
		if err := tx.QueryRow(ctx, `SELECT request, result FROM idempotency_keys WHERE token_id = $1 AND key = $2`, o.Token, o.Key).Scan(&before, &result); err != nil {
			return result, false, err
		}
		if !bytes.Equal(before, o.Request[:]) {
			var none T
			return none, false, &KeyReused{Key: o.Key}
		}
		return result, true, nil
	}
	if result, err = work(); err != nil {
		return result, false, err
	}
	_, err = tx.Exec(ctx, `UPDATE idempotency_keys SET result = $3 WHERE token_id = $1 AND key = $2`, o.Token, o.Key, result)
	return result, false, err
}
