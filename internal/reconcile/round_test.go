package reconcile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// inRound is a position in the round whose visits are above base.
func inRound(position campaign.Position, base int) campaign.Position {
	position.VisitBase, position.Visit = base, base+1
	return position
}

// A contact was enrolled again: which of the two knows of it.
func TestWhatDiffersBetweenRounds(t *testing.T) {
	t.Parallel()
	asked := row(inRound(at(active, 6, 1), 1))
	asked.Started, asked.StartAsked = false, true
	unasked := row(inRound(at(active, 6, 1), 1))
	unasked.Started = false
	left := row(inRound(at(disenrolled, 6, 1), 1))
	left.Started, left.StartAsked = false, true
	for name, test := range map[string]struct {
		record *campaign.Record
		run    *campaign.Run
		kind   Kind
	}{
		"the same":            {row(inRound(at(active, 6, 0), 1)), open(inRound(at(active, 6, 0), 1)), Same},
		"about to be started": {asked, closed(at(active, 5, 0), completed), Same},
		"about to be started, after it was ended":           {asked, closed(at(active, 3, 0), disenrolled), Same},
		"about to be started, the old one ends":             {asked, open(at(active, 3, 0)), Same},
		"about to be started, the old one waits":            {asked, idle(at(waiting, 1, 0)), Ended},
		"about to be started, the old one is in error":      {asked, idle(at(inError, 3, 2)), Ended},
		"not asked for, the old one waits":                  {unasked, idle(at(waiting, 1, 0)), Ahead},
		"left before it was started, the old one waits":     {left, idle(at(waiting, 1, 0)), Ended},
		"left before it was started, the old one has ended": {left, closed(at(active, 5, 0), completed), Same},
		"started, and Temporal has lost it":                 {row(inRound(at(active, 6, 0), 1)), closed(at(active, 5, 0), completed), Missing},
		"started, and Temporal is older":                    {row(inRound(at(active, 6, 0), 1)), idle(at(inError, 3, 2)), Ahead},
		"PostgreSQL has lost it":                            {row(at(completed, 5, 0)), idle(inRound(at(waiting, 1, 0), 1)), Behind},
		"PostgreSQL has lost it, and it has ended":          {row(at(completed, 5, 0)), closed(inRound(at(active, 5, 0), 1), completed), Behind},
		"PostgreSQL has lost it, terminated":                {row(at(completed, 5, 0)), closed(inRound(at(waiting, 1, 0), 1), ""), Missing},
		"a round before was completed in both":              {row(inRound(at(completed, 9, 0), 1)), closed(at(active, 5, 0), completed), Same},
	} {
		require.Equal(t, test.kind, compare(test.record, test.run), name)
	}
}

// PostgreSQL is older than the enrollment's being enrolled again: the row learns of the round,
// and of what was sent in it, whatever was sent in the one before.
func TestARoundThatPostgreSQLHasLost(t *testing.T) {
	t.Parallel()
	record := row(at(completed, 5, 0))
	for _, step := range steps {
		record.Ledger[campaign.DeliveryKey{StepID: step.ID, Visit: 1}] = campaign.Sent
	}
	receipt := campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: "hello", Visit: 2}, Kind: campaign.Email, MessageID: "m", At: now}
	run := idle(inRound(at(waiting, 1, 0), 1))
	action := plan(record, run, campaign.Receipts{Sent: []campaign.Receipt{receipt}}, Window{}, now)
	require.Equal(t, []campaign.Receipt{receipt}, action.Repair.Sent)
	require.Equal(t, 1, action.Repair.Position.VisitBase)
	require.Nil(t, action.Restart)
	require.Zero(t, record.VisitBase, "what was read stays as it was read")

	run = closed(inRound(at(waiting, 1, 0), 1), "")
	run.Follows = true
	action = plan(record, run, campaign.Receipts{}, Window{}, now)
	require.Equal(t, 1, action.Restart.VisitBase)
	require.Equal(t, campaign.Waiting, action.Restart.Status)
	require.Equal(t, 1, action.Repair.Position.VisitBase)
}

