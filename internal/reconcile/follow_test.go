package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// follows is a run of an enrollment that follows its campaign, at a step; its own steps are
// those of the row.
func follows(position campaign.Position) *campaign.Run {
	run := open(position)
	run.Steps, run.Follows = nil, true
	return run
}

// Nobody has edited anything: positions are those of the steps, as of the releases before.
func TestAnEnrollmentThatFollowsIsComparedAsAnyOther(t *testing.T) {
	t.Parallel()
	require.Equal(t, Same, compare(row(at(waiting, 1, 0)), follows(at(waiting, 1, 0))))
	require.Equal(t, Behind, compare(row(at(active, 0, 0)), follows(at(active, 4, 3))))
	require.Equal(t, Ahead, compare(row(at(active, 3, 0)), follows(at(waiting, 1, 0))))

	action := planned(row(at(active, 0, 0)), follows(at(active, 4, 3)))
	require.Equal(t, []string{"hello", "again"}, sent(action.Repair.Sent))
}

// Positions count on through edits: the higher one is the newer, wherever its step stands now.
func TestAnEnrollmentThatAnEditHasMoved(t *testing.T) {
	t.Parallel()
	moved := campaign.Position{Status: campaign.Waiting, StepIndex: 9, StepID: steps[1].ID, Visit: 1, NextAt: now.Add(time.Hour)}
	require.Equal(t, Same, compare(row(moved), follows(moved)))

	looks := moved // its wait is over, and no write to the row says so
	looks.StepIndex, looks.StepID, looks.Status = 10, steps[2].ID, campaign.Active
	require.Equal(t, Same, compare(row(moved), follows(looks)))

	older := moved
	older.StepIndex, older.StepID = 7, "removed"
	require.Equal(t, Ahead, compare(row(moved), follows(older)))
	action := planned(row(moved), follows(older))
	require.True(t, action.Restart.Follows)
	require.True(t, action.Restart.Replace)
	require.Equal(t, 9, action.Restart.StepIndex, "its first look says what comes")
}

// Somebody has taken it on after it had completed, and its start is on its way.
func TestAnEnrollmentThatIsTakenOnIsNoDifference(t *testing.T) {
	t.Parallel()
	record := row(at(waiting, 5, 0))
	record.Started, record.StartAsked = false, true
	run := follows(at(campaign.Completed, 4, 0))
	run.Open, run.Closed, run.Outcome = false, "completed", campaign.Completed
	require.Equal(t, Same, compare(record, run))
	record.Position = at(active, 0, 0) // a first enrollment that the database has lost the start of
	require.Equal(t, Behind, compare(record, run))
}

// A workflow that is lost is started again as it was; where it goes on, the first look says.
// Also when its step is gone, which for one that keeps its steps is a person's work.
func TestALostEnrollmentThatFollowsGoesOnFromAnyStep(t *testing.T) {
	t.Parallel()
	record := row(campaign.Position{Status: campaign.Active, StepIndex: 5, StepID: "removed", Visit: 1})
	record.Follows = true
	action := planned(record, nil)
	require.Empty(t, action.Left)
	require.True(t, action.Restart.Follows)
	require.Nil(t, action.Repair.StepIndex)

	lost := follows(campaign.Position{Status: campaign.Active, StepIndex: 5, StepID: "removed", Visit: 1})
	lost.Open, lost.Closed = false, "terminated"
	record.Follows = false // a hint that was not written down
	action = planned(record, lost)
	require.Empty(t, action.Left)
	require.True(t, action.Restart.Follows)
}
