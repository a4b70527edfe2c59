-- +goose Up

-- Who says what in a reason: {"of": the reason, "said": a server's reply, "meaning": what we
-- say}. The reason stays as it is: the release before writes it alone, and leaves these as
-- they were. So they count only where "of" is the reason; otherwise nobody knows.
ALTER TABLE enrollments ADD COLUMN words jsonb;     -- of detail
ALTER TABLE email_accounts ADD COLUMN words jsonb;  -- of reason
ALTER TABLE bounces ADD COLUMN words jsonb;         -- of reason

-- +goose Down
ALTER TABLE bounces DROP COLUMN words;
ALTER TABLE email_accounts DROP COLUMN words;
ALTER TABLE enrollments DROP COLUMN words;
