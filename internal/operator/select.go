package operator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relance/internal/store"
)

// Selection is the contacts that a request means: Contacts by their ids, or all
// when it is nil; of a Campaign and with a Code, unless those are empty.
type Selection = store.Selection

// ContactIDs reads ids of contacts (also `1,2,3`) and their addresses. An
// Invalid when a text is neither, a NotFound when no contact has an address.
func (o *Operator) ContactIDs(ctx context.Context, texts ...string) ([]int64, error) {
	ids, addresses := []int64{}, []string{}
	for _, text := range strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.Contains(text, "@") {
			addresses = append(addresses, stored(text))
			continue
		}
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return nil, &Invalid{Field: "contact", Text: fmt.Sprintf("%q is neither the id of a contact (a number) nor an email address", text)}
		}
		ids = append(ids, id)
	}
	if len(addresses) == 0 {
		return ids, nil
	}
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	known, err := db.ContactIDsAt(ctx, addresses)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		id, ok := known[address]
		if !ok {
			return nil, &NotFound{Thing: ContactAddress, Key: address}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// ContactID is ContactIDs for one contact, that exists.
func (o *Operator) ContactID(ctx context.Context, text string) (int64, error) {
	ids, err := o.ContactIDs(ctx, text)
	if err != nil {
		return 0, err
	}
	if len(ids) != 1 {
		return 0, &Invalid{Field: "contact", Text: "expected one contact: an id or an email address"}
	}
	db, err := o.database(ctx)
	if err != nil {
		return 0, err
	}
	return ids[0], db.CheckContacts(ctx, ids)
}

// campaigns is the database, after a look that a campaign has this key; an
// empty key means any.
func (o *Operator) campaigns(ctx context.Context, key string) (*store.Store, error) {
	db, err := o.database(ctx)
	if err != nil || key == "" {
		return db, err
	}
	keys, err := db.CampaignKeys(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(keys, key) {
		return nil, &NotFound{Thing: CampaignThing, Key: key, Existing: keys}
	}
	return db, nil
}
