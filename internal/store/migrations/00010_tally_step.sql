-- +goose Up

-- Who writes several of these in a transaction mostly takes them in this order.
LOCK TABLE deliveries, enrollments, notes IN SHARE ROW EXCLUSIVE MODE;

-- A day of a report: UTC, whatever zone a session has; -infinity for no time.
-- +goose StatementBegin
CREATE FUNCTION utc_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce((at AT TIME ZONE 'UTC')::date, '-infinity')
$$;
-- +goose StatementEnd

-- What a campaign's funnel and its days add up: as `tally`, by step and by day. It
-- is a table of its own because the release before folds the rows of `tally`, and
-- would lose a column that it does not know. The triggers are the database's: they
-- count what either release writes. `what` is
--     a status          those who are in it at the step; the day on which they ended, or -infinity
--     sent, notified    emails and SMS that were accepted, on the day of the answer
--     parked            parks, those that were repaired too, on the day on which they began
-- Days before tally_since() may be folded into -infinity. Like `tally`, it has no index.
CREATE TABLE tally_step (
    campaign text NOT NULL,
    step_id  text NOT NULL,
    what     text NOT NULL,
    day      date NOT NULL,
    n        bigint NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION tally_since() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT utc_day(now()) - 90 $$;
-- +goose StatementEnd

-- One call counts for both tables: a call costs more than a row.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO tally SELECT campaign, status, coalesce(code, ''), cause_group(cause), count(*) FROM came GROUP BY 1, 2, 3, 4;
        INSERT INTO tally_step SELECT campaign, step_id, status, utc_day(ended_at), count(*) FROM came GROUP BY 1, 2, 3, 4;
    WHEN 'UPDATE' THEN
        IF OLD.status <> NEW.status OR OLD.campaign <> NEW.campaign OR OLD.code IS DISTINCT FROM NEW.code OR OLD.cause IS DISTINCT FROM NEW.cause THEN
            INSERT INTO tally VALUES
                (OLD.campaign, OLD.status, coalesce(OLD.code, ''), cause_group(OLD.cause), -1),
                (NEW.campaign, NEW.status, coalesce(NEW.code, ''), cause_group(NEW.cause), +1);
        END IF;
        INSERT INTO tally_step VALUES
            (OLD.campaign, OLD.step_id, OLD.status, utc_day(OLD.ended_at), -1),
            (NEW.campaign, NEW.step_id, NEW.status, utc_day(NEW.ended_at), +1);
    WHEN 'DELETE' THEN
        INSERT INTO tally SELECT campaign, status, coalesce(code, ''), cause_group(cause), -count(*) FROM went GROUP BY 1, 2, 3, 4;
        INSERT INTO tally_step SELECT campaign, step_id, status, utc_day(ended_at), -count(*) FROM went GROUP BY 1, 2, 3, 4;
    END CASE;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER tally_update ON enrollments;
CREATE TRIGGER tally_update AFTER UPDATE ON enrollments FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.campaign <> NEW.campaign OR OLD.code IS DISTINCT FROM NEW.code OR OLD.cause IS DISTINCT FROM NEW.cause
          OR OLD.step_id <> NEW.step_id OR OLD.ended_at IS DISTINCT FROM NEW.ended_at)
    EXECUTE FUNCTION tally_enrollments();

