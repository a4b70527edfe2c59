package operator

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/store"
)

// Enrolled is what an enrollment of many has done.
type Enrolled struct {
	Campaign string `json:"campaign"`
	store.Enrolled
	DryRun bool `json:"dryRun"`
	// Unstarted counts those that the background still has to start: of this
	// call, or of the whole campaign when this call has enrolled nobody.
	Unstarted int `json:"unstarted"`
	// Delayed is why they are not started at once; nil when Temporal has been
	// reached, or need not be. They are started within a minute of its return.
	Delayed error `json:"-"`

	rate campaign.Rate
}

// Enroll enrolls contacts in a campaign, every contact when ids is nil, and has
// their workflows started in the background. Contacts that are in the campaign,
// or have been, are left alone. A NotFound when there is no such campaign, an
// ErrNotFound when an id is of no contact: then nobody is enrolled.
func (o *Operator) Enroll(ctx context.Context, key string, ids []int64, how How) (Enrolled, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Enrolled{}, err
	}
	return o.started(ctx, db, key, o.paced(how), func(how How) (store.Enrolled, error) { return db.EnrollAt(ctx, key, ids, o.by, how) })
}

// Continue takes on those who have completed a campaign when a step was added behind what
// they have had; every contact when ids is nil. Errors as Enroll's.
func (o *Operator) Continue(ctx context.Context, key string, ids []int64, how How) (Enrolled, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Enrolled{}, err
	}
	return o.started(ctx, db, key, o.paced(how), func(how How) (store.Enrolled, error) { return db.Continue(ctx, key, ids, o.by, how) })
}

// NotAgain counts those that EnrollAgain leaves out.
type NotAgain = store.NotAgain

// EnrollAgain takes contacts through a campaign once more, from its first step: those that
// have completed it or were disenrolled, all of them when ids is nil. Those that a reply or
// the like has ended, or with a message in doubt, are left out unless how.Named. Errors as Enroll's.
func (o *Operator) EnrollAgain(ctx context.Context, key string, ids []int64, how How) (Enrolled, NotAgain, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Enrolled{}, NotAgain{}, err
	}
	var left NotAgain
	out, err := o.started(ctx, db, key, o.paced(how), func(how How) (saved store.Enrolled, err error) {
		saved, left, err = db.EnrollAgain(ctx, key, ids, o.by, how)
		return saved, err
	})
	return out, left, err
}

// started has those started that save has written.
func (o *Operator) started(ctx context.Context, db *store.Store, key string, how How, save func(How) (store.Enrolled, error)) (Enrolled, error) {
	saved, err := save(how)
	out := Enrolled{Campaign: key, Enrolled: saved, DryRun: how.DryRun, rate: how.Limit()}
	if err != nil || how.DryRun {
		return out, err
	}
	o.report(saved.Request)
	if out.Unstarted, err = db.CountUnstarted(ctx, key, saved.Request); err != nil || out.Unstarted == 0 {
		return out, err
	}
	temporal, err := o.workflows(ctx)
	if err == nil {
		err = temporal.StartEnrolling(ctx, key, out.Unstarted)
	}
	out.Delayed = o.reached(err)
	return out, nil
}

// FollowStarts looks until the workflows of an enrollment have been started, or
// nothing has moved for as long as Patience lasts, and returns how many are left.
func (o *Operator) FollowStarts(ctx context.Context, of Enrolled, progress Progress) (int, error) {
	left := of.Unstarted
	db, err := o.database(ctx)
	if err != nil {
		return left, err
	}
	total, moved, patience := left, time.Now(), o.patienceAt(of.rate)
	err = o.watch(ctx, func() (bool, error) {
		now, err := db.CountUnstarted(ctx, of.Campaign, of.Request)
		if err != nil {
			return true, err
		}
		if now != left {
			left, moved = now, time.Now()
		}
		progress.say(max(0, total-left), total)
		return left == 0 || time.Since(moved) > patience, nil
	})
	return left, err
}
