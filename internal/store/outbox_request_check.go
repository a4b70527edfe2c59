package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// NeedsAnswer refuses to resume deliveries of which nobody knows whether they
// were sent: an operator has to say so. It wraps ErrRefused.
type NeedsAnswer struct {
	// Contacts have such a delivery, each once.
	Contacts []int64
}

func (e *NeedsAnswer) Error() string {
	return fmt.Sprintf("%s in DeliveryUncertain: nobody knows whether the message was sent, so say which", people(e.Contacts))
}

// Unwrap makes it a refusal.
func (*NeedsAnswer) Unwrap() error { return ErrRefused }

// judge says what a request means to an enrollment.
type judge func(Match) verdict

type verdict int

const (
	untouched verdict = iota
	chosen
	unanswered // in DeliveryUncertain, and the request has no answer
)

func (w Selection) resumes(assume campaign.Assume) judge {
	return func(one Match) verdict {
		switch needs := one.Code.Entry().NeedsAnswer; {
		case one.Status != campaign.InError, w.Code != "" && one.Code != w.Code, assume != "" && !needs:
			return untouched
		case needs && assume == "":
			return unanswered
		}
		return chosen
	}
}

func (w Selection) ends(one Match) verdict {
	if one.Status.Ended() || w.Code != "" && one.Code != w.Code {
		return untouched
	}
	return chosen
}

// contactsExist refuses ids that no contact has.
func contactsExist(ctx context.Context, db querier, ids []int64) error {
	rows, err := db.Query(ctx, `SELECT unnest($1::bigint[]) EXCEPT SELECT id FROM contacts WHERE id = ANY ($1) ORDER BY 1`, ids)
	if err != nil {
		return err
	}
	unknown, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	return unknownContacts(unknown)
}

func unknownContacts(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if len(ids) == 1 {
		return noSuch("contact", ids[0])
	}
	return &Error{Kind: ErrNotFound, Text: "there are no contacts " + numbers(ids)}
}

// people is "contact 3 is", "2 contacts (3, 8) are".
func people(ids []int64) string {
	if len(ids) == 1 {
		return fmt.Sprintf("contact %d is", ids[0])
	}
	return fmt.Sprintf("%d contacts (%s) are", len(ids), numbers(ids))
}

// numbers lists ids for a sentence, the first few of many.
func numbers(ids []int64) string {
	const most = 10
	var texts []string
	for _, id := range ids[:min(most, len(ids))] {
		texts = append(texts, fmt.Sprint(id))
	}
	if len(ids) > most {
		texts = append(texts, fmt.Sprintf("… and %d more", len(ids)-most))
	}
	return strings.Join(texts, ", ")
}
