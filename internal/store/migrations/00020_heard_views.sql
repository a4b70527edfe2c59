-- +goose Up

-- What a report says of our recipient (internal/inbound.Class), and what has followed from a
-- message: written in the transaction that has kept it, or in that of the person who has settled it.
ALTER TABLE inbound
    ADD COLUMN class         text    NOT NULL DEFAULT '',
    ADD COLUMN ended         integer NOT NULL DEFAULT 0,     -- enrollments
    ADD COLUMN held_until    timestamptz,                    -- the person, by this message
    ADD COLUMN bounced       boolean NOT NULL DEFAULT false, -- the address is on the bounce list since
    ADD COLUMN suppressed    boolean NOT NULL DEFAULT false, -- the address is suppressed since
    ADD COLUMN doubt_settled boolean NOT NULL DEFAULT false; -- an uncertain delivery was settled as sent

-- Lists are read page by page, the latest first; other people's mail stands between.
CREATE INDEX inbound_heard ON inbound (id) WHERE contact_id IS NOT NULL OR state IN ('open', 'unmatched', 'ignored');
CREATE INDEX inbound_kinds ON inbound (kind, id) WHERE contact_id IS NOT NULL;
CREATE INDEX suppressions_at ON suppressions (at, target);
CREATE INDEX bounces_at ON bounces (bounced_at, address);

-- +goose Down
DROP INDEX bounces_at;
DROP INDEX suppressions_at;
DROP INDEX inbound_kinds;
DROP INDEX inbound_heard;
ALTER TABLE inbound DROP COLUMN class, DROP COLUMN ended, DROP COLUMN held_until, DROP COLUMN bounced, DROP COLUMN suppressed, DROP COLUMN doubt_settled;
