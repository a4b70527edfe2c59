package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func planned(record *campaign.Record, run *campaign.Run) Action {
	return plan(record, run, campaign.Receipts{}, Window{}, now)
}

func sent(receipts []campaign.Receipt) (ids []string) {
	for _, receipt := range receipts {
		ids = append(ids, receipt.StepID)
	}
	return ids
}

// A lost workflow is started at the row's position, and a lost signal is sent again.
func TestALostWorkflowIsStartedAtTheRowsPosition(t *testing.T) {
	t.Parallel()
	action := planned(row(at(waiting, 1, 2)), nil)
	require.Equal(t, at(waiting, 1, 2), action.Restart.Position)
	require.True(t, action.Repair.Empty())
	require.False(t, action.Restart.Replace)

	parked := row(at(inError, 3, 2))
	parked.Unheard = &campaign.OutboxEntry{Kind: campaign.OutboxFix, Cause: failure.ContactEmail(17), By: "tess"}
	action = planned(parked, nil)
	require.Equal(t, &campaign.OutboxEntry{Kind: campaign.OutboxResume, By: "tess", Note: "fixed: contact:17"}, action.Repair.Outbox)

	leaving := row(at(waiting, 1, 0))
	leaving.Unheard = &campaign.OutboxEntry{Kind: campaign.OutboxDisenroll, Note: "stop"}
	action = planned(leaving, nil)
	require.Equal(t, leaving.Unheard, action.Restart.Leave, "a disenrolled contact gets no more mail")
	require.Nil(t, action.Repair.Outbox)
}

// The campaign may have been edited since: a step is found by its id, and one
// that is gone is not skipped in silence.
func TestARestartFindsItsStepInAnEditedCampaign(t *testing.T) {
	t.Parallel()
	edited := row(at(active, 3, 0))
	edited.Steps = steps[2:]
	action := planned(edited, nil)
	require.Equal(t, 1, action.Restart.StepIndex)
	require.Equal(t, 1, *action.Repair.StepIndex)

	edited.Steps = steps[:3]
	action = planned(edited, nil)
	require.Nil(t, action.Restart)
	require.Contains(t, action.Left, "no step again any more")

	run := closed(at(waiting, 1, 0), "")
	run.Retry = campaign.Retry{Attempts: 7}
	action = planned(edited, run)
	require.Equal(t, steps, action.Restart.Steps, "the old workflow has pinned its steps, and its retry")
	require.Equal(t, 7, action.Restart.Retry.Attempts)
}

// What is behind the workflow is sent, as its history or its position shows, and
// never what the ledger knows already.
func TestAnOlderRowCatchesUp(t *testing.T) {
	t.Parallel()
	record := row(at(active, 0, 0))
	action := planned(record, open(at(active, 4, 3)))
	require.Equal(t, at(active, 4, 3), *action.Repair.Position)
	require.Equal(t, []string{"hello", "again"}, sent(action.Repair.Sent))
	require.Nil(t, action.Repair.Outbox)

	receipt := campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: "hello", Visit: 2}, Kind: campaign.Email, MessageID: "m", At: now}
	record.Ledger[campaign.DeliveryKey{StepID: "again", Visit: 1}] = campaign.Sent
	action = plan(record, open(at(active, 4, 0)), campaign.Receipts{Sent: []campaign.Receipt{receipt}}, Window{}, now)
	require.Equal(t, []campaign.Receipt{receipt}, action.Repair.Sent)

	action = planned(row(at(active, 0, 0)), closed(at(active, 5, 1), completed))
	require.Equal(t, completed, action.Repair.Position.Status)
	require.Equal(t, 5, action.Repair.Position.StepIndex)
	require.Equal(t, []string{"hello", "again", "tell"}, sent(action.Repair.Sent))
	require.Nil(t, action.Restart)

	action = planned(row(at(active, 0, 0)), closed(at(active, 3, 0), disenrolled))
	require.Equal(t, disenrolled, action.Repair.Position.Status)
	require.Equal(t, []string{"hello"}, sent(action.Repair.Sent))
	require.Nil(t, action.Restart, "a disenrolled contact is not started again")

	action = planned(row(at(active, 0, 0)), closed(at(inError, 3, 1), ""))
	require.Equal(t, Missing, action.Kind)
	require.Equal(t, at(inError, 3, 1), *action.Repair.Position, "a workflow that was cut off has known more")
	require.Equal(t, at(inError, 3, 1), action.Restart.Position)
}

