-- +goose Up

-- Enrollments whose workflow was ended from outside: terminated, deleted, timed
-- out. Nothing moves them any more, so a person has to know of them (law 2).
-- What the row of the enrollment says stays as it is: it is where the
-- enrollment goes on when its workflow is started again. A row here of an
-- enrollment that has ended means nothing, and is removed by the next watch.
CREATE TABLE ended_workflows (
    enrollment_id bigint PRIMARY KEY REFERENCES enrollments ON DELETE CASCADE,
    how           text NOT NULL,                  -- campaign.Ending
    closed_at     timestamptz,                    -- NULL: not known, the workflow is gone
    noticed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    checked_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How far the watch for them has come.
CREATE TABLE watch (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    cursor    bigint NOT NULL DEFAULT 0,          -- the round: the last enrollment that was looked at
    listed_to timestamptz NOT NULL DEFAULT now()  -- until when the index has been asked for closed workflows
);
INSERT INTO watch DEFAULT VALUES;

-- The last technical failure of a step that is being tried again. A row counts
-- while its delivery is reserved and its enrollment active; the sends that
-- succeed do not come here, so the watch removes what counts no more. It is a
-- table of its own, not columns of the ledger: an index on them would cost
-- every send.
CREATE TABLE retries (
    enrollment_id bigint PRIMARY KEY REFERENCES enrollments ON DELETE CASCADE,
    step_id       text NOT NULL,
    step_index    integer NOT NULL,
    visit         integer NOT NULL,
    attempt       integer NOT NULL,               -- the one that has failed, from 1
    attempts      integer NOT NULL,               -- after so many somebody is asked; 0: never
    why           text NOT NULL,
    failed_at     timestamptz NOT NULL,
    next_at       timestamptz NOT NULL
);

-- A wait ends without a word to the row: who is due is Waiting at the step before.
CREATE VIEW retrying AS
SELECT r.*, e.campaign, e.contact_id
  FROM retries r
  JOIN enrollments e ON e.id = r.enrollment_id AND e.step_index <= r.step_index
   AND (e.status = 'Active' OR e.status = 'Waiting' AND e.next_at <= statement_timestamp())
  JOIN deliveries d ON d.enrollment_id = r.enrollment_id AND d.step_id = r.step_id AND d.visit = r.visit AND d.state IN ('reserved', 'wire')
 WHERE NOT EXISTS (SELECT FROM ended_workflows w WHERE w.enrollment_id = r.enrollment_id);

-- +goose Down
DROP VIEW retrying;
DROP TABLE retries, watch, ended_workflows;