-- What an accepted delivery counts as, and when it was accepted, as the timeline has it.
-- +goose StatementBegin
CREATE FUNCTION sent_as(kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE kind WHEN 'email' THEN 'sent' ELSE 'notified' END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally_sent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        WITH sent AS MATERIALIZED (
            SELECT e.campaign, came.step_id, came.kind, utc_day(coalesce(came.settled_at, came.reserved_at)) AS day
              FROM came, LATERAL (SELECT campaign FROM enrollments WHERE id = came.enrollment_id LIMIT 1) AS e
             WHERE came.state = 'sent'),
        emails AS (INSERT INTO tally SELECT campaign, 'sent', '', '', count(*) FROM sent WHERE kind = 'email' GROUP BY 1)
        INSERT INTO tally_step SELECT campaign, step_id, sent_as(kind), day, count(*) FROM sent GROUP BY 1, 2, 3, 4;
    WHEN 'UPDATE' THEN
        SELECT campaign INTO one FROM enrollments WHERE id = NEW.enrollment_id;
        IF NEW.kind = 'email' AND (OLD.state = 'sent') <> (NEW.state = 'sent') THEN
            INSERT INTO tally VALUES (one, 'sent', '', '', CASE NEW.state WHEN 'sent' THEN 1 ELSE -1 END);
        END IF;
        IF OLD.state = 'sent' THEN
            INSERT INTO tally_step VALUES (one, OLD.step_id, sent_as(OLD.kind), utc_day(coalesce(OLD.settled_at, OLD.reserved_at)), -1);
        END IF;
        IF NEW.state = 'sent' THEN
            INSERT INTO tally_step VALUES (one, NEW.step_id, sent_as(NEW.kind), utc_day(coalesce(NEW.settled_at, NEW.reserved_at)), +1);
        END IF;
    WHEN 'DELETE' THEN
        WITH sent AS MATERIALIZED (
            SELECT e.campaign, went.step_id, went.kind, utc_day(coalesce(went.settled_at, went.reserved_at)) AS day
              FROM went, LATERAL (SELECT campaign FROM enrollments WHERE id = went.enrollment_id LIMIT 1) AS e
             WHERE went.state = 'sent'),
        emails AS (INSERT INTO tally SELECT campaign, 'sent', '', '', -count(*) FROM sent WHERE kind = 'email' GROUP BY 1)
        INSERT INTO tally_step SELECT campaign, step_id, sent_as(kind), day, -count(*) FROM sent GROUP BY 1, 2, 3, 4;
    END CASE;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER tally_update ON deliveries;
CREATE TRIGGER tally_update AFTER UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.state = 'sent') <> (NEW.state = 'sent') OR NEW.state = 'sent' AND OLD.settled_at IS DISTINCT FROM NEW.settled_at)
    EXECUTE FUNCTION tally_sent();

-- Every park leaves a note, whoever writes it.
-- +goose StatementBegin
CREATE FUNCTION tally_parked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO tally_step SELECT campaign, NEW.step_id, 'parked', utc_day(NEW.at), +1 FROM enrollments WHERE id = NEW.enrollment_id;
    WHEN 'DELETE' THEN
        INSERT INTO tally_step SELECT campaign, OLD.step_id, 'parked', utc_day(OLD.at), -1 FROM enrollments WHERE id = OLD.enrollment_id;
    END CASE;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tally_insert AFTER INSERT ON notes FOR EACH ROW WHEN (NEW.kind = 'in_error') EXECUTE FUNCTION tally_parked();
CREATE TRIGGER tally_delete AFTER DELETE ON notes FOR EACH ROW WHEN (OLD.kind = 'in_error') EXECUTE FUNCTION tally_parked();

-- As recount_tally, for this table.
-- +goose StatementBegin
CREATE FUNCTION recount_tally_step() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mended bigint;
BEGIN
    LOCK TABLE tally_step IN SHARE UPDATE EXCLUSIVE MODE;
    INSERT INTO tally_step
    SELECT campaign, step_id, what, CASE WHEN day < tally_since() THEN '-infinity' ELSE day END, sum(n) FROM (
        SELECT campaign, step_id, status AS what, utc_day(ended_at) AS day, count(*) AS n FROM enrollments GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT e.campaign, d.step_id, sent_as(d.kind), utc_day(coalesce(d.settled_at, d.reserved_at)), count(*)
          FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE d.state = 'sent' GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT e.campaign, o.step_id, 'parked', utc_day(o.at), count(*)
          FROM notes o JOIN enrollments e ON e.id = o.enrollment_id WHERE o.kind = 'in_error' GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT campaign, step_id, what, day, -n FROM tally_step) AS difference
     GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0;
    GET DIAGNOSTICS mended = ROW_COUNT;
    RETURN mended;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION tally_step_truncated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM recount_tally_step(); RETURN NULL; END $$;
