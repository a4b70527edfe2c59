-- +goose Up

-- How fast a row of the outbox is worked off, and how far it is.
ALTER TABLE outbox
    ADD COLUMN rate  double precision NOT NULL DEFAULT 0 CHECK (rate >= 0), -- contacts a second; 0: no limit
    ADD COLUMN total bigint NOT NULL DEFAULT 0;                             -- whom it concerned when it was asked for; 0: not counted

-- The outbox row that asked for the start of this enrollment.
ALTER TABLE enrollments ADD COLUMN request bigint;

-- +goose Down
ALTER TABLE enrollments DROP COLUMN request;
ALTER TABLE outbox DROP COLUMN rate, DROP COLUMN total;
