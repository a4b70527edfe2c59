package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"relance/activities"
	"relance/workflows"
)

// tries is what became of the tries of one shape.
type tries struct {
	Ended int `json:"ended"`
	// Sent are those of them that sent the message, Meanwhile those that did while the
	// system was disturbed.
	Sent      int `json:"sent"`
	Meanwhile int `json:"sentMeanwhile"`
	// CutOff are those whose worker was lost: of first tries the workflow tasks that
	// timed out, though the one or the other had none in it.
	CutOff int `json:"cutOff"`
	// AtGates were at their gates when something struck there; TwoOwners had their first
	// owner in this shape.
	AtGates   int `json:"atGates"`
	TwoOwners int `json:"twoOwners"`
}

// refusals are the workflow tasks that a worker could not replay, as one of an older
// version cannot replay a first try: the server gives each out again.
type refusals struct {
	Enrollments int `json:"enrollments"`
	Tasks       int `json:"tasks"`
	// Seconds from the first refusal until a worker has done the task.
	HeldUp seconds `json:"heldUpSeconds"`
	Open   int     `json:"open"` // no worker has done them yet
}

// readHistories counts from the histories of all enrollments how their steps were tried,
// and by which builds.
func (v *verdict) readHistories(ctx context.Context, of []enrollment) error {
	var mutex sync.Mutex
	var heldUp []float64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for _, e := range of {
		if e.StartedAt == nil {
			continue
		}
		group.Go(func() error {
			one := historyReader{from: v.lab.from, to: v.lab.to, tries: map[shape]*tries{firstTry: {}, ordinary: {}}, builds: map[string]int{}}
			events := v.lab.client.GetWorkflowHistory(ctx, workflows.EnrollmentWorkflowID(e.Campaign, e.ContactID), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for events.HasNext() {
				event, err := events.Next()
				if err == nil {
					err = one.event(event)
				}
				if err != nil {
					return fmt.Errorf("the history of contact %d in %s: %w", e.ContactID, e.Campaign, err)
				}
			}
			mutex.Lock()
			defer mutex.Unlock()
			for is, counted := range one.tries {
				v.Tries[is].add(*counted)
			}
			for build, tasks := range one.builds {
				v.Builds[build] += tasks
			}
			heldUp = append(heldUp, one.heldUp...)
			v.Refusals.Tasks += one.refused
			if one.refused > 0 {
				v.Refusals.Enrollments++
			}
			if !one.since.IsZero() {
				v.Refusals.Open++
			}
			return nil
		})
	}
	err := group.Wait()
	v.Refusals.HeldUp = secondsOf(heldUp)
	return err
}

func (t *tries) add(more tries) {
	t.Ended += more.Ended
	t.Sent += more.Sent
	t.Meanwhile += more.Meanwhile
	t.CutOff += more.CutOff
}

// historyReader reads the history of one enrollment.
type historyReader struct {
	from, to time.Time
	tries    map[shape]*tries
	builds   map[string]int // tasks done, by the build
	refused  int
	heldUp   []float64
	since    time.Time // when the task was refused first that is still to be done

	triesFirst bool
	attempt    int32
	sends      map[int64]bool // the scheduled sends
}

func (r *historyReader) event(event *history.HistoryEvent) error {
	switch event.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		var input workflows.EnrollmentInput
		err := decode(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &input)
		r.triesFirst, r.sends = input.FirstTry != "", map[int64]bool{}
		return err
	case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
		// The refusals behind the first one of a task are no events: its number has them.
		attempt := event.GetWorkflowTaskScheduledEventAttributes().GetAttempt()
		if !r.since.IsZero() {
			r.refused += int(max(0, attempt-r.attempt-1))
		}
		r.attempt = attempt
	case enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
		if r.triesFirst && event.GetWorkflowTaskTimedOutEventAttributes().GetTimeoutType() == enums.TIMEOUT_TYPE_START_TO_CLOSE {
			r.tries[firstTry].CutOff++
		}
	case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		if event.GetWorkflowTaskFailedEventAttributes().GetCause() == enums.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR {
			r.refused++
			if r.since.IsZero() {
				r.since = event.GetEventTime().AsTime()
			}
		}
	case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		r.done(event)
	case enums.EVENT_TYPE_MARKER_RECORDED:
		return r.triedFirst(event)
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		name := event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
		r.sends[event.GetEventId()] = name == workflows.SendEmailActivity || name == workflows.SendSMSActivity
	case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
		// Only the last attempt is an event.
		if attributes := event.GetActivityTaskStartedEventAttributes(); r.sends[attributes.GetScheduledEventId()] {
			r.tries[ordinary].Ended += int(attributes.GetAttempt())
			if attributes.GetLastFailure().GetTimeoutFailureInfo() != nil {
				r.tries[ordinary].CutOff++
			}
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		if r.sends[event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId()] {
			r.tries[ordinary].CutOff++
		}
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		attributes := event.GetActivityTaskCompletedEventAttributes()
		if r.sends[attributes.GetScheduledEventId()] {
			return r.result(ordinary, attributes.GetResult(), event)
		}
	}
	return nil
}

func (r *historyReader) done(event *history.HistoryEvent) {
	attributes := event.GetWorkflowTaskCompletedEventAttributes()
	r.builds[cmp.Or(attributes.GetWorkerVersion().GetBuildId(), attributes.GetBinaryChecksum())]++ //nolint:staticcheck // where the SDK writes it without versioning
	if !r.since.IsZero() {
		r.heldUp = append(r.heldUp, event.GetEventTime().AsTime().Sub(r.since).Seconds())
		r.since = time.Time{}
	}
}

// triedFirst reads the SDK's marker of a local activity.
func (r *historyReader) triedFirst(event *history.HistoryEvent) error {
	attributes := event.GetMarkerRecordedEventAttributes()
	if attributes.GetMarkerName() != "LocalActivity" {
		return nil
	}
	r.tries[firstTry].Ended++
	if attributes.GetFailure() != nil {
		return nil
	}
	return r.result(firstTry, attributes.GetDetails()["result"], event)
}

func (r *historyReader) result(of shape, payloads *common.Payloads, event *history.HistoryEvent) error {
	var result activities.Result
	if err := decode(payloads, &result); err != nil || result.Outcome != activities.Done {
		return err
	}
	r.tries[of].Sent++
	if at := event.GetEventTime().AsTime(); !at.Before(r.from) && at.Before(r.to) {
		r.tries[of].Meanwhile++
	}
	return nil
}

func decode(payloads *common.Payloads, into any) error {
	return converter.GetDefaultDataConverter().FromPayloads(payloads, into)
}
