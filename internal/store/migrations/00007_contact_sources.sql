-- +goose Up

-- By which record of which product an import knows a contact. A source without
-- a name ('') numbers as it likes, so two contacts may have its number.
CREATE TABLE contact_sources (
    source     text NOT NULL,
    record_id  text NOT NULL,
    contact_id bigint NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    email      text NOT NULL DEFAULT '',          -- the address that the record gave last, lower case
    PRIMARY KEY (source, record_id, contact_id)
);
CREATE INDEX contact_sources_record_id ON contact_sources (record_id);
CREATE INDEX contact_sources_contact_id ON contact_sources (contact_id);

ALTER TABLE contacts
    ADD COLUMN email_mended  boolean,             -- the address was set by hand; NULL: from before this column
    ADD COLUMN former_emails text[] NOT NULL DEFAULT '{}'; -- addresses that the contact had before, the latest last
CREATE INDEX contacts_former_emails ON contacts USING gin (former_emails);

-- +goose Down
ALTER TABLE contacts DROP COLUMN email_mended, DROP COLUMN former_emails;
DROP TABLE contact_sources;
