package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Token is a token of the API, without the token itself.
type Token struct {
	ID        int64      `json:"-"`
	Name      string     `json:"name"`
	Role      string     `json:"role"`
	CreatedBy string     `json:"createdBy"`
	CreatedAt time.Time  `json:"createdAt"`
	ExpiresAt time.Time  `json:"expiresAt"`
	UsedAt    *time.Time `json:"usedAt"`
	RemovedAt *time.Time `json:"removedAt"`
}

const tokenColumns = `id, name, role, created_by, created_at, expires_at, used_at, removed_at`

// AddToken keeps a token by the SHA-256 of its text; it is valid for as long as
// expires says. ErrRefused when another that was not removed has the name.
func (s *Store) AddToken(ctx context.Context, token Token, hash [32]byte, expires time.Duration) (Token, error) {
	rows, err := s.pool.Query(ctx, `INSERT INTO api_tokens (name, role, hash, created_by, expires_at)
		VALUES ($1, $2, $3, $4, clock_timestamp() + $5::interval) RETURNING `+tokenColumns, token.Name, token.Role, hash[:], token.CreatedBy, expires)
	if err != nil {
		return Token{}, err
	}
	added, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Token])
	const uniqueViolation = "23505"
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == uniqueViolation {
		return Token{}, refusedf("there is a token %s already; remove it first, or choose another name", token.Name)
	}
	return added, err
}

// Tokens lists the tokens by name, removed ones too.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+tokenColumns+` FROM api_tokens ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

// RemoveToken ends a token. ErrNotFound when there is none with this name that
// was not removed before.
func (s *Store) RemoveToken(ctx context.Context, name string) (Token, error) {
	rows, err := s.pool.Query(ctx, `UPDATE api_tokens SET removed_at = clock_timestamp() WHERE name = $1 AND removed_at IS NULL RETURNING `+tokenColumns, name)
	if err != nil {
		return Token{}, err
	}
	removed, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Token])
	return removed, named(err, "token", name)
}

// TokenOf returns the token whose text has this SHA-256, and whether it is valid now.
// It is found by its hash: how long that takes says nothing about the text of another.
// ErrNotFound when there is none. The use is noted at most once a minute.
func (s *Store) TokenOf(ctx context.Context, hash [32]byte) (token Token, valid bool, err error) {
	rows, err := s.pool.Query(ctx, `SELECT `+tokenColumns+`, removed_at IS NULL AND expires_at > clock_timestamp() AS valid FROM api_tokens WHERE hash = $1`, hash[:])
	if err != nil {
		return token, false, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Token
		Valid bool
	}])
	if err != nil || !found.Valid {
		return found.Token, false, named(err, "token", "with this text")
	}
	_, err = s.pool.Exec(ctx, `UPDATE api_tokens SET used_at = clock_timestamp()
		WHERE id = $1 AND (used_at IS NULL OR used_at < clock_timestamp() - interval '1 minute')`, found.ID)
	return found.Token, true, err
}
