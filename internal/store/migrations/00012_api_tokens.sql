-- +goose Up

-- Who may use the API. The token itself is shown once and kept nowhere: hash is
-- its SHA-256. A removed token stays for what was done with it.
CREATE TABLE api_tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    role       text NOT NULL CHECK (role IN ('viewer', 'operator')),
    hash       bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL CHECK (isfinite(expires_at)),
    used_at    timestamptz,                       -- to the minute
    removed_at timestamptz
);
CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name) WHERE removed_at IS NULL;

-- Requests that came with an Idempotency-Key, and what was answered. A row commits
-- together with what the request has done, and is kept for a day.
CREATE TABLE idempotency_keys (
    token_id   bigint NOT NULL REFERENCES api_tokens,
    key        text NOT NULL,
    request    bytea NOT NULL,                    -- SHA-256 of method, path and body
    result     jsonb NOT NULL DEFAULT 'null',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys, api_tokens;
