-- +goose Up

-- Who did what, when, to how many: one row for each change that a person makes,
-- written in the transaction of the change. It names things by their keys and
-- contacts by their ids, and holds no value: no secret, no address of a contact.
CREATE TABLE activity (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    by      text NOT NULL,
    kind    text NOT NULL,                        -- store.ActivityKind
    thing   text NOT NULL,                        -- store.ActivityThing
    subject text NOT NULL DEFAULT '',             -- which one: a key, an id; empty for all
    code    text NOT NULL DEFAULT '',             -- of a request: those in error with this code only
    fields  text[] NOT NULL DEFAULT '{}',         -- the names of what was changed
    count   bigint NOT NULL DEFAULT 0             -- how many contacts it was for
);
CREATE INDEX activity_by ON activity (by, id);
CREATE INDEX activity_on ON activity (thing, subject, id);

-- What the accounts have sent lately is counted from the newest rows, which stand
-- together. Such an index costs a send next to nothing: it has an entry for each
-- megabyte of the table and none for a row, and no update of a row touches it.
CREATE INDEX deliveries_reserved_at ON deliveries USING brin (reserved_at) WITH (autosummarize = on);

-- +goose Down
DROP INDEX deliveries_reserved_at;
DROP TABLE activity;