// A park that comes back is looked at once more, because the older PostgreSQL
// may say that its cause is gone (law 3). Uncertain deliveries and bounces wait for a person.
func TestAParkThatComesBack(t *testing.T) {
	t.Parallel()
	action := planned(row(at(active, 3, 0)), idle(at(inError, 3, 1)))
	require.Equal(t, campaign.OutboxResume, action.Repair.Outbox.Kind)

	for code, uncertain := range map[failure.Code]int{failure.DeliveryUncertain: 1, failure.EmailAlreadyBounced: 0, failure.SendingFailed: 0} {
		run := idle(at(inError, 3, 1))
		run.Park.Problem.Code = code
		if code != failure.EmailAlreadyBounced {
			run.Park.Problem.Causes = nil
		}
		action = planned(row(at(active, 3, 0)), run)
		require.Nil(t, action.Repair.Outbox, code)
		require.Len(t, action.Repair.Uncertain, uncertain, code)
	}
	require.Equal(t, "unpause", planned(row(at(active, 3, 0)), idle(at(paused, 3, 0))).Signal)
}

func TestAnOlderWorkflowMakesRoom(t *testing.T) {
	t.Parallel()
	action := planned(row(at(inError, 3, 2)), open(at(waiting, 1, 1)))
	require.True(t, action.Restart.Replace)
	require.Equal(t, at(inError, 3, 2), action.Restart.Position)

	action = planned(row(at(completed, 5, 0)), idle(at(inError, 3, 1)))
	require.Equal(t, len(steps), action.Restart.StepIndex, "it completes at once")
	require.Nil(t, action.Repair.StepIndex)

	require.Equal(t, "disenroll", planned(row(at(disenrolled, 3, 0)), idle(at(inError, 3, 1))).Signal)
	require.Equal(t, &campaign.OutboxEntry{Kind: campaign.OutboxEnroll, By: campaign.Reconciler}, func() *campaign.OutboxEntry {
		record := row(at(active, 0, 0))
		record.Started = false
		return planned(record, nil).Repair.Outbox
	}())
}

