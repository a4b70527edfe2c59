-- +goose Up

-- The email accounts of which any takes a contact that nobody has mailed, in order; empty
-- when sender is everybody's. sender is the first of them, for the release before this one.
ALTER TABLE campaigns ADD COLUMN senders text[] NOT NULL DEFAULT '{}';
CREATE INDEX campaigns_senders ON campaigns USING gin (senders);

-- Who was moved to another sender on purpose. Otherwise the ledger says who has mailed a
-- contact: the account of its last email that may have been accepted.
ALTER TABLE enrollments ADD COLUMN sender text;

-- True of a place in the line of a campaign: any of its senders takes it. Its account is
-- NULL while it waits, and then the one whose turn it has.
ALTER TABLE line ADD COLUMN unbound boolean NOT NULL DEFAULT false;
ALTER TABLE line ALTER COLUMN account DROP NOT NULL;
CREATE INDEX line_unbound ON line (campaign, band, seq) WHERE account IS NULL AND state = 'waiting';

-- When a request to enroll begins; NULL for at once.
ALTER TABLE outbox ADD COLUMN not_before timestamptz;

-- +goose Down
ALTER TABLE outbox DROP COLUMN not_before;
DROP INDEX line_unbound;
UPDATE line SET account = '' WHERE account IS NULL;
ALTER TABLE line ALTER COLUMN account SET NOT NULL;
ALTER TABLE line DROP COLUMN unbound;
ALTER TABLE enrollments DROP COLUMN sender;
ALTER TABLE campaigns DROP COLUMN senders;
