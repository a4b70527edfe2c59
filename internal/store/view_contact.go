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
// other character. Ordered by an expression, so that no plan walks the primary key to
// look for them.
const (
	nameSQL     = `left(lower(btrim(first_name || ' ' || last_name)), 200)`
	lastNameSQL = `left(lower(btrim(last_name || ' ' || first_name)), 200)`
	addressSQL  = `left(email, 200)`
	fromSQL     = ` ~>=~ left(lower(@text), 200)`
	toSQL       = ` ~<~ (left(lower(@text), 200) || @last)`
	pageSQL     = ` > @after ORDER BY id + 0 LIMIT @limit)`
)

const searchSQL = `id IN (
	(SELECT id FROM contacts WHERE ` + nameSQL + fromSQL + ` AND ` + nameSQL + toSQL + ` AND id` + pageSQL + `
	UNION (SELECT id FROM contacts WHERE ` + lastNameSQL + fromSQL + ` AND ` + lastNameSQL + toSQL + ` AND id` + pageSQL + `
	UNION (SELECT id FROM contacts WHERE email <> '' AND ` + addressSQL + fromSQL + ` AND ` + addressSQL + toSQL + ` AND id` + pageSQL + `
	UNION (SELECT id FROM contacts WHERE email <> '' AND email = ANY (@spellings) AND id` + pageSQL + `
	UNION (SELECT id FROM contacts WHERE record_id <> '' AND record_id = @text AND id` + pageSQL + `
	UNION (SELECT id FROM (SELECT contact_id AS id FROM contact_sources WHERE record_id = @text) AS s WHERE id` + pageSQL + `
	UNION (SELECT id FROM contacts WHERE id = @id AND id` + pageSQL + `)`

// SearchContacts lists the contacts whose name, in either order, or whose address begins
// with the text, letter case aside, and those that have it as id or as record id; all
// for an empty text. It lists by id, limit of them, those with a higher id than after.
// Indexes serve it, however many contacts there are; Contacts finds parts of values.
func (s *Store) SearchContacts(ctx context.Context, text string, after int64, limit int) ([]campaign.Contact, error) {
	where, args := `id > @after`, pgx.NamedArgs{"after": after, "limit": limit}
	if text = strings.TrimSpace(text); text != "" {
		where, args["text"], args["last"], args["spellings"] = searchSQL, text, "\U0010ffff", campaign.Spellings(strings.ToLower(text))
		args["id"], _ = strconv.ParseInt(text, 10, 64) // no contact has 0
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
