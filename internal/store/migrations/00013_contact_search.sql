-- +goose Up

-- Contacts are found by what their name begins with, in either order, and by what
-- their address begins with. 200 characters are enough to tell them apart, and no
-- entry of an index may be longer than 2704 bytes.
CREATE INDEX contacts_name ON contacts (left(lower(btrim(first_name || ' ' || last_name)), 200) text_pattern_ops) INCLUDE (id);
CREATE INDEX contacts_last_name ON contacts (left(lower(btrim(last_name || ' ' || first_name)), 200) text_pattern_ops) INCLUDE (id);
CREATE INDEX contacts_address ON contacts (left(email, 200) text_pattern_ops) INCLUDE (id) WHERE email <> '';

-- The groups of those in error. Only a park and its end write here, no send; and what
-- FoldTally has taken away is passed over.
CREATE INDEX tally_in_error ON tally (code, cause, campaign) INCLUDE (n) WHERE status = 'InError';

-- +goose Down
DROP INDEX contacts_name, contacts_last_name, contacts_address, tally_in_error;
