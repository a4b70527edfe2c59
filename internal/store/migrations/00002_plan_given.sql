-- +goose Up

-- What the workspace file gave last, as the balance to begin with: a file that
-- is applied again must not fill up the credits that were used meanwhile.
ALTER TABLE plan ADD COLUMN given bigint;

-- +goose Down
ALTER TABLE plan DROP COLUMN given;
