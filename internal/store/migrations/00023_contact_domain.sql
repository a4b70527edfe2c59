-- +goose Up

-- Who else is at the company of somebody who writes in a thread.
CREATE INDEX contacts_domain ON contacts (substring(email FROM '[^@]*$')) WHERE email <> '';

-- +goose Down
DROP INDEX contacts_domain;
