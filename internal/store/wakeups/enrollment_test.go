package wakeups

import (
	"slices"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
)

// enrollment is one workflow, with the rules of workflows/deliver.go and
// workflows/park.go and nothing else of Temporal. The fields below key are
// guarded by the flows' mutex.
type enrollment struct {
	*flows
	id, contact int64
	key         string
	plans       []campaign.Plan

	status      campaign.Status
	step, visit int
	park        *failure.Parked
	resumedPark int
	resume      *campaign.Resume
	accepted    *campaign.Resume
	early       []campaign.Resume
	seen        []string
	unpaused    bool
	rested      bool
	turn        int64 // that it was signalled of and has not used; 0 when there is none
	inLine      bool
	left        int // attempts that were given up, and live
}

func (e *enrollment) run() {
	for {
		e.mutex.Lock()
		over := campaign.NextAfter(e.plans, e.step-1).Completed
		e.begin()
		if over {
			e.status = campaign.Completed
		}
		e.moved.Broadcast()
		e.mutex.Unlock()
		if over || e.plans[e.step].Sends() && !e.deliver() {
			return
		}
		e.step++
		e.visit, e.resume = 1, nil
	}
}

// begin forgets what was said before: an attempt looks at everything anew.
func (e *enrollment) begin() {
	e.status, e.unpaused, e.rested = campaign.Active, false, false
	e.early = slices.DeleteFunc(e.early, func(resume campaign.Resume) bool { return resume.ParkID <= e.resumedPark })
}

// deliver tries the step until it is done; false when there is nothing more to do.
func (e *enrollment) deliver() bool {
	for {
		result, parked, err := e.attempt()
		e.mutex.Lock()
		switch {
		case err != nil:
			e.w.t.Errorf("enrollment %d: %v", e.id, err)
			e.stopped = true
		case parked != nil:
			e.parkAt(*parked)
		case result.Outcome == activities.Paused:
			e.w.count("paused")
			e.pause()
		case result.Outcome == activities.Waiting:
			e.w.count("rested")
			e.rest(result.Until)
		case result.Outcome == activities.Queued:
			e.w.count("queued")
			e.queue()
		}
		stopped := e.stopped
		e.moved.Broadcast()
		e.mutex.Unlock()
		if stopped || result.Outcome == activities.Done && parked == nil {
			return !stopped
		}
	}
}

func (e *enrollment) attempt() (activities.Result, *failure.Parked, error) {
	plan := e.plans[e.step]
	attempt := campaign.Attempt{
		EnrollmentID: e.id, CampaignKey: e.key, ContactID: e.contact, StepID: plan.ID, StepIndex: e.step, Visit: e.visit,
		ResumedPark: e.resumedPark, Resume: e.resume, Next: campaign.NextAfter(e.plans, e.step),
	}
	if e.triesFirst() {
		result, failed := e.firstTry(plan, attempt)
		if result.Outcome != activities.NeedsActivity {
			return result, nil, nil
		}
		attempt.Failed = failed
	}
	for try := 1; ; try++ {
		result, err := e.execute(run[activities.Result], plan, attempt)
		attempt.Failed = nil // every run here is the first attempt of an activity
		e.dawdle()
		if e.w.dice.oneIn(15) { // the answer is lost on its way, and the attempt is made again
			continue
		}
		if err == nil {
			return result, nil, nil
		}
		if parked, ok := failure.ParkedFrom(err); ok {
			return result, &parked, nil
		}
		if try >= 8 || e.w.dice.oneIn(6) { // the retries are used up
			recorded, err := run[activities.RecordFailureResult](e.records, e.records.RecordFailure,
				activities.RecordFailureInput{Attempt: attempt, Problem: failure.ProblemFrom(err)})
			return activities.Result{Outcome: activities.Done}, recorded.Parked, err
		}
	}
}

// triesFirst is true of every other enrollment: the rest were started by the release
// before, whose steps are tried by activities alone.
func (e *enrollment) triesFirst() bool { return e.id%2 == 0 }

