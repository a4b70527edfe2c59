-- +goose Up

-- Who has signed in to the console. The cookie's token is not here: only its hash.
CREATE TABLE console_sessions (
    token      text PRIMARY KEY,                  -- SHA-256 of the token, in base64
    data       jsonb NOT NULL,                    -- who it is, as the console wrote it
    seen_at    timestamptz NOT NULL,              -- the last request, to within a minute: the idle limit
    expires_at timestamptz NOT NULL               -- the absolute limit
);
CREATE INDEX console_sessions_expires_at ON console_sessions (expires_at);

-- +goose Down
DROP TABLE console_sessions;
