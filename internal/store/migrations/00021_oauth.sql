-- +goose Up

-- Who gives the tokens with which an account logs in instead of a password; '' for a password.
ALTER TABLE email_accounts ADD COLUMN provider text NOT NULL DEFAULT '';

-- The tokens of such an account, sealed. A worker locks the row while it has it refreshed: a
-- refresh token that the provider replaces is used by one worker at a time.
CREATE TABLE account_tokens (
	address       text PRIMARY KEY REFERENCES email_accounts,
	refresh_token bytea NOT NULL,
	access_token  bytea,
	expires_at    timestamptz,
	version       bigint NOT NULL DEFAULT 1, -- grows with each token that is kept
	refreshed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- +goose Down
DROP TABLE account_tokens;
ALTER TABLE email_accounts DROP COLUMN provider;
