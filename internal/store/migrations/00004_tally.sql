-- +goose Up

-- Who writes both tables in a transaction mostly takes them in this order.
LOCK TABLE deliveries, enrollments IN SHARE ROW EXCLUSIVE MODE;

-- What `status` and `errors summary` add up, so that they need not count a
-- million rows: how many enrollments of a campaign have a status (those in
-- error by code and cause), and how many emails a server has accepted (status
-- 'sent'). The triggers below append what has changed, in the same transaction,
-- whoever wrote it. They never change a row, and refer to none: two sends of one
-- campaign do not wait for each other here, nor for a fix (law 3). So rows that
-- are alike are added up; Store.FoldTally makes one of many. There is no index:
-- the table is small and is read as a whole.
CREATE TABLE tally (
    campaign text NOT NULL,
    status   text NOT NULL,
    code     text NOT NULL,                       -- '' unless InError
    cause    text NOT NULL,                       -- its cause_group; '' unless InError
    n        bigint NOT NULL
);

-- A cause as operators group it: the contacts' own causes are one.
-- +goose StatementBegin
CREATE FUNCTION cause_group(cause text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN cause LIKE 'contact:%' THEN 'contact' ELSE coalesce(cause, '') END
$$;
-- +goose StatementEnd

-- Rows come and go by the hundred thousand in one statement: that is a row here
-- for each group. They change one by one, on the way of every send, mostly: that
-- is two plain rows, and nothing when the WHEN finds nothing to count.
-- +goose StatementBegin
CREATE FUNCTION tally_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER tally_insert AFTER INSERT ON enrollments REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION tally_enrollments();
CREATE TRIGGER tally_update AFTER UPDATE ON enrollments FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.campaign <> NEW.campaign OR OLD.code IS DISTINCT FROM NEW.code OR OLD.cause IS DISTINCT FROM NEW.cause)
    EXECUTE FUNCTION tally_enrollments();
CREATE TRIGGER tally_delete AFTER DELETE ON enrollments REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION tally_enrollments();

-- The campaign is looked up row by row (LIMIT): a plan that joins is kept for
-- the session, and one made for a thousand rows would read the whole table for one.
-- +goose StatementBegin
CREATE FUNCTION tally_sent() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER tally_insert AFTER INSERT ON deliveries REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION tally_sent();
CREATE TRIGGER tally_update AFTER UPDATE ON deliveries FOR EACH ROW
    WHEN ((OLD.state = 'sent') <> (NEW.state = 'sent') AND NEW.kind = 'email')
    EXECUTE FUNCTION tally_sent();
CREATE TRIGGER tally_delete AFTER DELETE ON deliveries REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION tally_sent();

-- Counts everything, appends what the tally is wrong by, and returns for how
-- many groups it was. One snapshot sees each change with its rows here or sees
-- neither, so nobody has to stop writing meanwhile. Two of these must not mend
-- the same difference, hence the lock; it is in nobody else's way.
-- +goose StatementBegin
CREATE FUNCTION recount_tally() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mended bigint;
BEGIN
    LOCK TABLE tally IN SHARE UPDATE EXCLUSIVE MODE;
    INSERT INTO tally
    SELECT campaign, status, code, cause, sum(n) FROM (
        SELECT campaign, status, coalesce(code, '') AS code, cause_group(cause) AS cause, count(*) AS n FROM enrollments GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT e.campaign, 'sent', '', '', count(*) FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id
         WHERE d.state = 'sent' AND d.kind = 'email' GROUP BY 1
        UNION ALL
        SELECT campaign, status, code, cause, -n FROM tally) AS difference
     GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0;
    GET DIAGNOSTICS mended = ROW_COUNT;
    RETURN mended;
END $$;
-- +goose StatementEnd

-- TRUNCATE tells no other trigger what went.
-- +goose StatementBegin
CREATE FUNCTION tally_truncated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM recount_tally(); RETURN NULL; END $$;
-- +goose StatementEnd
CREATE TRIGGER tally_truncate AFTER TRUNCATE ON enrollments FOR EACH STATEMENT EXECUTE FUNCTION tally_truncated();
CREATE TRIGGER tally_truncate AFTER TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION tally_truncated();

SELECT recount_tally();

-- status: who is Waiting in the tally and due by now, the due ones only.
CREATE INDEX enrollments_due ON enrollments (campaign, next_at) WHERE status = 'Waiting';
-- errors summary: the oldest park of a group is the first entry of its range.
CREATE INDEX enrollments_group ON enrollments (campaign, code, cause_group(cause), parked_at) WHERE park_seq IS NOT NULL;

-- +goose Down
DROP INDEX enrollments_group, enrollments_due;
DROP TRIGGER tally_insert ON enrollments;
DROP TRIGGER tally_update ON enrollments;
DROP TRIGGER tally_delete ON enrollments;
DROP TRIGGER tally_truncate ON enrollments;
DROP TRIGGER tally_insert ON deliveries;
DROP TRIGGER tally_update ON deliveries;
DROP TRIGGER tally_delete ON deliveries;
DROP TRIGGER tally_truncate ON deliveries;
DROP FUNCTION tally_truncated, recount_tally, tally_sent, tally_enrollments, cause_group;
DROP TABLE tally;
