-- +goose Up

-- Where an account's mail is read; NULL for an account that is not. Without a password of
-- its own the IMAP server is given the account's.
ALTER TABLE email_accounts ADD COLUMN imap jsonb, ADD COLUMN imap_password bytea;

-- What becomes of an enrollment when the person answers: end (all of the person's) or go_on.
ALTER TABLE campaigns ADD COLUMN on_reply text NOT NULL DEFAULT 'end' CHECK (on_reply IN ('end', 'go_on'));

-- Whether its emails say how to unsubscribe (RFC 8058, RFC 2369).
ALTER TABLE campaigns ADD COLUMN unsubscribe boolean NOT NULL DEFAULT true;

-- Why an enrollment was ended by what the person has said; NULL for all other ends.
ALTER TABLE enrollments ADD COLUMN ended_by text CHECK (ended_by IN ('replied', 'unsubscribed', 'complained', 'left', 'suppressed'));

-- The mailbox of an account that is read. Law 9: look_began is the beginning of the last
-- look that has read every watched folder to its end. It only grows, until the mailbox becomes another one.
CREATE TABLE mailboxes (
	address       text PRIMARY KEY REFERENCES email_accounts,
	generation    integer NOT NULL DEFAULT 1, -- grows when it becomes another mailbox: UIDs then mean others
	since         timestamptz NOT NULL DEFAULT clock_timestamp(), -- what came before is left alone
	status        text NOT NULL DEFAULT 'reading' CHECK (status IN ('reading', 'in_error')),
	reason        text NOT NULL DEFAULT '',
	failing_since timestamptz,
	look_began    timestamptz,
	look_ended    timestamptz,
	wanted_at     timestamptz,          -- since when a follow-up waits for a look
	retry_at      timestamptz,          -- in error: when it is tried again
	-- One reader at a time, for economy. What makes two harmless is the key of inbound.
	lease         bigint NOT NULL DEFAULT 0,
	held_by       text NOT NULL DEFAULT '',
	held_until    timestamptz
);
CREATE INDEX mailboxes_wanted ON mailboxes (address) WHERE wanted_at IS NOT NULL;

CREATE TABLE mailbox_folders (
	address       text NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
	folder        text NOT NULL,
	role          text NOT NULL DEFAULT '',
	uidvalidity   bigint NOT NULL,
	next_uid      bigint NOT NULL,
	reconciled_at timestamptz,
	PRIMARY KEY (address, folder)
);

-- One row a message that was read. The raw message is sealed, and is left out when its time is over.
CREATE TABLE inbound (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	address       text NOT NULL,
	generation    integer NOT NULL,
	folder        text NOT NULL,
	uidvalidity   bigint NOT NULL,
	uid           bigint NOT NULL,
	arrived_at    timestamptz NOT NULL,
	kept_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
	digest        bytea NOT NULL,        -- SHA-256 of what was read
	message_id    text NOT NULL DEFAULT '',
	sender        text NOT NULL DEFAULT '',
	subject       text NOT NULL DEFAULT '',
	raw           bytea,
	kind          text NOT NULL,         -- internal/inbound.Kind
	reason        text NOT NULL DEFAULT '',
	words         text NOT NULL DEFAULT '',
	classifier    integer NOT NULL,      -- the version that has judged it
	-- settled    what follows from it has been done, or nothing does
	-- unmatched  nobody knows whose it is       open  a person has to look
	-- duplicate  it was read before, elsewhere  ignored  a person has said so
	state         text NOT NULL CHECK (state IN ('settled', 'unmatched', 'open', 'duplicate', 'ignored')),
	duplicate_of  bigint,
	matched_by    text NOT NULL DEFAULT '',
	contact_id    bigint,
	enrollment_id bigint,
	step_id       text NOT NULL DEFAULT '',
	settled_by    text NOT NULL DEFAULT '',
	UNIQUE (address, generation, folder, uidvalidity, uid)
);
CREATE INDEX inbound_digest ON inbound (address, digest);
CREATE INDEX inbound_message_id ON inbound (address, message_id) WHERE message_id <> '';
CREATE INDEX inbound_to_see ON inbound (state, id) WHERE state IN ('unmatched', 'open');
CREATE INDEX inbound_contact ON inbound (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX inbound_raw ON inbound (kept_at) WHERE raw IS NOT NULL;

-- Message-IDs that a server has given our messages in place of ours.
CREATE TABLE wire_ids (
	message_id    text PRIMARY KEY,
	enrollment_id bigint NOT NULL,
	step_id       text NOT NULL,
	visit         integer NOT NULL,
	learned_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX deliveries_message_id ON deliveries (message_id) WHERE message_id <> '';

-- Persons who are away: no email leaves to them before until.
CREATE TABLE contact_holds (
	contact_id bigint PRIMARY KEY REFERENCES contacts ON DELETE CASCADE,
	until      timestamptz NOT NULL,
	words      text NOT NULL DEFAULT '',
	inbound_id bigint,
	undated    integer NOT NULL DEFAULT 0, -- how often in a row no date was named
	since      timestamptz NOT NULL DEFAULT clock_timestamp(),
	by         text NOT NULL DEFAULT ''
);

-- Addresses and domains to which nothing is sent any more, because somebody has said so.
CREATE TABLE suppressions (
	target text PRIMARY KEY,              -- lower case: an address, or a domain
	reason text NOT NULL CHECK (reason IN ('unsubscribed', 'complained', 'left', 'imported', 'by_hand')),
	note   text NOT NULL DEFAULT '',
	by     text NOT NULL DEFAULT '',
	at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A place in the line that waits for a look at the account's mailbox which began after this.
ALTER TABLE line ADD COLUMN awaits_look timestamptz;
CREATE INDEX line_awaits_look ON line (account) WHERE awaits_look IS NOT NULL;

ALTER TABLE notes DROP CONSTRAINT notes_kind_check;
ALTER TABLE notes ADD CONSTRAINT notes_kind_check CHECK (kind IN ('in_error', 'resumed', 'paused', 'disenrolled', 'heard')) NOT VALID;
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('fix', 'resume', 'disenroll', 'enroll', 'edit', 'stop')) NOT VALID;

-- +goose Down
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('fix', 'resume', 'disenroll', 'enroll', 'edit')) NOT VALID;
ALTER TABLE notes DROP CONSTRAINT notes_kind_check;
ALTER TABLE notes ADD CONSTRAINT notes_kind_check CHECK (kind IN ('in_error', 'resumed', 'paused', 'disenrolled')) NOT VALID;
ALTER TABLE line DROP COLUMN awaits_look;
DROP TABLE suppressions, contact_holds, wire_ids, inbound, mailbox_folders, mailboxes;
DROP INDEX deliveries_message_id;
ALTER TABLE enrollments DROP COLUMN ended_by;
ALTER TABLE campaigns DROP COLUMN on_reply, DROP COLUMN unsubscribe;
ALTER TABLE email_accounts DROP COLUMN imap, DROP COLUMN imap_password;
