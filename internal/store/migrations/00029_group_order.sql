-- +goose Up

-- The contacts of a repair come page by page, oldest park first, and by the number where two
-- were parked at the same time. With the number in the index a page is its first entries:
-- without it they are sorted, all of them where statistics are older than the parks, as they
-- are right after very many have been parked.
CREATE INDEX enrollments_group_order ON enrollments (campaign, code, cause_group(cause), parked_at, park_seq) WHERE park_seq IS NOT NULL;
DROP INDEX enrollments_group;

-- Who says what, as 00027_words.sql has it for other reasons.
ALTER TABLE mailboxes ADD COLUMN words jsonb;       -- of reason
ALTER TABLE suppressions ADD COLUMN words jsonb;    -- of note

-- +goose Down
ALTER TABLE suppressions DROP COLUMN words;
ALTER TABLE mailboxes DROP COLUMN words;
CREATE INDEX enrollments_group ON enrollments (campaign, code, cause_group(cause), parked_at) WHERE park_seq IS NOT NULL;
DROP INDEX enrollments_group_order;
