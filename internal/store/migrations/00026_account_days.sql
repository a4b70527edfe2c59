-- +goose Up

-- What the accounts have sent on days that are over, so that a page need not count the
-- ledger of two weeks again. Workers count each day once, an hour after it has ended; a
-- send writes nothing here. A day that is not here is counted from the ledger. The row
-- without an account says that the day is counted, also when nothing was sent on it.
CREATE TABLE account_days (
    day     date NOT NULL,                        -- of UTC
    account text NOT NULL,
    sent    bigint NOT NULL,
    PRIMARY KEY (day, account)
);

-- What changes the past, a restore or a hand, has its days counted again. WHEN is false for
-- every send, at the cost of one comparison, and then nothing is called. Who counts a day
-- locks the table first: either it sees the change, or the change sees the day.
-- +goose StatementBegin
CREATE FUNCTION account_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM account_days WHERE day = utc_day(OLD.settled_at);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        DELETE FROM account_days WHERE day = utc_day(NEW.settled_at);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER account_days_insert AFTER INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.state = 'sent' AND NEW.settled_at < now() - interval '1 hour') EXECUTE FUNCTION account_days_changed();
CREATE TRIGGER account_days_update AFTER UPDATE ON deliveries FOR EACH ROW
    WHEN (OLD.state = 'sent' AND OLD.settled_at < now() - interval '1 hour' OR NEW.state = 'sent' AND NEW.settled_at < now() - interval '1 hour')
    EXECUTE FUNCTION account_days_changed();
CREATE TRIGGER account_days_delete AFTER DELETE ON deliveries FOR EACH ROW
    WHEN (OLD.state = 'sent' AND OLD.settled_at < now() - interval '1 hour') EXECUTE FUNCTION account_days_changed();
-- +goose StatementBegin
CREATE FUNCTION account_days_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM account_days; RETURN NULL; END $$;
-- +goose StatementEnd
CREATE TRIGGER account_days_truncate AFTER TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION account_days_gone();

-- +goose Down
DROP TRIGGER account_days_truncate ON deliveries;
DROP TRIGGER account_days_delete ON deliveries;
DROP TRIGGER account_days_update ON deliveries;
DROP TRIGGER account_days_insert ON deliveries;
DROP FUNCTION account_days_gone, account_days_changed;
DROP TABLE account_days;
