package wakeups

import (
	"slices"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
)

// enrollment is one workflow, with the rules of workflows/deliver.go, follow.go and
// park.go and nothing else of Temporal. The fields below key are guarded by the flows' mutex.
type enrollment struct {
	*flows
	id, contact int64
	key         string
	// plans are those of an enrollment that keeps the steps with which it was started, as the
	// release before started it; nil: it follows its campaign.
	plans []campaign.Plan
	next  *campaign.Next // what comes, of one that follows

	// base is the last visit of the rounds before, and had how often each step had been accepted in them.
	base int
	had  map[string]int

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
	edited      bool           // since the last try
	onward      *campaign.Next // where it was taken on
	ending      bool           // its last step has been done
	leaving     string         // why it was disenrolled; empty while it was not
	due         time.Time      // when the step had become due, if that is known
	waits       time.Time      // the end of the wait step that it waits for; zero when it does not
	turn, used  int64          // that it was signalled of and has not used, and that with which it tries; 0 when there is none
	inLine      bool
	left        int // attempts that were given up, and live
}

// end is how a step has ended.
type end int

const (
	stepDone end = iota
	stepMoved
	stepLeft  // disenrolled in the middle of it
	stepEnded // PostgreSQL says that the enrollment has ended already
	stepToFollow
	stepStopped // the test is over
)

func (e *enrollment) run() {
	for !e.isStopped() {
		if e.completes() {
			return
		}
		end := e.waitFirst()
		var came *campaign.Next
		if end == stepDone && e.plan().Sends() {
			end, came = e.deliver()
		}
		switch end {
		case stepStopped:
			return
		case stepEnded:
			e.w.count("ended without a signal")
			e.locked(func() { e.status = campaign.Disenrolled })
			return
		case stepLeft:
			e.leave()
			return
		case stepToFollow:
			e.locked(e.beginToFollow)
		case stepDone, stepMoved:
			e.locked(func() { e.goOn(came) })
		}
	}
}

// completes is true when nothing more comes.
func (e *enrollment) completes() bool {
	if !e.isOver() {
		e.locked(e.begin)
		return false
	}
	e.locked(func() { e.ending = true })
	if e.w.dice.oneIn(2) { // no worker takes the task up
		for until := time.Now().Add(time.Duration(e.w.dice.below(300)) * time.Millisecond); time.Now().Before(until) && !e.isStopped(); {
			e.w.awaitChange(5 * time.Millisecond)
		}
	}
	over, leaves := false, false
	e.locked(func() {
		e.begin()
		e.ending = false
		if over = e.onward == nil || e.onward.StepIndex <= e.step; over {
			e.status = campaign.Completed
			return
		}
		e.w.count("went on after its last step")
		leaves = e.leaving != ""
		e.next, e.visit, e.step, e.onward = e.onward, e.base+1, e.onward.StepIndex, nil
		e.resume, e.used, e.due = nil, 0, time.Time{}
	})
	if leaves {
		e.leave()
	}
	return over || leaves
}

// isOver is true when the last step has been done.
func (e *enrollment) isOver() bool {
	return e.next != nil && e.next.Completed || e.next == nil && campaign.NextAfter(e.plans, e.step-1).Completed
}

// plan is the step at which it stands.
func (e *enrollment) plan() campaign.Plan {
	if e.next != nil {
		return campaign.Plan{ID: e.next.StepID, Kind: e.next.Kind}
	}
	return e.plans[min(e.step, len(e.plans)-1)]
}

// waitFirst waits for what comes before the message.
func (e *enrollment) waitFirst() end {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.next == nil || e.next.WaitStep == "" { // the waits of kept steps are over at once
		return stepDone
	}
	until := e.next.At
	if until.IsZero() {
		until = time.Now().Add(e.next.Wait)
	}
	e.waits = until
	e.rest(until)
	e.waits = time.Time{}
	if e.edited { // look whether the wait is over
		e.w.count("edited in a wait")
		e.next.Version = 0
	} else {
		e.due = until
	}
	e.next.WaitStep, e.step = "", e.next.StepIndex
	return e.endOfHold()
}

