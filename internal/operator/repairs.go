package operator

import (
	"cmp"
	"context"
	"slices"
	"time"

	"relance/internal/failure"
)

// Repair is one thing to repair, over all campaigns: the contacts in error of one
// code that one cause keeps there.
type Repair struct {
	Code  failure.Code
	Cause failure.Cause
	// Title, Description and HowToFix are the catalogue's.
	Title, Description, HowToFix string
	// Count is how many go on when it is repaired, Oldest since when the first waits.
	Count  int
	Oldest time.Time
	// Campaigns are those of the contacts, the largest part first.
	Campaigns []RepairCampaign
	// Seen is for Seeing: the last fix of the cause.
	Seen int64

	// Account is set for the email account that is in error, or was removed.
	Account *Account
	// Owner is set for the user whose phone number is missing.
	Owner *User
	// Plan is set where credits are missing.
	Plan *Plan
	// First are the first few of those who are each repaired on their own.
	First []InError
	// Alike are parts of those of SendingFailed by the server's words, of the
	// oldest Read contacts.
	Alike []Alike
	Read  int
}

// RepairCampaign is a campaign's part of a repair.
type RepairCampaign struct {
	Key, Name, Sender string
	Count             int
	// Seen is for Seeing: the last fix of the campaign's sender.
	Seen int64
}

// RepairMark is a place in the list of repairs: the one that was listed last. The
// zero value is before the first.
type RepairMark struct {
	Count int
	Code  failure.Code
	Cause failure.Cause
}

// RepairList is a part of the list of repairs: those that free the most come first.
type RepairList struct {
	Items []Repair
	// Contacts and Total count all contacts in error and all repairs, on every page.
	Contacts, Total int
	// Next is the page that follows; nil when this is the last.
	Next *RepairMark
}

// Repairs lists what there is to repair, limit of it from after on. It costs the same
// however many contacts are in error.
func (o *Operator) Repairs(ctx context.Context, after RepairMark, limit int) (RepairList, error) {
	all, err := o.repairs(ctx)
	if err != nil {
		return RepairList{}, err
	}
	list := RepairList{Total: len(all)}
	for _, repair := range all {
		list.Contacts += repair.Count
		switch {
		case after != (RepairMark{}) && order(repair.mark(), after) <= 0:
		case len(list.Items) < limit:
			list.Items = append(list.Items, repair)
		case list.Next == nil:
			last := list.Items[limit-1].mark()
			list.Next = &last
		}
	}
	return list, o.detail(ctx, list.Items)
}

// Repair is one of them. Its Count is 0 when nobody is in error for it (any more). A
// NotFound when there is no such code.
func (o *Operator) Repair(ctx context.Context, code failure.Code, cause failure.Cause) (Repair, error) {
	if _, known := failure.Lookup(code); !known && code != failure.WorkflowEnded {
		return Repair{}, &NotFound{Thing: CodeThing, Key: string(code)}
	}
	all, err := o.repairs(ctx)
	if err != nil {
		return Repair{}, err
	}
	at := slices.IndexFunc(all, func(r Repair) bool { return r.Code == code && r.Cause == cause })
	if at < 0 {
		return newRepair(code, cause), nil
	}
	one := all[at : at+1]
	return one[0], o.detail(ctx, one)
}

// RepairCounts lists all repairs with their numbers, and without what their forms need.
func (o *Operator) RepairCounts(ctx context.Context) ([]Repair, error) { return o.repairs(ctx) }

// repairs puts the groups of all campaigns together that one repair serves.
func (o *Operator) repairs(ctx context.Context) ([]Repair, error) {
	groups, err := o.ErrorGroups(ctx, "")
	if err != nil {
		return nil, err
	}
	all, at := []Repair{}, map[RepairMark]int{}
	for _, group := range groups {
		key := RepairMark{Code: group.Code, Cause: group.Cause}
		i, known := at[key]
		if !known {
			i, at[key] = len(all), len(all)
			all = append(all, newRepair(group.Code, group.Cause))
		}
		repair := &all[i]
		repair.Count += group.Count
		repair.Campaigns = append(repair.Campaigns, RepairCampaign{Key: group.Campaign, Count: group.Count})
		if repair.Oldest.IsZero() || group.Oldest.Before(repair.Oldest) {
			repair.Oldest = group.Oldest
		}
	}
	slices.SortFunc(all, func(a, b Repair) int { return order(a.mark(), b.mark()) })
	return all, nil
}

func newRepair(code failure.Code, cause failure.Cause) Repair {
	entry := code.Entry()
	return Repair{Code: code, Cause: cause, Title: entry.Title, Description: entry.Description, HowToFix: entry.HowToFix}
}

func (r Repair) mark() RepairMark { return RepairMark{r.Count, r.Code, r.Cause} }

// order has what frees the most come first.
func order(a, b RepairMark) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Cause, b.Cause))
}
