-- +goose Up

-- When messages may leave. The rules are JSON as internal/pace writes them: no
-- statement reckons with zones.
CREATE TABLE calendar (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	rules   jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO calendar DEFAULT VALUES;

ALTER TABLE campaigns ADD COLUMN send_window jsonb NOT NULL DEFAULT '{}';
ALTER TABLE email_accounts ADD COLUMN pace jsonb NOT NULL DEFAULT '{}';

-- Law 8: the row under whose lock an account's next message is decided. What has been
-- spent of its day is what the ledger says.
CREATE TABLE account_pace (
	address     text PRIMARY KEY,
	next_at     timestamptz,            -- the first moment for the next message
	day         date,                   -- the last date of the account's zone on which messages left
	count       integer NOT NULL DEFAULT 0,
	sending_day integer NOT NULL DEFAULT 0,
	seq         bigint NOT NULL DEFAULT 0, -- how many have left: what the jitter is drawn from
	look_at     timestamptz             -- when the giver looks again; NULL for at once
);
CREATE INDEX account_pace_look ON account_pace (look_at NULLS FIRST);

-- Who waits for a turn of which account: one place an enrollment, kept until the step
-- has been settled. A place in the line is (band, seq).
CREATE SEQUENCE line_seq;
CREATE TABLE line (
	-- No reference: its check locks the enrollment, which every transaction takes before the line.
	enrollment_id bigint PRIMARY KEY,
	step_id       text NOT NULL,
	campaign      text NOT NULL,
	account       text NOT NULL,          -- '' while the campaign has no sender
	zone          text NOT NULL DEFAULT '', -- the recipient's, where it counts
	band          smallint NOT NULL,      -- 1 follow-ups, 2 first mails; 1 for all when the order is fifo
	seq           bigint NOT NULL DEFAULT nextval('line_seq'),
	since         timestamptz NOT NULL DEFAULT clock_timestamp(),
	-- waiting  for its turn                      asleep   until not_before: its window is closed
	-- granted  has the turn, may claim           claimed  has claimed, may pass the gate
	-- held     not due: parked, paused, retried  stuck    has let three turns lapse
	state         text NOT NULL CHECK (state IN ('waiting', 'asleep', 'granted', 'claimed', 'held', 'stuck')),
	not_before    timestamptz,
	turn          bigint NOT NULL DEFAULT 0, -- grows with each turn
	granted_at    timestamptz,            -- since when it has the turn
	signalled_at  timestamptz,            -- when the enrollment was last signalled of it
	lapses        smallint NOT NULL DEFAULT 0,
	charged       date                    -- the date that the message was counted on; NULL when it is not
) WITH (fillfactor = 80);
CREATE INDEX line_waiting ON line (account, band, seq) WHERE state = 'waiting';
CREATE INDEX line_turns ON line (account) WHERE state IN ('granted', 'claimed');
CREATE INDEX line_asleep ON line (not_before) WHERE state = 'asleep';
CREATE INDEX line_campaign ON line (campaign);
-- Those who wait for a turn and may stand in no line: a backup can have lost their place.
CREATE INDEX enrollments_turn ON enrollments (id) WHERE status = 'Waiting' AND next_at IS NULL;

-- Messages of `starter test-send`: in no ledger, but of the account's day.
CREATE TABLE test_sends (
	id      bigserial PRIMARY KEY,
	account text NOT NULL,
	sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	by      text NOT NULL
);

-- That turns are given, and since when they are not.
CREATE TABLE turns_given (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	seen_at timestamptz,
	by      text NOT NULL DEFAULT ''
);
INSERT INTO turns_given DEFAULT VALUES;

-- +goose Down
DROP TABLE turns_given, test_sends, line, account_pace, calendar;
DROP SEQUENCE line_seq;
DROP INDEX enrollments_turn;
ALTER TABLE email_accounts DROP COLUMN pace;
ALTER TABLE campaigns DROP COLUMN send_window;
