package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"relance/internal/failure"
	"relance/internal/operator"
)

// textsView is the texts of a campaign as they read for one contact.
type textsView struct {
	Key, Name string
	// Asked is what was typed; empty is the next who gets a message.
	Asked string
	// Preview is nil when there is no such contact, or more than one.
	Preview *operator.Preview
	// Problem says why, Found are those that it may be.
	Problem string
	Found   []operator.Contact
	// Missing are the values to fill in, each once.
	Missing []valueOf
}

// mostFound are as many contacts of one name as a person reads.
const mostFound = 20

func pageTexts(c *Console, r *http.Request, _ *frame) (view, error) {
	ctx, key := r.Context(), r.PathValue("key")
	of, err := c.Operator.Campaign(ctx, key)
	if err != nil {
		return view{}, err
	}
	shown := textsView{Key: key, Name: of.Name, Asked: strings.TrimSpace(r.URL.Query().Get("contact"))}
	id, err := c.contactMeant(r, key, &shown)
	if err != nil {
		return view{}, err
	}
	if id != 0 {
		preview, err := c.Operator.Preview(ctx, key, id, "")
		if err != nil {
			return view{}, err
		}
		shown.Preview, shown.Missing = &preview, missingValues(preview)
	}
	return view{"texts", "Texts of " + of.Name, shown}, nil
}

// contactMeant is the contact that was asked for by number, address or name; 0 with
// what is shown instead.
func (c *Console) contactMeant(r *http.Request, key string, shown *textsView) (int64, error) {
	ctx := r.Context()
	if shown.Asked == "" {
		id, err := c.Operator.NextContact(ctx, key)
		if errors.Is(err, operator.ErrNotFound) {
			shown.Problem = "Nobody is enrolled yet. Choose a contact."
			return 0, nil
		}
		return id, err
	}
	id, err := c.Operator.ContactID(ctx, shown.Asked)
	var unclear *operator.Invalid
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, operator.ErrNotFound):
		shown.Problem = sentence(err)
		return 0, nil
	case !errors.As(err, &unclear):
		return 0, err
	}
	found, total, err := c.Operator.Contacts(ctx, shown.Asked, mostFound)
	switch {
	case err != nil:
		return 0, err
	case total == 1:
		return found[0].ID, nil
	case total == 0:
		shown.Problem = "No contact has this in its name, company or address."
	case total > len(found):
		shown.Problem = "These are the first of " + number(total) + ". Type more of the name, or the address."
	default:
		shown.Problem = number(total) + " contacts have this."
	}
	shown.Found = found
	return 0, nil
}

// missingValues are the contact's values that keep a step from being sent.
func missingValues(preview operator.Preview) []valueOf {
	var missing []valueOf
	for _, step := range preview.Steps {
		for _, problem := range step.Problems {
			item := operator.InError{
				ContactID: preview.ContactID, ContactName: preview.ContactName, Seen: preview.Seen, Code: problem.Code,
				Problem: failure.Problem{Variable: problem.Variable},
			}
			field := fieldOf(item)
			if field != "" && !slices.ContainsFunc(missing, func(other valueOf) bool { return other.Field == field }) {
				missing = append(missing, valueOf{item, field})
			}
		}
	}
	return missing
}
