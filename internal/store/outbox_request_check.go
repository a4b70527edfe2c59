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

func notResumable(assume campaign.Assume) func(Match, Selection) string {
	return func(one Match, selection Selection) string {
		switch {
		case one.Status == campaign.InError && assume != "":
			return fmt.Sprintf("is in error with %s in %s; an answer is for DeliveryUncertain only", one.Code, one.Campaign)
		case one.Status == campaign.InError:
			return fmt.Sprintf("is in error with %s in %s, not with %s", one.Code, one.Campaign, selection.Code)
		}
		return fmt.Sprintf("%s%s in %s", notInError, one.Status, one.Campaign)
	}
}

func notEndable(one Match, selection Selection) string {
	if one.Status.Ended() {
		return fmt.Sprintf("is %s in %s already", one.Status, one.Campaign)
	}
	return fmt.Sprintf("is %s in %s, not in error with %s", one.Status, one.Campaign, selection.Code)
}

// notInError begins the reason of a contact for which there is nothing to resume.
const notInError = "is not in error: it is "

// refuse says why nothing can be done for a named contact.
func refuse(id int64, found []Match, selection Selection, why func(Match, Selection) string) error {
	var name string
	var reasons []string
	for _, one := range found {
		if one.ContactID == id {
			name = strings.TrimSpace(one.FirstName + " " + one.LastName)
			reasons = append(reasons, why(one, selection))
		}
	}
	who := fmt.Sprintf("contact %d", id)
	if name != "" {
		who += " (" + name + ")"
	}
	switch {
	case len(reasons) > 0:
		for i := range reasons[1:] { // said once for all campaigns
			if rest, same := strings.CutPrefix(reasons[i+1], notInError); same && strings.HasPrefix(reasons[0], notInError) {
				reasons[i+1] = rest
			} else {
				reasons[i+1] = "it " + reasons[i+1]
			}
		}
		return fmt.Errorf("%s %s: %w", who, strings.Join(reasons, ", "), ErrRefused)
	case selection.Campaign != "":
		return fmt.Errorf("%s is not enrolled in %s: %w", who, selection.Campaign, ErrRefused)
	}
	return fmt.Errorf("%s is not enrolled in any campaign: %w", who, ErrRefused)
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
		return fmt.Errorf("there is no contact %d: %w", ids[0], ErrNotFound)
	}
	return fmt.Errorf("there are no contacts %s: %w", numbers(ids), ErrNotFound)
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
