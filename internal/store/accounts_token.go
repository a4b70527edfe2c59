package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// OAuthToken is what an account logs in with instead of a password (RFC 6749 §1.4, §1.5).
type OAuthToken struct {
	// Provider gives it.
	Provider string
	// Access is shown to mail servers until Expires, Refresh to the provider alone.
	Access, Refresh campaign.Secret
	Expires         time.Time
	// Version grows with each token that is kept.
	Version int64
	// Epoch is the account's.
	Epoch int64
}

// ErrNoToken says that an account has no token: it logs in with a password, or not yet.
var ErrNoToken = errors.New("the account has no token")

const tokenSQL = `
	SELECT t.address, a.provider, t.refresh_token, t.access_token, t.expires_at, t.version, a.epoch
	  FROM account_tokens t JOIN email_accounts a ON a.address = t.address WHERE t.address = $1 AND a.provider <> ''`

// OAuthToken is the account's token as it is kept. ErrNoToken when it has none.
func (s *Store) OAuthToken(ctx context.Context, address string) (OAuthToken, error) {
	return s.readToken(ctx, s.pool, address, "")
}

func (s *Store) readToken(ctx context.Context, db querier, address, lock string) (OAuthToken, error) {
	rows, err := db.Query(ctx, tokenSQL+lock, address)
	if err != nil {
		return OAuthToken{}, mapError(err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[struct {
		Address, Provider string
		Refresh, Access   []byte
		Expires           *time.Time
		Version, Epoch    int64
	}])
	if isMissing(err) {
		return OAuthToken{}, fmt.Errorf("%s: %w", address, ErrNoToken)
	}
	if err != nil {
		return OAuthToken{}, mapError(err)
	}
	token := OAuthToken{Provider: row.Provider, Expires: timeOrZero(row.Expires), Version: row.Version, Epoch: row.Epoch}
	if token.Refresh, err = s.openPassword(refreshName(row.Address), row.Refresh); err != nil {
		return OAuthToken{}, err
	}
	token.Access, err = s.openPassword(accessName(row.Address), row.Access)
	return token, err
}

// RefreshToken has an account's token replaced by refresh, unless that has been done since the
// version that was seen: then what is kept is returned. One caller at a time, of all workers,
// has the token: a lock of its row, which nothing else waits for. What refresh returns is kept
// also when the connection on which the lock was has been lost meanwhile, unless another has
// kept one since.
func (s *Store) RefreshToken(ctx context.Context, address string, seen int64, refresh func(context.Context, OAuthToken) (OAuthToken, error)) (OAuthToken, error) {
	var token OAuthToken
	var got bool
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if token, err = s.readToken(ctx, tx, address, " FOR UPDATE OF t"); err != nil || token.Version != seen {
			return err
		}
		fresh, err := refresh(ctx, token)
		if err != nil {
			return err
		}
		fresh.Provider, fresh.Version, fresh.Epoch = token.Provider, token.Version, token.Epoch
		token, got = fresh, true
		return s.writeToken(ctx, tx, address, &token)
	})
	if err == nil || !got {
		return token, mapError(err)
	}
	// The provider may have forgotten the token of before.
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		token.Version = seen
		lost := s.writeToken(ctx, s.pool, address, &token)
		if lost == nil {
			return token, nil
		}
		if errors.Is(lost, ErrNoToken) { // another has kept one
			return s.OAuthToken(ctx, address)
		}
		select {
		case <-ctx.Done():
			return OAuthToken{}, mapError(errors.Join(err, lost))
		case <-time.After(pause):
		}
	}
}

// writeToken keeps a token in place of that with its version, whose number it then has; ErrNoToken
// when that is there no more.
func (s *Store) writeToken(ctx context.Context, db querier, address string, token *OAuthToken) error {
	refresh, access, err := s.sealToken(address, *token)
	if err != nil {
		return err
	}
	rows, err := db.Query(ctx, `
		UPDATE account_tokens SET refresh_token = $3, access_token = $4, expires_at = $5, version = version + 1, refreshed_at = clock_timestamp()
		 WHERE address = $1 AND version = $2 RETURNING version`, address, token.Version, refresh, access, timeOrNull(token.Expires))
	if err != nil {
		return err
	}
	version, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	if isMissing(err) {
		return ErrNoToken
	}
	if err == nil {
		token.Version = version
	}
	return err
}

// setToken keeps the token of an account that has just logged in with it, or forgets it (nil). The
// account's row is locked.
func (s *Store) setToken(ctx context.Context, tx pgx.Tx, address string, token *OAuthToken) error {
	if token == nil {
		_, err := tx.Exec(ctx, `DELETE FROM account_tokens WHERE address = $1`, address)
		return err
	}
	refresh, access, err := s.sealToken(address, *token)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO account_tokens AS t (address, refresh_token, access_token, expires_at) VALUES ($1, $2, $3, $4)
		    ON CONFLICT (address) DO UPDATE SET refresh_token = $2, access_token = $3, expires_at = $4, version = t.version + 1, refreshed_at = clock_timestamp()`,
		address, refresh, access, timeOrNull(token.Expires))
	return err
}

func (s *Store) sealToken(address string, token OAuthToken) (refresh, access []byte, err error) {
	if refresh, err = s.sealPassword(refreshName(address), token.Refresh); err != nil {
		return nil, nil, err
	}
	access, err = s.sealPassword(accessName(address), token.Access)
	return refresh, access, err
}

// What the tokens are sealed to.
func refreshName(address string) string { return "refresh token/" + address }
func accessName(address string) string  { return "access token/" + address }

// TokenDenied puts an account in error whose provider gives no token any more, unless it has been
// connected again since the epoch, or is in error for that already.
func (s *Store) TokenDenied(ctx context.Context, address string, epoch int64, reason, by string) error {
	row, err := readAccount(ctx, s.pool, address, "")
	if err != nil || row.Status == campaign.AccountInError && row.Reason == reason {
		return mapError(err)
	}
	return s.AccountFailed(ctx, address, epoch, *failure.Ours(reason), by)
}
