package operator

import (
	"context"

	"relance/internal/store"
)

// Member is a contact of a campaign, and where it stands.
type Member = store.Member

// MemberFilter says which members are meant.
type MemberFilter = store.MemberFilter

// MemberMark is a place in their list.
type MemberMark = store.MemberMark

// MemberPage is a part of the list of a campaign's contacts: by status, those in error
// first, then by step.
type MemberPage struct {
	Items []Member
	// Total is how many there are in all, on every page.
	Total int
	// Next is the page that follows; nil when this is the last.
	Next *MemberMark
}

// Members lists the contacts of a campaign, limit of them from after on. A NotFound
// when there is no such campaign.
func (o *Operator) Members(ctx context.Context, filter MemberFilter, after MemberMark, limit int) (MemberPage, error) {
	db, err := o.campaigns(ctx, filter.Campaign)
	if err != nil {
		return MemberPage{}, err
	}
	var page MemberPage
	if page.Items, err = db.Members(ctx, filter, after, limit+1); err != nil {
		return MemberPage{}, err
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = &page.Items[limit-1].Mark
	}
	counts, err := db.StepCounts(ctx, filter.Campaign)
	for _, count := range counts.Standing {
		if (filter.Status == "" || filter.Status == count.Status) && (filter.Step == "" || filter.Step == count.StepID) {
			page.Total += count.Count
		}
	}
	return page, err
}
