package wakeups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// flows is Temporal: the running enrollments, the worker's activities, and the
// way to tell a workflow something, which fails now and then, before the
// workflow has heard it or after.
type flows struct {
	w       *world
	prompt  sender
	slow    sender
	records *activities.Records
	wakes   *activities.Wakes
	starts  *activities.Starts
	slots   chan struct{} // a worker does so many things at once

	mutex   sync.Mutex // guards all enrollments too
	moved   *sync.Cond
	all     map[string]*enrollment
	stopped bool
	group   sync.WaitGroup
}

func newFlows(w *world) *flows {
	f := &flows{w: w, all: map[string]*enrollment{}, slots: make(chan struct{}, 8)}
	f.moved = sync.NewCond(&f.mutex)
	f.slow = newSender(w, w.stopAndGo)
	f.prompt = newSender(w, func() {
		if w.staleAttempts && w.dice.oneIn(10) {
			w.stopAndGo()
		}
	})
	f.records = &activities.Records{Ledger: w.Store}
	f.wakes = &activities.Wakes{Outbox: w.Store, Messenger: f, Concurrency: 3, PageSize: 2}
	for range 2 {
		f.group.Go(f.giveTurns)
	}
	f.starts = &activities.Starts{Register: w.Store, Starter: f, Concurrency: 3, PageSize: 5}
	return f
}

// run runs one activity as a worker does.
func run[T any](activitySet, activity any, input ...any) (result T, err error) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(activitySet)
	value, err := env.ExecuteActivity(activity, input...)
	if err == nil && value.HasValue() {
		err = value.Get(&result)
	}
	return result, err
}

// runFirst runs an activity as a worker does the first try of a step: inside its workflow task.
func runFirst(_, activity any, input ...any) (result activities.Result, err error) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	value, err := suite.NewTestActivityEnvironment().ExecuteLocalActivity(activity, input...)
	if err == nil && value.HasValue() {
		err = value.Get(&result)
	}
	return result, err
}

func (f *flows) stop() {
	f.locked(func() { f.stopped = true })
	f.group.Wait()
}

// locked changes what the enrollments know, and lets them look.
func (f *flows) locked(change func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	change()
	f.moved.Broadcast()
}

// Lag is none: who is started has nothing to wait for.
func (f *flows) Backlog(context.Context) (time.Duration, error) { return 0, nil }

// KeepEnrolling is what EnrollContacts does.
func (f *flows) KeepEnrolling(_ context.Context, campaignKey string) error {
	_, err := run[int](f.starts, f.starts.StartEnrollments, campaignKey)
	return err
}

// StartEnrollment starts one workflow; one that runs already is no error.
// One in three keeps the steps with which it is started.
func (f *flows) StartEnrollment(_ context.Context, of campaign.Campaign, enrollee campaign.Enrollee) (follows bool, err error) {
	follows = enrollee.EnrollmentID%3 > 0 || enrollee.Continues()
	f.locked(func() {
		key := letter(of.Key, enrollee.ContactID, "")
		before := f.all[key]
		switch {
		case f.stopped:
			return
		case before == nil:
		case enrollee.VisitBase > before.base && !before.status.Ended():
			err = fmt.Errorf("the workflow of %s of the round before has not ended", key)
			return
		case enrollee.VisitBase < before.base || !enrollee.Continues():
			return
		case !before.status.Ended():
			f.w.count("taken on before its end")
			before.onward = &campaign.Next{StepID: enrollee.StepID, StepIndex: enrollee.StepIndex, Kind: campaign.Email, Visit: enrollee.VisitBase + 1}
			return
		}
		e := &enrollment{flows: f, key: of.Key, id: enrollee.EnrollmentID, contact: enrollee.ContactID, base: enrollee.VisitBase, visit: enrollee.VisitBase + 1, had: map[string]int{}}
		switch {
		case enrollee.Continues():
			if before.base == e.base {
				f.w.count("taken on")
				e.had = before.had
			} else {
				f.w.count("enrolled again")
				for _, step := range stepIDs {
					e.had[step], _ = f.w.post.has(letter(of.Key, enrollee.ContactID, step))
				}
			}
			e.next = &campaign.Next{StepID: enrollee.StepID, StepIndex: enrollee.StepIndex, Kind: campaign.Email, Visit: e.visit}
			e.step = enrollee.StepIndex
		case follows:
			next := of.Path().Ahead(nil).Next(-1, of.Version)
			e.next, e.step = &next, next.StepIndex
		default:
			e.plans = campaign.Plans(of.Steps)
		}
		f.all[key] = e
		f.group.Go(e.run)
	})
	return follows, err
}

func (f *flows) Resume(_ context.Context, target campaign.Target, resume campaign.Resume) error {
	return f.tell(target, func(e *enrollment) { e.onResume(resume) })
}

func (f *flows) Unpause(_ context.Context, target campaign.Target) error {
	return f.tell(target, func(e *enrollment) { e.unpaused = true })
}

func (f *flows) Edited(_ context.Context, target campaign.Target) error {
	return f.tell(target, func(e *enrollment) { e.edited = true })
}

func (f *flows) Disenroll(_ context.Context, target campaign.Target, reason, _ string) error {
	return f.tell(target, func(e *enrollment) { e.leaving = cmp.Or(reason, "asked for") })
}

var errLost = errors.New("the connection was lost")

func (f *flows) tell(target campaign.Target, do func(*enrollment)) error {
	if f.w.dice.oneIn(40) {
		return errLost
	}
	err := activities.ErrNoWorkflow
	f.locked(func() {
		if e := f.all[letter(target.CampaignKey, target.ContactID, "")]; e != nil && !e.status.Ended() {
			do(e)
			err = nil
		}
	})
	if err == nil && f.w.dice.oneIn(40) {
		return errLost
	}
	return err
}

// wake is WakeContacts. What it could not tell, the next one will.
func (w *world) wake() {
	if _, err := run[activities.WakeResult](w.flows.wakes, w.flows.wakes.Wake); err != nil {
		w.count("wake broken off")
	}
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
