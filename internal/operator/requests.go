package operator

import (
	"context"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// Requested is what a resume or a disenrollment has asked for.
type Requested struct {
	Requested int                  `json:"requested"`
	ByCode    map[failure.Code]int `json:"byCode"`
	// ByCampaign counts all of Requested by the keys of their campaigns.
	ByCampaign map[string]int `json:"byCampaign"`
	// LeftOut counts the contacts in DeliveryUncertain that no answer was given for.
	LeftOut int `json:"leftOut"`
	// Ended counts the contacts of a resume that cannot go on: their workflow was
	// ended from outside.
	Ended  int  `json:"ended,omitempty"`
	DryRun bool `json:"dryRun"`
	// RequestID is its number in the background, while it is under way; 0 when nothing
	// was asked for.
	RequestID int64 `json:"requestId,omitempty"`
	// Outcomes is what became of each, for a front end that has followed them.
	Outcomes []Outcome `json:"outcomes,omitempty"`

	// Rate is how fast the background carries it out; 0 is without a limit.
	Rate campaign.Rate `json:"-"`
	// Delayed is why it is not carried out at once; nil when Temporal has been
	// reached. It is carried out within a minute of its return.
	Delayed error `json:"-"`
	// Concerned lists the contacts for Follow, when the Operator is Listing.
	Concerned Concerned `json:"-"`
}

// Resume is what an operator says with a resume: a note for the timelines, and
// the answer for contacts in DeliveryUncertain.
type Resume struct {
	Note   string
	Assume campaign.Assume
}

// Resume has contacts that are in error try their step again, in the
// background. A NeedsAnswer when some are in DeliveryUncertain and their answer
// is missing, an ErrRefused when one that is named cannot be resumed, an
// ErrNotFound when it does not exist.
func (o *Operator) Resume(ctx context.Context, selected Selection, say Resume, how How) (Requested, error) {
	switch {
	case say.Assume != "" && say.Assume != campaign.AssumeSent && say.Assume != campaign.AssumeNotSent:
		return Requested{}, &Invalid{Field: "assume", Problem: `is "` + string(say.Assume) + `"; expected sent or not-sent`}
	case say.Assume != "" && selected.Code != "" && selected.Code != failure.DeliveryUncertain:
		return Requested{}, &Invalid{Field: "assume", Problem: "is an answer for DeliveryUncertain only, not for " + string(selected.Code)}
	}
	return o.request(ctx, selected, how, false, func(db *store.Store, how How) (store.Requested, error) {
		return db.RequestResume(ctx, selected, campaign.Resume{By: o.by, Note: say.Note, Assume: say.Assume}, how)
	})
}

// Disenroll takes contacts out of a campaign for good, in the background; of
// every campaign when selected names none. An ErrRefused when one that is named is
// in none, an ErrNotFound when it does not exist.
func (o *Operator) Disenroll(ctx context.Context, selected Selection, reason string, how How) (Requested, error) {
	return o.request(ctx, selected, how, true, func(db *store.Store, how How) (store.Requested, error) {
		return db.RequestDisenroll(ctx, selected, reason, o.by, how)
	})
}

func (o *Operator) request(ctx context.Context, selected Selection, how How, ends bool, save func(*store.Store, How) (store.Requested, error)) (Requested, error) {
	db, err := o.campaigns(ctx, selected.Campaign)
	if err != nil {
		return Requested{}, err
	}
	how = o.paced(how)
	how.Listed = how.Listed || o.listing
	saved, err := save(db, how)
	if err != nil {
		return Requested{}, err
	}
	out := Requested{
		Requested: saved.Count, ByCode: saved.ByCode, ByCampaign: saved.ByCampaign, LeftOut: saved.LeftOut, DryRun: how.DryRun, RequestID: saved.ID, Rate: saved.Rate,
		Concerned: Concerned{before: saved.Targets, rate: saved.Rate, ends: ends},
	}
	if !ends { // a disenrollment needs no workflow
		out.Ended = saved.Ended
	}
	if !how.DryRun && saved.Count > 0 {
		o.report(saved.ID)
		out.Delayed = o.drain(ctx)
	}
	return out, nil
}
