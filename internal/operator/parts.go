package operator

import (
	"context"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// Part is the contacts in error of one repair, or fewer of them: of a campaign, at a
// step, or those that were chosen one by one.
type Part = store.Part

// Grown refuses what was confirmed for fewer contacts than there are now.
type Grown = store.Grown

// PartContacts lists the contacts of a part, limit of them from after on.
func (o *Operator) PartContacts(ctx context.Context, part Part, after Mark, limit int) (RepairPage, error) {
	if part.Code == failure.WorkflowEnded {
		return o.endedPage(ctx, part, after, limit)
	}
	db, err := o.database(ctx)
	if err != nil {
		return RepairPage{}, err
	}
	webURL, err := o.webPages()
	if err != nil {
		return RepairPage{}, err
	}
	page := RepairPage{}
	if page.SeenAt, err = db.LastFact(ctx); err != nil {
		return page, err
	}
	rows, err := db.RepairContacts(ctx, part, after, limit)
	if err != nil {
		return RepairPage{}, err
	}
	page.Items = make([]InError, len(rows))
	for i, row := range rows {
		page.Items[i] = inError(row, webURL)
	}
	if len(rows) == limit {
		page.Next = &Mark{At: rows[limit-1].Since, Seq: rows[limit-1].Seq}
	}
	if page.Total, err = db.CountPart(ctx, part); err != nil {
		return RepairPage{}, err
	}
	if err := o.evidence(ctx, db, page.Items); err != nil {
		return RepairPage{}, err
	}
	if !FillsIn(part.Code) {
		return page, nil
	}
	return page, o.seen(ctx, db, page.Items)
}

// FillsIn is true of the errors that end when the contact gets a value.
func FillsIn(code failure.Code) bool {
	return code == failure.ContactHasNoEmail || code == failure.EmailAlreadyBounced || code == failure.MessageCannotBeRendered
}

// ResumePart has the contacts of a part try again that a person resumes, all campaigns
// at once. A Stale when nobody is left, or when the same was asked for after what
// Seeing says.
func (o *Operator) ResumePart(ctx context.Context, part Part, note string, how How) (Requested, error) {
	if entry := part.Code.Entry(); !entry.ByHand || entry.NeedsAnswer {
		return Requested{}, &Invalid{Field: "code", Text: string(part.Code) + " ends with its repair, not by resuming"}
	}
	return o.requestPart(ctx, campaign.OutboxResume, part, campaign.Resume{Note: note, By: o.by}, 0, how)
}

// DisenrollPart takes the contacts of a part out of their campaigns for good: exactly
// those who are in error now. A Grown when they are more than confirmed, which the
// person has read.
func (o *Operator) DisenrollPart(ctx context.Context, part Part, confirmed int, reason string, how How) (Requested, error) {
	return o.requestPart(ctx, campaign.OutboxDisenroll, part, campaign.Resume{Note: reason, By: o.by}, confirmed, how)
}

func (o *Operator) requestPart(ctx context.Context, kind campaign.OutboxKind, part Part, say campaign.Resume, confirmed int, how How) (Requested, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Requested{}, err
	}
	saved, err := db.RequestPart(ctx, kind, part, say, confirmed, how)
	if err != nil {
		return Requested{}, err
	}
	out := Requested{Requested: saved.Count, ByCode: saved.ByCode, ByCampaign: saved.ByCampaign, DryRun: how.DryRun, Rate: saved.Rate}
	if kind == campaign.OutboxResume {
		out.Ended = saved.Ended
	}
	if !how.DryRun {
		out.Delayed = o.drain(ctx)
	}
	return out, nil
}

// DisenrollContact takes one contact out of a campaign for good, or of every one that
// it is in. A Grown when those are more than confirmed, a Stale when it was asked for
// after what Seeing says.
func (o *Operator) DisenrollContact(ctx context.Context, id int64, campaignKey string, confirmed int, reason string) (Requested, error) {
	selected := Selection{Campaign: campaignKey, Contacts: []int64{id}}
	would, err := o.Disenroll(ctx, selected, reason, How{DryRun: true})
	if err != nil {
		return Requested{}, err
	}
	if would.Requested > confirmed {
		return Requested{}, &Grown{Confirmed: confirmed, Now: would.Requested}
	}
	return o.Disenroll(ctx, selected, reason, How{})
}
