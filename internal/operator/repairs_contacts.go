package operator

import (
	"context"

	"relance/internal/failure"
	"relance/internal/store"
)

// Mark is a place in the list of a repair's contacts. The zero value is before the first.
type Mark = store.Mark

// RepairPage is a part of a repair's contacts, oldest park first.
type RepairPage struct {
	Items []InError
	// Total is how many there are in all, on every page.
	Total int
	// Next is the page that follows; nil when this is the last.
	Next *Mark
	// SeenAt is for Seeing: what is on the page was there before it.
	SeenAt int64
}

// RepairContacts lists the contacts of a repair, limit of them from after on.
func (o *Operator) RepairContacts(ctx context.Context, code failure.Code, cause failure.Cause, after Mark, limit int) (RepairPage, error) {
	return o.PartContacts(ctx, Part{Code: code, Cause: string(cause)}, after, limit)
}

// endedPage lists those whose workflow was ended from outside: the tally does not
// have them.
func (o *Operator) endedPage(ctx context.Context, part Part, after Mark, limit int) (RepairPage, error) {
	ended, err := o.Errors(ctx, ErrorFilter{Code: failure.WorkflowEnded, Campaign: part.Campaign}, after.Seq, limit)
	page := RepairPage{Items: ended.Items, Total: ended.Total}
	if ended.Next != 0 {
		page.Next = &Mark{Seq: ended.Next}
	}
	return page, err
}

// seen notes the last fix of each contact's own causes.
func (o *Operator) seen(ctx context.Context, db *store.Store, items []InError) error {
	causes := make([]failure.Cause, 0, 2*len(items))
	for _, item := range items {
		causes = append(causes, failure.ContactEmail(item.ContactID), failure.ContactFields(item.ContactID))
	}
	fixes, err := db.LastFixes(ctx, causes)
	for i, item := range items {
		items[i].Seen = max(fixes[failure.ContactEmail(item.ContactID)].ID, fixes[failure.ContactFields(item.ContactID)].ID)
	}
	return err
}

// ContactErrors lists where one contact is in error, and the last fix of its own
// causes, for Seeing.
func (o *Operator) ContactErrors(ctx context.Context, id int64) (items []InError, seen int64, err error) {
	page, err := o.Errors(ctx, ErrorFilter{Contact: id}, 0, 0)
	if err != nil {
		return nil, 0, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return nil, 0, err
	}
	one := []InError{{ContactID: id}}
	err = o.seen(ctx, db, one)
	for i := range page.Items {
		page.Items[i].Seen = one[0].Seen
	}
	return page.Items, one[0].Seen, err
}