// Temporal is older: the workflow of the round before knows nothing, and the row says where to start.
func TestARoundThatTemporalHasLost(t *testing.T) {
	t.Parallel()
	record := row(inRound(at(inError, 3, 4), 2))
	record.Follows = true
	record.Ledger[campaign.DeliveryKey{StepID: "hello", Visit: 1}] = campaign.Sent
	require.False(t, record.WasSent("hello"))
	require.Equal(t, 3, record.LastVisit("hello"))
	for _, run := range []*campaign.Run{closed(at(active, 5, 0), completed), idle(at(waiting, 1, 0))} {
		action := planned(record, run)
		require.Equal(t, 2, action.Restart.VisitBase)
		require.Equal(t, campaign.InError, action.Restart.Status)
		require.Equal(t, run.Open, action.Restart.Replace)
		require.True(t, action.Repair.Empty())
	}
}

// A row that is made again for a workflow in a later round: what is behind it counts in that round.
func TestARoundWhoseRowIsLost(t *testing.T) {
	t.Parallel()
	record := row(at(active, 0, 0))
	action := planAdopted(*record, *idle(inRound(at(waiting, 1, 0), 1)), campaign.Receipts{}, Window{}, now)
	require.Equal(t, []campaign.DeliveryKey{{StepID: "hello", Visit: 2}}, []campaign.DeliveryKey{action.Repair.Sent[0].DeliveryKey})
	require.Equal(t, 1, action.Repair.Position.VisitBase)
}

// The start of a round waits for the end of the workflow of the one before, which would wait for ever: its
// end is signalled, to that run alone.
func TestTheWorkflowOfTheRoundBeforeIsLetGo(t *testing.T) {
	t.Parallel()
	record := row(inRound(at(active, 6, 1), 1))
	record.Started, record.StartAsked = false, true
	run := idle(at(inError, 3, 2))
	run.RunID = "the first"
	action := planned(record, run)
	require.Equal(t, "disenroll", action.Signal)
	require.Equal(t, "the first", action.Run, "not the one that begins when it has ended")
	require.Nil(t, action.Restart)
	require.True(t, action.Repair.Empty())
	require.Equal(t, "enrolled again, not started", recordWords(record))

	ended := row(at(disenrolled, 3, 2))
	action = planned(ended, run)
	require.Equal(t, "disenroll", action.Signal)
	require.Empty(t, action.Run, "whichever runs")
}

// PostgreSQL is older than the enrollment's being taken on: its row has completed, and the workflow stands further.
func TestWhoWasTakenOnAfterTheBackup(t *testing.T) {
	t.Parallel()
	following := func(run *campaign.Run) *campaign.Run { run.Follows = true; return run }
	for name, test := range map[string]struct {
		run  *campaign.Run
		kind Kind
	}{
		"it waits":                  {idle(at(waiting, 7, 0)), Behind},
		"it is in error":            {idle(at(inError, 6, 2)), Behind},
		"it has completed":          {closed(at(active, 6, 0), completed), Behind},
		"it has left":               {closed(at(active, 6, 0), disenrolled), Behind},
		"it was terminated":         {closed(at(active, 6, 0), ""), Missing},
		"it was not":                {idle(at(waiting, 4, 0)), Same},
		"it was not, and has ended": {closed(at(active, 4, 0), completed), Same},
	} {
		record := row(at(completed, 5, 0))
		record.Follows = true
		run := following(test.run)
		require.Equal(t, test.kind, compare(record, run), name)
		if test.kind != Behind {
			continue
		}
		action := plan(record, run, campaign.Receipts{}, Window{}, now)
		require.NotNil(t, action.Repair.Position, name)
		after := *record
		after.Position = *action.Repair.Position
		after.Follows = true
		require.Equal(t, Same, compare(&after, run), "%s: what was written is no difference", name)
	}
}
