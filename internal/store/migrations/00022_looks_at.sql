-- +goose Up

-- The mailbox at which a place of the line waits for a look; NULL is its own account's. Who was
-- moved answers the emails of the sender before.
ALTER TABLE line ADD COLUMN looks_at text;
CREATE INDEX line_looks_at ON line ((coalesce(looks_at, account))) WHERE awaits_look IS NOT NULL;

-- +goose Down
DROP INDEX line_looks_at;
ALTER TABLE line DROP COLUMN looks_at;
