package operator

import (
	"context"
	"errors"
	"fmt"

	"relance/internal/campaign"
	"relance/internal/liquid"
)

// Chosen are the contacts for which a condition holds.
type Chosen struct {
	// IDs are never nil, which would mean every contact.
	IDs []int64
	// Undecided are the first contacts whose value the condition cannot compare, and
	// UndecidedCount is how many there are: they are not chosen.
	Undecided      []Undecided
	UndecidedCount int
}

// Undecided is a contact for which a condition cannot be decided.
type Undecided struct {
	ContactID   int64  `json:"contactId"`
	ContactName string `json:"contactName"`
	// Variable is the contact's, Value what it has, Reason why it cannot be compared.
	Variable string `json:"variable"`
	Value    string `json:"value"`
	Reason   string `json:"reason"`
}

// maxUndecided is how many undecided contacts are named.
const maxUndecided = 20

// ContactsWhere finds the contacts for which a condition holds: see liquid.Condition. It
// writes nothing. An Invalid when the text is no condition, or names a field that no
// contact has.
func (o *Operator) ContactsWhere(ctx context.Context, where string) (Chosen, error) {
	condition, err := liquid.ParseCondition(where)
	if err != nil {
		return Chosen{}, invalid("where", fmt.Errorf("the condition %w", err))
	}
	db, err := o.database(ctx)
	if err != nil {
		return Chosen{}, err
	}
	fields, _, err := db.FieldNames(ctx)
	if err != nil {
		return Chosen{}, err
	}
	for _, missing := range condition.Unfilled(fields) {
		return Chosen{}, invalid("where", fmt.Errorf("the condition names %s, which no contact has%s", missing.Key, didYouMean(missing.Meant)))
	}
	out := Chosen{IDs: []int64{}}
	err = db.EachContact(ctx, func(contact campaign.Contact) error {
		holds, err := condition.Holds(contact)
		if undecided := new(liquid.Undecided); errors.As(err, &undecided) {
			out.UndecidedCount++
			if len(out.Undecided) < maxUndecided {
				out.Undecided = append(out.Undecided, Undecided{
					ContactID: contact.ID, ContactName: contact.Name(), Variable: undecided.Variable, Value: undecided.Value, Reason: undecided.Reason,
				})
			}
			return nil
		}
		if holds {
			out.IDs = append(out.IDs, contact.ID)
		}
		return err
	})
	return out, err
}

func didYouMean(meant string) string {
	if meant == "" {
		return ""
	}
	return "; did you mean " + meant + "?"
}
