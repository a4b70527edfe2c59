-- +goose Up

-- A contact can be taken through a campaign again, on purpose (enroll --again). Its enrollment stays one row and
-- one ledger; deliveries with a visit up to visit_base are of the rounds before, and count for nothing in this one.
ALTER TABLE enrollments ADD COLUMN visit_base integer NOT NULL DEFAULT 0;

-- The last two are of the rounds before.
ALTER TABLE notes DROP CONSTRAINT notes_kind_check;
ALTER TABLE notes ADD CONSTRAINT notes_kind_check CHECK (kind IN ('in_error', 'resumed', 'paused', 'disenrolled', 'heard', 'enrolled', 'completed')) NOT VALID;

-- Which of the deliveries of a step a message names: it says nothing about another one. NULL: not known.
ALTER TABLE inbound ADD COLUMN visit integer;

-- +goose Down
ALTER TABLE inbound DROP COLUMN visit;
ALTER TABLE notes DROP CONSTRAINT notes_kind_check;
ALTER TABLE notes ADD CONSTRAINT notes_kind_check CHECK (kind IN ('in_error', 'resumed', 'paused', 'disenrolled', 'heard')) NOT VALID;
ALTER TABLE enrollments DROP COLUMN visit_base;
