package operator

import "context"

// Pausing is what pausing a campaign has done, or letting it go on.
type Pausing struct {
	Changed
	// Count is how many contacts it concerns: of a pause those that are under
	// way, of an unpause those that are Paused.
	Count  int  `json:"concerned"`
	DryRun bool `json:"dryRun"`

	// UnderWay are the parts of Count, of a pause.
	UnderWay UnderWay `json:"-"`
}

// UnderWay counts the contacts of a campaign that have not ended and are not
// paused, by status.
type UnderWay struct{ Active, Waiting, InError int }

// Pause pauses a campaign: no step begins any more. A NotFound when there is
// no such campaign.
func (o *Operator) Pause(ctx context.Context, key string, dryRun bool) (Pausing, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Pausing{}, err
	}
	change, err := db.SetPaused(ctx, key, true, o.by, How{DryRun: dryRun})
	out := Pausing{Changed: Changed{Edits: list(change.Edits)}, DryRun: dryRun}
	if err != nil || len(change.Edits) == 0 {
		return out, err
	}
	statuses, err := db.CampaignStatuses(ctx, key)
	if err != nil {
		return out, err
	}
	for _, now := range statuses {
		out.UnderWay = UnderWay{now.Active, now.Waiting, now.InError}
		out.Count = now.Active + now.Waiting + now.InError
	}
	return out, nil
}

// Unpause lets a paused campaign go on: contacts that are Paused begin their
// step, at how.Rate. A NotFound when there is no such campaign.
func (o *Operator) Unpause(ctx context.Context, key string, how How) (Pausing, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Pausing{}, err
	}
	how = o.paced(how)
	change, err := db.SetPaused(ctx, key, false, o.by, how)
	out := Pausing{Changed: Changed{Edits: list(change.Edits), Effect: Effect{Freed: freed(change.Resuming, change.Ended)}}, Count: change.Resuming, DryRun: how.DryRun}
	if err != nil || how.DryRun {
		return out, err
	}
	out.Changed, err = o.changed(ctx, db, change)
	out.Changed.Concerned.rate = how.Limit()
	return out, err
}