-- +goose StatementEnd
CREATE TRIGGER tally_step_truncate AFTER TRUNCATE ON enrollments FOR EACH STATEMENT EXECUTE FUNCTION tally_step_truncated();
CREATE TRIGGER tally_step_truncate AFTER TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION tally_step_truncated();
CREATE TRIGGER tally_step_truncate AFTER TRUNCATE ON notes FOR EACH STATEMENT EXECUTE FUNCTION tally_step_truncated();

SELECT recount_tally_step();

-- The contacts of a campaign by status and step, page by page. It also serves what
-- asks for a campaign and a status.
CREATE INDEX enrollments_place ON enrollments (campaign, status, step_id, id);
DROP INDEX enrollments_status;

-- +goose Down
LOCK TABLE deliveries, enrollments, notes IN SHARE ROW EXCLUSIVE MODE;
CREATE INDEX enrollments_status ON enrollments (campaign, status);
DROP INDEX enrollments_place;
DROP TRIGGER tally_step_truncate ON enrollments;
DROP TRIGGER tally_step_truncate ON deliveries;
DROP TRIGGER tally_step_truncate ON notes;
DROP TRIGGER tally_insert ON notes;
DROP TRIGGER tally_delete ON notes;
-- As 00004_tally.sql made them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO tally SELECT campaign, status, coalesce(code, ''), cause_group(cause), count(*) FROM came GROUP BY 1, 2, 3, 4;
    WHEN 'UPDATE' THEN
        INSERT INTO tally VALUES
            (OLD.campaign, OLD.status, coalesce(OLD.code, ''), cause_group(OLD.cause), -1),
            (NEW.campaign, NEW.status, coalesce(NEW.code, ''), cause_group(NEW.cause), +1);
    WHEN 'DELETE' THEN
        INSERT INTO tally SELECT campaign, status, coalesce(code, ''), cause_group(cause), -count(*) FROM went GROUP BY 1, 2, 3, 4;
    END CASE;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER tally_update ON enrollments;
CREATE TRIGGER tally_update AFTER UPDATE ON enrollments FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.campaign <> NEW.campaign OR OLD.code IS DISTINCT FROM NEW.code OR OLD.cause IS DISTINCT FROM NEW.cause)
    EXECUTE FUNCTION tally_enrollments();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO tally SELECT e.campaign, 'sent', '', '', count(*)
          FROM came, LATERAL (SELECT campaign FROM enrollments WHERE id = came.enrollment_id LIMIT 1) AS e
         WHERE came.state = 'sent' AND came.kind = 'email' GROUP BY 1;
    WHEN 'UPDATE' THEN
        INSERT INTO tally SELECT campaign, 'sent', '', '', CASE NEW.state WHEN 'sent' THEN 1 ELSE -1 END
          FROM enrollments WHERE id = NEW.enrollment_id;
    WHEN 'DELETE' THEN
        INSERT INTO tally SELECT e.campaign, 'sent', '', '', -count(*)
          FROM went, LATERAL (SELECT campaign FROM enrollments WHERE id = went.enrollment_id LIMIT 1) AS e
         WHERE went.state = 'sent' AND went.kind = 'email' GROUP BY 1;
    END CASE;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER tally_update ON deliveries;
CREATE TRIGGER tally_update AFTER UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.state = 'sent') <> (NEW.state = 'sent') AND NEW.kind = 'email')
    EXECUTE FUNCTION tally_sent();
DROP FUNCTION tally_step_truncated, recount_tally_step, tally_parked, sent_as, tally_since;
DROP TABLE tally_step;
DROP FUNCTION utc_day;
