-- +goose Up

-- Enrollments follow their campaign as it is now. path is its steps in their order with the
-- messages that were removed, as internal/campaign writes it; empty: nothing was removed.
-- version counts the edits.
ALTER TABLE campaigns
	ADD COLUMN version integer NOT NULL DEFAULT 1,
	ADD COLUMN path    jsonb NOT NULL DEFAULT '[]';

CREATE TABLE campaign_versions (
	campaign text NOT NULL REFERENCES campaigns,
	n        integer NOT NULL,
	at       timestamptz NOT NULL DEFAULT clock_timestamp(),
	by       text NOT NULL DEFAULT '',
	diff     jsonb NOT NULL DEFAULT '[]', -- what was edited, as apply prints it
	PRIMARY KEY (campaign, n)
);
INSERT INTO campaign_versions (campaign, n, at) SELECT key, 1, created_at FROM campaigns;

-- The version whose text it was, and when the wait before the step was over. NULL: nobody
-- noted it, or no wait stood before it.
ALTER TABLE deliveries
	ADD COLUMN version integer,
	ADD COLUMN due_at  timestamptz;

-- follows: its workflow carries no steps. A hint: one that follows and is not marked is
-- signalled of edits that do not concern it.
-- edit: the outbox row that has it look what comes next.
ALTER TABLE enrollments
	ADD COLUMN follows boolean NOT NULL DEFAULT false,
	ADD COLUMN edit    bigint;
CREATE INDEX enrollments_edit ON enrollments (edit, id) WHERE edit IS NOT NULL;

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('fix', 'resume', 'disenroll', 'enroll', 'edit'));

-- +goose Down
DELETE FROM outbox WHERE kind = 'edit';
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('fix', 'resume', 'disenroll', 'enroll'));
DROP INDEX enrollments_edit;
ALTER TABLE enrollments DROP COLUMN follows, DROP COLUMN edit;
ALTER TABLE deliveries DROP COLUMN version, DROP COLUMN due_at;
DROP TABLE campaign_versions;
ALTER TABLE campaigns DROP COLUMN version, DROP COLUMN path;
