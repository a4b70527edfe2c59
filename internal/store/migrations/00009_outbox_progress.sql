-- +goose Up

-- What has just been done, for those who watch it.
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
-- The last fix of a cause, and the fix that follows another.
CREATE INDEX outbox_fixes ON outbox (cause, id) WHERE kind = 'fix';

-- +goose Down
DROP INDEX outbox_fixes, outbox_done;