// Law 4: what may have left while the ledger was not written is uncertain.
func TestWhatIsUncertain(t *testing.T) {
	t.Parallel()
	since := Window{Since: now.Add(-2 * time.Hour)}
	uncertain := func(window Window, record *campaign.Record, run *campaign.Run, receipts campaign.Receipts) []string {
		return sent(plan(record, run, receipts, window, now).Repair.Uncertain)
	}
	trying := func(pending campaign.Pending) *campaign.Run {
		run := open(at(active, 3, 0))
		run.Pending = &pending
		return run
	}
	record := row(at(active, 3, 0))
	long, short := now.Add(-150*time.Minute), now.Add(-time.Hour)
	for name, test := range map[string]struct {
		pending   campaign.Pending
		uncertain bool
	}{
		"never tried":               {campaign.Pending{Attempt: 1}, false},
		"on the wire":               {campaign.Pending{Attempt: 1, Running: true}, true},
		"failed since":              {campaign.Pending{Attempt: 2, EndedAt: short}, true},
		"failed before":             {campaign.Pending{Attempt: 2, EndedAt: long}, false},
		"taken for dead before":     {campaign.Pending{Attempt: 2, EndedAt: now.Add(-140 * time.Minute), TimedOut: true}, true},
		"dead for long":             {campaign.Pending{Attempt: 2, EndedAt: now.Add(-160 * time.Minute), TimedOut: true}, false},
		"failed, nobody knows when": {campaign.Pending{Attempt: 3}, true},
		"its failure is recorded":   {campaign.Pending{Attempt: 1, Records: true}, true},
	} {
		require.Equal(t, test.uncertain, uncertain(since, record, trying(test.pending), campaign.Receipts{}) != nil, name)
		require.Empty(t, uncertain(Window{}, record, trying(test.pending), campaign.Receipts{}), "the ledger is whole")
	}
	require.Equal(t, Uncertain, plan(record, trying(campaign.Pending{Attempt: 1, Running: true}), campaign.Receipts{}, since, now).Kind)
	for _, state := range []campaign.DeliveryState{campaign.Sent, campaign.OnWire, campaign.Uncertain} {
		known := row(at(active, 3, 0))
		known.Ledger[campaign.DeliveryKey{StepID: "again", Visit: 1}] = state
		require.Empty(t, uncertain(since, known, trying(campaign.Pending{Attempt: 1, Running: true}), campaign.Receipts{}), "the ledger knows")
	}
	cutOff := func(at time.Time) campaign.Receipts { return campaign.Receipts{CutOff: at} }
	require.Equal(t, []string{"again", "tell"}, uncertain(since, record, open(at(active, 3, 0)), cutOff(short)), "its first tries: no wait is in between")
	require.Equal(t, []string{"again", "tell"}, uncertain(since, record, closed(at(active, 3, 0), ""), cutOff(short)))
	require.Empty(t, uncertain(since, record, open(at(active, 3, 0)), cutOff(now.Add(-160*time.Minute))), "the ledger was whole then")
	require.Empty(t, uncertain(since, record, open(at(active, 3, 0)), campaign.Receipts{}), "no task was cut off")
	require.Equal(t, []string{"again"}, uncertain(since, row(at(inError, 3, 1)), open(at(inError, 3, 1)), cutOff(short)), "the next task has parked it")
	parked := at(inError, 3, 1)
	parked.Park.Since = short.Add(-time.Minute)
	require.Equal(t, []string{"again", "tell"}, uncertain(since, row(parked), open(parked), cutOff(short)), "it was resumed in the task")
	over := at(waiting, 2, 0)
	over.NextAt = short.Add(-time.Minute)
	require.Equal(t, []string{"again", "tell"}, uncertain(since, row(over), open(over), cutOff(short)), "the wait ended in the task")
	require.Empty(t, uncertain(since, row(at(waiting, 2, 0)), open(at(waiting, 2, 0)), cutOff(short)), "the wait is not over")
	cut := campaign.Receipts{Unfinished: &campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: "again", Visit: 1}, Kind: campaign.Email}}
	require.Equal(t, []string{"again"}, uncertain(since, record, closed(at(active, 3, 0), ""), cut))
	require.Empty(t, uncertain(Window{}, record, closed(at(active, 3, 0), ""), cut), "a whole ledger knows what the cut was in")
}

// When both were lost, nothing says how far an enrollment went on: everything before
// the first wait that is not over is uncertain.
func TestWhatIsUncertainWhenBothWereLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ago       time.Duration
		position  campaign.Position
		uncertain []string
	}{
		"a message, its waits are not over": {time.Hour, at(active, 0, 0), []string{"hello"}},
		"long enough for everything":        {3 * time.Hour, at(active, 0, 0), []string{"hello", "again", "tell"}},
		"a wait that is not over":           {3 * time.Hour, at(waiting, 1, 0), nil},
		"in error, and perhaps fixed":       {time.Minute, at(inError, 3, 1), []string{"again", "tell"}},
	} {
		window := Window{Since: now.Add(-test.ago), Both: true}
		run := idle(test.position)
		require.Equal(t, test.uncertain, sent(plan(row(test.position), run, campaign.Receipts{}, window, now).Repair.Uncertain), name)
		require.Equal(t, test.uncertain, sent(plan(row(test.position), nil, campaign.Receipts{}, Window{Since: window.Since}, now).Repair.Uncertain), name+", no workflow left")
		require.Empty(t, plan(row(test.position), nil, campaign.Receipts{}, Window{}, now).Repair.Uncertain, name+", PostgreSQL is whole")
	}
	over := at(waiting, 2, 0)
	over.NextAt = now.Add(-time.Minute)
	require.Equal(t, []string{"again", "tell"}, sent(plan(row(over), nil, campaign.Receipts{}, Window{Since: now.Add(-time.Hour)}, now).Repair.Uncertain))
	require.Equal(t, Window{Since: now, Both: true}, windowOf(now.Add(-time.Hour), now), "what either knows is known")
	require.Equal(t, Window{}, windowOf(time.Time{}, now), "PostgreSQL is whole: its ledger knows")
}