// endOfHold says how a hold has ended.
func (e *enrollment) endOfHold() end {
	switch {
	case e.stopped:
		return stepStopped
	case e.leaving != "":
		return stepLeft
	case e.toFollow():
		return stepToFollow
	}
	return stepDone
}

func (e *enrollment) goOn(came *campaign.Next) {
	e.resume, e.used = nil, 0
	if e.next == nil {
		e.step++
		e.visit = 1
		return
	}
	if came.StepID != e.next.StepID {
		e.visit = came.FirstVisit()
	}
	e.next, e.due = came, time.Time{}
	if came.WaitStep == "" {
		e.due = came.At
	}
	if !came.Completed {
		_, e.step = came.Stands()
	}
}

// toFollow is true of one that keeps its steps and was signalled of an edit.
func (e *enrollment) toFollow() bool { return e.edited && e.next == nil }

// beginToFollow has it look first: no campaign has version 0.
func (e *enrollment) beginToFollow() {
	e.w.count("begins to follow")
	next := campaign.Next{Completed: true}
	for i, plan := range e.plans[min(e.step, len(e.plans)):] {
		if plan.Sends() {
			next = campaign.Next{StepID: plan.ID, Kind: plan.Kind, StepIndex: e.step + i}
			break
		}
	}
	e.next, e.step = &next, next.StepIndex
}

// leave records a disenrollment; PostgreSQL may know better.
func (e *enrollment) leave() {
	for range e.w.dice.below(30) { // no worker has taken the signal up
		e.w.awaitChange(2 * time.Millisecond)
	}
	recorded, err := run[activities.DisenrollResult](e.records, e.records.RecordDisenroll, activities.DisenrollInput{EnrollmentID: e.id, Reason: e.leaving, By: "test", FirstVisit: e.base + 1})
	if err != nil && !e.isStopped() {
		e.w.t.Errorf("enrollment %d leaves: %v", e.id, err)
	}
	e.locked(func() {
		e.park = nil
		if e.status = campaign.Disenrolled; recorded.Status == campaign.Completed {
			e.status = campaign.Completed
		}
	})
}

// begin forgets what was said before: an attempt looks at everything anew.
func (e *enrollment) begin() {
	e.status, e.unpaused, e.rested = campaign.Active, false, false
	e.early = slices.DeleteFunc(e.early, func(resume campaign.Resume) bool { return resume.ParkID <= e.resumedPark })
}

// deliver tries the step until it is done, or something else is to be done.
func (e *enrollment) deliver() (end, *campaign.Next) {
	if e.park != nil { // it has begun to follow while it was parked
		e.locked(func() { e.status = campaign.InError })
		if end := e.held(e.awaitResume); end != stepDone {
			return end, nil
		}
	}
	for {
		result, parked, err := e.attempt()
		end := stepDone
		switch {
		case err != nil:
			e.w.t.Errorf("enrollment %d: %v", e.id, err)
			e.locked(func() { e.stopped = true })
			return stepStopped, nil
		case parked != nil:
			end = e.held(func() { e.parkAt(*parked) })
		case result.Outcome == activities.Done && e.next != nil && result.Next == nil: // the next try says what comes
			e.locked(e.begin)
		case result.Outcome == activities.Done:
			return stepDone, result.Next
		case result.Outcome == activities.Moved:
			e.w.count("moved on")
			return stepMoved, result.Next
		case result.Outcome == activities.Ended:
			return stepEnded, nil
		case result.Outcome == activities.Paused:
			e.w.count("paused")
			end = e.held(e.pause)
		case result.Outcome == activities.Waiting:
			e.w.count("rested")
			end = e.held(func() { e.rest(result.Until) })
		case result.Outcome == activities.Queued:
			e.w.count("queued")
			end = e.held(e.queue)
		default:
			e.w.t.Errorf("enrollment %d: the outcome %q", e.id, result.Outcome)
			return stepStopped, nil
		}
		if end != stepDone {
			return end, nil
		}
	}
}

