package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Ranges of the indexes contacts_name, contacts_last_name and contacts_address. A range
// is served by its index under any plan, which LIKE is not; @last comes after every
// other character.
const (
	fromSQL     = ` ~>=~ left(lower(@text), 200)`
	toSQL       = ` ~<~ (left(lower(@text), 200) || @last)`
	nameSQL     = `left(lower(btrim(first_name || ' ' || last_name)), 200)`
	lastNameSQL = `left(lower(btrim(last_name || ' ' || first_name)), 200)`
	namedSQL    = nameSQL + fromSQL + ` AND ` + nameSQL + toSQL
	lastSQL     = lastNameSQL + fromSQL + ` AND ` + lastNameSQL + toSQL
	atSQL       = `email <> '' AND left(email, 200)` + fromSQL + ` AND left(email, 200)` + toSQL
	exactSQL    = `(SELECT id FROM contacts WHERE email <> '' AND email = ANY (@spellings)
		UNION SELECT id FROM contacts WHERE record_id <> '' AND record_id = @text
		UNION SELECT contact_id FROM contact_sources WHERE record_id = @text
		UNION SELECT id FROM contacts WHERE id = @id)`
)

// fewFound is up to how many contacts are collected from the indexes and then put in
// order. Of more, some stand in every part of the table: it is read by id until a page
// is full.
const fewFound = 5000

const (
	countFoundSQL = `SELECT (SELECT count(*) FROM (SELECT FROM contacts WHERE ` + namedSQL + ` LIMIT @few) AS a)
		+ (SELECT count(*) FROM (SELECT FROM contacts WHERE ` + lastSQL + ` LIMIT @few) AS b)
		+ (SELECT count(*) FROM (SELECT FROM contacts WHERE ` + atSQL + ` LIMIT @few) AS c)`
	collectSQL = `id > @after AND id = ANY (ARRAY(SELECT id FROM contacts WHERE ` + namedSQL + ` UNION SELECT id FROM contacts WHERE ` + lastSQL + `
		UNION SELECT id FROM contacts WHERE ` + atSQL + ` UNION ` + exactSQL + `))`
	walkSQL = `id > @after AND (` + namedSQL + ` OR ` + lastSQL + ` OR ` + atSQL + ` OR id = ANY (ARRAY` + exactSQL + `))`
)

// SearchContacts lists the contacts whose name, in either order, or whose address begins
// with the text, letter case aside, and those that have it as id or as record id; all
// for an empty text. It lists by id, limit of them, those with a higher id than after.
// Indexes serve it, however many contacts there are; Contacts finds parts of values.
func (s *Store) SearchContacts(ctx context.Context, text string, after int64, limit int) ([]campaign.Contact, error) {
	where, args := `id > @after`, pgx.NamedArgs{"after": after, "limit": limit, "few": fewFound}
	if text = strings.TrimSpace(text); text != "" {
		args["text"], args["last"], args["spellings"] = text, "\U0010ffff", campaign.Spellings(strings.ToLower(text))
		args["id"], _ = strconv.ParseInt(text, 10, 64) // no contact has 0
		var found int
		if err := s.pool.QueryRow(ctx, countFoundSQL, args).Scan(&found); err != nil {
			return nil, err
		}
		if where = collectSQL; found >= fewFound {
			where = walkSQL
		}
	}
	rows, err := s.pool.Query(ctx, `SELECT `+contactColumns+` FROM contacts WHERE `+where+` ORDER BY id LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Contact])
}

// ContactVersion is a number that differs after each change of a contact, for
// ContactEdit.Version. ErrNotFound when there is no such contact.
func (s *Store) ContactVersion(ctx context.Context, id int64) (version int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT `+versionSQL+` FROM contacts WHERE id = $1`, id).Scan(&version)
	return version, named(err, "contact", id)
}

// versionSQL is the version of a contact.
const versionSQL = `(extract(epoch FROM changed_at) * 1000000)::bigint`

// Message is one message of a contact that was sent, or of which nobody knows whether
// it was: a row of the ledger, and never a text.
type Message struct {
	At        time.Time              `json:"at"`
	Campaign  string                 `json:"campaign"`
	StepID    string                 `json:"stepId"`
	Kind      campaign.Kind          `json:"kind"`
	State     campaign.DeliveryState `json:"state"`
	Sender    string                 `json:"from"`
	Recipient string                 `json:"to"`
	Subject   string                 `json:"subject"`
	MessageID string                 `json:"messageId"`
	// Reply is the server's answer, AssumedBy who said that it was sent where no server did.
	Reply     string `json:"reply"`
	AssumedBy string `json:"assumedBy"`
}

// Messages lists the messages of a contact, the latest first.
func (s *Store) Messages(ctx context.Context, contactID int64) ([]Message, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(d.settled_at, d.wire_at, d.reserved_at) AS at, e.campaign, d.step_id, d.kind, d.state, d.account AS sender, d.recipient, d.subject,
		       d.message_id, d.reply, d.assumed_by
		  FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id
		 WHERE e.contact_id = $1 AND d.state IN ('wire', 'sent', 'uncertain') ORDER BY 1 DESC, d.visit DESC`, contactID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Message])
}
