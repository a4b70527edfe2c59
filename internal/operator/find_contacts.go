package operator

import (
	"context"
	"fmt"
	"time"

	"relance/internal/contactcsv"
)

// ContactsAt returns the contact with this address, in whatever spelling, with its
// enrollments: none or one. An Invalid for what cannot be an address.
func (o *Operator) ContactsAt(ctx context.Context, text string) ([]ContactDetails, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return nil, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := db.ContactIDsAt(ctx, []string{address})
	if err != nil {
		return nil, err
	}
	if id, known := ids[address]; known {
		return o.contactDetails(ctx, []int64{id})
	}
	return []ContactDetails{}, nil
}

// ContactsOfRecord lists the contacts that are known by a record id, of one source or of
// any when source is empty, by id.
func (o *Operator) ContactsOfRecord(ctx context.Context, recordID, source string) ([]ContactDetails, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	read := contactcsv.FromValues([]contactcsv.Values{{RecordID: recordID}}, source)
	if len(read.Rows) == 0 {
		return nil, &Invalid{Field: "recordId", Problem: fmt.Sprintf("is %q; expected the id of a record", recordID)}
	}
	ids, err := db.ContactIDsOf(ctx, read.Rows[0].Contact.RecordID, read.Source)
	if err != nil {
		return nil, err
	}
	return o.contactDetails(ctx, ids)
}

func (o *Operator) contactDetails(ctx context.Context, ids []int64) ([]ContactDetails, error) {
	all := []ContactDetails{}
	for _, id := range ids {
		one, err := o.Contact(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// RequestStatus is something that was asked of the background, and how far it is.
type RequestStatus struct {
	Background
	// DoneAt is null while it is under way.
	DoneAt *time.Time `json:"doneAt"`
}

// RequestStatus returns one of them, done or not; an ErrNotFound when there is none (any
// more): it was stopped, or asked for again.
func (o *Operator) RequestStatus(ctx context.Context, id int64) (RequestStatus, error) {
	db, err := o.database(ctx)
	if err != nil {
		return RequestStatus{}, err
	}
	one, err := db.RequestStatus(ctx, id)
	one.Since = one.Since.UTC()
	if one.DoneAt != nil {
		done := one.DoneAt.UTC()
		one.DoneAt = &done
	}
	return RequestStatus{one.OutboxStatus, one.DoneAt}, err
}
