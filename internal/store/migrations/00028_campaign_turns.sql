-- +goose Up

-- Which campaign had a turn of an account last: first mails leave campaign by campaign in
-- turns, so that ten are not behind fifty thousand. A campaign without a row has had none. The
-- release before writes none, and serves first who came first.
CREATE TABLE campaign_turns (
    account  text NOT NULL,
    campaign text NOT NULL,
    turn     bigint NOT NULL,                     -- grows with each turn of the account, under the lock of its row in account_pace
    PRIMARY KEY (account, campaign)
);
CREATE INDEX line_first_mails ON line (account, campaign, seq) WHERE state = 'waiting' AND band = 2;

-- +goose Down
DROP INDEX line_first_mails;
DROP TABLE campaign_turns;
