package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/inbound"
)

// InboundMessage is a message that was read, as people see it: never its text.
type InboundMessage struct {
	ID int64 `json:"id"`
	// Account is the email account in whose mailbox it lies.
	Account   string    `json:"account"`
	ArrivedAt time.Time `json:"arrivedAt"`
	From      string    `json:"from"`
	Subject   string    `json:"subject"`
	// Kind is what it is, Reason why, Words those of the message that decided.
	Kind inbound.Kind `json:"kind"`
	// Class is what a report says of the contact's address; empty for all other mail.
	Class  inbound.Class `json:"class,omitempty"`
	Reason string        `json:"reason"`
	Words  string        `json:"words,omitempty"`
	State  HeardState    `json:"state"`
	// MatchedBy says how it was brought together with a message of ours.
	MatchedBy   MatchedBy `json:"matchedBy,omitempty"`
	ContactID   int64     `json:"contactId,omitempty"`
	ContactName string    `json:"contactName,omitempty"`
	Campaign    string    `json:"campaign,omitempty"`
	StepID      string    `json:"stepId,omitempty"`
	// DuplicateOf is the message that it is a copy of.
	DuplicateOf int64 `json:"duplicateOf,omitempty"`
	// SettledBy is the person who has attached or ignored it.
	SettledBy string `json:"settledBy,omitempty"`
	// Followed is what it has led to.
	Followed `json:"followed"`
}

// InboundFilter says which messages are meant; zero values mean any.
type InboundFilter struct {
	States []HeardState
	// Kinds are what it is, Class what a report says of the contact's address.
	Kinds    []inbound.Kind
	Class    inbound.Class
	Campaign string
	// Account is in whose mailbox it lies.
	Account string
	Contact int64
}

// InboundDetails is a message, and what its contact's enrollments have come to.
type InboundDetails struct {
	InboundMessage
	// HeldUntil is until when it keeps every email from its contact; null when it does not.
	HeldUntil   *time.Time       `json:"heldUntil"`
	Enrollments []HeardOfContact `json:"enrollments"`
}

// HeardOfContact is an enrollment of the contact that a message is from.
type HeardOfContact struct {
	Campaign string           `json:"campaign"`
	Status   campaign.Status  `json:"status"`
	EndedBy  campaign.EndedBy `json:"endedBy,omitempty"`
	EndedAt  *time.Time       `json:"endedAt"`
}

const inboundSQL = `
	SELECT i.id, i.address AS account, i.arrived_at, i.sender AS "from", i.subject, i.kind, i.reason, i.words, i.state, i.matched_by,
	       coalesce(i.contact_id, 0) AS contact_id, coalesce(nullif(trim(k.first_name || ' ' || k.last_name), ''), k.company, '') AS contact_name,
	       coalesce(e.campaign, '') AS campaign, i.step_id, coalesce(i.duplicate_of, 0) AS duplicate_of, i.settled_by,
	       i.class, i.ended, i.held_until, i.bounced, i.suppressed, i.doubt_settled
	  FROM inbound i LEFT JOIN contacts k ON k.id = i.contact_id LEFT JOIN enrollments e ON e.id = i.enrollment_id`

// ourMailSQL is true of mail i that has to do with a contact: other people's mail, which is settled
// and nobody's, is never shown, and copies of our own neither. The index inbound_heard has the rest.
const ourMailSQL = `i.kind <> 'own' AND (i.contact_id IS NOT NULL OR i.state IN ('open', 'unmatched', 'ignored'))`

// InboundMessages lists the page of messages that comes before an id (0 for the newest), the
// newest first; limit 0 is all.
func (s *Store) InboundMessages(ctx context.Context, filter InboundFilter, before int64, limit int) ([]InboundMessage, error) {
	conditions, args := []string{ourMailSQL}, pgx.NamedArgs{"limit": limit}
	for _, part := range []struct {
		asked bool
		name  string
		sql   string
		value any
	}{
		{len(filter.States) > 0, "states", "i.state = ANY (@states)", filter.States}, {len(filter.Kinds) > 0, "kinds", "i.kind = ANY (@kinds)", filter.Kinds},
		{filter.Class != "", "class", "i.class = @class", filter.Class}, {filter.Campaign != "", "campaign", "e.campaign = @campaign", filter.Campaign},
		{filter.Account != "", "account", "i.address = @account", filter.Account}, {filter.Contact != 0, "contact", "i.contact_id = @contact", filter.Contact},
		{before > 0, "before", "i.id < @before", before},
	} {
		if part.asked { // only what is asked for, so that an index can serve it
			conditions, args[part.name] = append(conditions, part.sql), part.value
		}
	}
	rows, err := s.pool.Query(ctx, inboundSQL+` WHERE `+strings.Join(conditions, " AND ")+` ORDER BY i.id DESC LIMIT nullif(@limit, 0)`, args)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[InboundMessage])
}

// InboundToSee counts the messages at which a person has to look.
func (s *Store) InboundToSee(ctx context.Context) (count int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM inbound WHERE state IN ('unmatched', 'open')`).Scan(&count)
	return count, mapError(err)
}

// InboundMessage is one message with what its contact's enrollments have come to; ErrNotFound
// when there is none.
func (s *Store) InboundMessage(ctx context.Context, id int64) (InboundDetails, error) {
	var details InboundDetails
	rows, err := s.pool.Query(ctx, inboundSQL+` WHERE i.id = $1`, id)
	if err != nil {
		return details, mapError(err)
	}
	if details.InboundMessage, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[InboundMessage]); err != nil {
		return details, named(err, "inbound message", id)
	}
	if err := s.pool.QueryRow(ctx, `SELECT max(until) FROM contact_holds WHERE inbound_id = $1 AND until > clock_timestamp()`, id).Scan(&details.HeldUntil); err != nil {
		return details, mapError(err)
	}
	rows, err = s.pool.Query(ctx, `SELECT campaign, status, coalesce(ended_by, '') AS ended_by, ended_at FROM enrollments WHERE contact_id = $1 ORDER BY id`, details.ContactID)
	if err != nil {
		return details, mapError(err)
	}
	details.Enrollments, err = pgx.CollectRows(rows, pgx.RowToStructByName[HeardOfContact])
	return details, err
}