// held holds the step, unless the enrollment is to leave, and says how that has ended.
func (e *enrollment) held(hold func()) end {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	defer e.moved.Broadcast()
	if e.leaving == "" {
		hold()
	}
	return e.endOfHold()
}

func (e *enrollment) attempt() (activities.Result, *failure.Parked, error) {
	plan := e.plan()
	attempt := campaign.Attempt{
		EnrollmentID: e.id, CampaignKey: e.key, ContactID: e.contact, StepID: plan.ID, StepIndex: e.step, Visit: e.visit,
		ResumedPark: e.resumedPark, Resume: e.resume, Due: e.due, Turn: e.used,
	}
	if e.next != nil {
		attempt.Follows, attempt.Version, attempt.Kind = true, e.next.Version, plan.Kind
	} else {
		attempt.Next = campaign.NextAfter(e.plans, e.step)
	}
	e.locked(func() { e.edited = e.toFollow() })
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
			e.forget(result)
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
			e.forget(result)
		case err != nil:
			return activities.Result{Outcome: activities.NeedsActivity}, failure.FailedTryFrom(err)
		default:
			e.w.count("first " + string(result.Outcome))
			return result, nil
		}
	}
}

// forget lets the loss of an answer take its time that had said that nothing more comes: the row has completed, and
// one that is taken on meanwhile has an attempt before it that is made again.
func (e *enrollment) forget(lost activities.Result) {
	if lost.Next == nil || !lost.Next.Completed {
		return
	}
	e.locked(func() { e.ending = true })
	e.w.count("last answer lost")
	for until := time.Now().Add(time.Duration(e.w.dice.below(300)) * time.Millisecond); time.Now().Before(until) && !e.isStopped(); {
		e.w.awaitChange(5 * time.Millisecond)
	}
	e.locked(func() { e.ending = false })
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
		e.giveUp(how, plan, attempt)
	}
	e.slots <- struct{}{}
	defer func() { <-e.slots }()
	return e.prompt.execute(how, plan, attempt)
}

// giveUp leaves an attempt to itself: whatever it says, nobody hears it.
func (e *enrollment) giveUp(how how, plan campaign.Plan, attempt campaign.Attempt) {
	e.locked(func() { e.left++ })
	e.group.Go(func() {
		_, _ = e.slow.execute(how, plan, attempt)
		e.locked(func() { e.left-- })
	})
}

// await waits with the mutex given away, and until the enrollment is to leave at most.
func (e *enrollment) await(condition func() bool) {
	e.moved.Broadcast()
	for !condition() && e.leaving == "" && !e.stopped {
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
	e.awaitResume()
}

func (e *enrollment) awaitResume() {
	e.await(func() bool { return e.accepted != nil || e.toFollow() })
	if e.accepted == nil {
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
		e.await(func() bool { return e.unpaused || e.toFollow() })
	}
	e.begin()
}

func (e *enrollment) rest(until time.Time) {
	e.status = campaign.Waiting
	alarm := time.AfterFunc(time.Until(until), func() { e.locked(func() { e.rested = true }) })
	defer alarm.Stop()
	e.await(func() bool { return e.rested || e.edited })
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
	switch {
	case e.left > 0:
		return false
	case e.status.Ended():
		return true
	case e.leaving != "" || e.toFollow():
		return false
	case e.status == campaign.InError:
		return e.accepted == nil
	case e.status == campaign.Paused:
		return !e.unpaused
	case !e.waits.IsZero():
		return !e.edited && time.Until(e.waits) > time.Hour
	}
	return e.inLine && e.turn == 0 && !e.edited
}
