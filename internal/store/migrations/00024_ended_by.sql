-- +goose Up

-- How many each campaign has lost to replies, bounces and unsubscriptions: a small part of those that it has had.
CREATE INDEX enrollments_ended_by ON enrollments (campaign, ended_by) WHERE ended_by IS NOT NULL;

-- +goose Down
DROP INDEX enrollments_ended_by;