// firstTry tries the step inside the workflow task, and again when its worker was taken
// for dead or its answer got lost: then the task is done once more.
func (e *enrollment) firstTry(plan campaign.Plan, attempt campaign.Attempt) (activities.Result, *failure.FailedTry) {
	attempt.Retry = campaign.Retry{Initial: time.Millisecond, Factor: 1, Attempts: 8}
	for {
		result, err := e.execute(runFirst, plan, attempt)
		e.dawdle()
		switch {
		case e.w.dice.oneIn(15):
			e.w.count("task lost")
		case err != nil:
			return activities.Result{Outcome: activities.NeedsActivity}, failure.FailedTryFrom(err)
		default:
			e.w.count("first " + string(result.Outcome))
			return result, nil
		}
	}
}

// dawdle lets an answer take its time: its cause may be fixed by then.
func (e *enrollment) dawdle() {
	if e.w.dice.oneIn(4) {
		for range e.w.dice.below(30) {
			e.w.awaitChange(2 * time.Millisecond)
		}
	}
}

func (e *enrollment) execute(how how, plan campaign.Plan, attempt campaign.Attempt) (activities.Result, error) {
	if e.w.staleAttempts && e.w.dice.oneIn(3) { // its worker is given up, and lives
		e.leave(how, plan, attempt)
	}
	e.slots <- struct{}{}
	defer func() { <-e.slots }()
	return e.prompt.execute(how, plan, attempt)
}

// leave leaves an attempt to itself: whatever it says, nobody hears it.
func (e *enrollment) leave(how how, plan campaign.Plan, attempt campaign.Attempt) {
	e.locked(func() { e.left++ })
	e.group.Go(func() {
		_, _ = e.slow.execute(how, plan, attempt)
		e.locked(func() { e.left-- })
	})
}

// await waits with the mutex given away.
func (e *enrollment) await(condition func() bool) {
	e.moved.Broadcast()
	for !condition() && !e.stopped {
		e.moved.Wait()
	}
}

func (e *enrollment) parkAt(parked failure.Parked) {
	e.w.count(string(parked.Problem.Code))
	e.status, e.park, e.accepted = campaign.InError, &parked, nil
	early := e.early
	e.early = nil
	for _, resume := range early {
		e.onResume(resume)
	}
	if e.accepted != nil {
		e.w.count("resumed early")
	}
	e.await(func() bool { return e.accepted != nil })
	if e.stopped {
		return
	}
	e.resume, e.resumedPark = e.accepted, max(e.park.ParkID, e.accepted.ParkID)
	e.park, e.accepted = nil, nil
	if e.resume.Assume == campaign.AssumeNotSent {
		e.visit++
	}
	e.begin()
}

func (e *enrollment) pause() {
	if !e.unpaused {
		e.status = campaign.Paused
		e.await(func() bool { return e.unpaused })
	}
	e.begin()
}

func (e *enrollment) rest(until time.Time) {
	e.status = campaign.Waiting
	alarm := time.AfterFunc(time.Until(until), func() { e.locked(func() { e.rested = true }) })
	defer alarm.Stop()
	e.await(func() bool { return e.rested })
	e.begin()
}

// onResume is that of workflows/park.go.
func (e *enrollment) onResume(resume campaign.Resume) {
	switch {
	case e.park != nil && e.accepted == nil && !e.refuses(resume):
		e.accepted = &resume
		if resume.FixID != "" {
			e.seen = append(e.seen, resume.FixID)
		}
	case e.park == nil && (resume.ParkID > e.resumedPark || resume.ParkID == 0 && resume.Assume == "" && e.status == campaign.Active):
		e.early = append(e.early, resume)
	default:
		e.w.count("stale resume")
	}
}

func (e *enrollment) refuses(resume campaign.Resume) bool {
	needsAnswer := e.park.Problem.Code.Entry().NeedsAnswer
	return resume.ParkID != 0 && resume.ParkID < e.park.ParkID || slices.Contains(e.seen, resume.FixID) || needsAnswer != (resume.Assume != "")
}

// quiet is true when the enrollment does nothing until a signal comes.
func (e *enrollment) quiet() bool {
	return e.left == 0 && (e.status.Ended() || e.status == campaign.InError && e.accepted == nil || e.status == campaign.Paused && !e.unpaused || e.inLine && e.turn == 0)
}
