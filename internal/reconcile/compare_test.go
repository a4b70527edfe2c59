package reconcile

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// hello, wait, rest, again, tell: a message, two waits, a message, a text.
var steps = []campaign.Plan{
	{ID: "hello", Kind: campaign.Email}, {ID: "wait", Kind: campaign.Wait, Wait: time.Hour}, {ID: "rest", Kind: campaign.Wait, Wait: time.Hour},
	{ID: "again", Kind: campaign.Email}, {ID: "tell", Kind: campaign.SMS},
}

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// at is a position: the step by its index, and parks by their number.
func at(status campaign.Status, index, lastPark int) campaign.Position {
	position := campaign.Position{Status: status, StepIndex: index, Visit: 1, LastPark: lastPark}
	if index < len(steps) {
		position.StepID = steps[index].ID
	}
	switch status {
	case campaign.InError:
		position.Park = &failure.Parked{ParkID: lastPark, Since: now, Problem: failure.Problem{
			Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(17)},
		}}
	case campaign.Waiting:
		position.NextAt = now.Add(time.Hour)
	case campaign.Active, campaign.Paused, campaign.Completed, campaign.Disenrolled:
	}
	return position
}

func row(position campaign.Position) *campaign.Record {
	return &campaign.Record{
		EnrollmentKey: campaign.EnrollmentKey{CampaignKey: "q4", ContactID: 17}, EnrollmentID: 5, Position: position,
		Started: true, Steps: steps, Ledger: map[campaign.DeliveryKey]campaign.DeliveryState{},
	}
}

func open(position campaign.Position) *campaign.Run {
	return &campaign.Run{
		EnrollmentKey: campaign.EnrollmentKey{CampaignKey: "q4", ContactID: 17}, EnrollmentID: 5, Position: position,
		Open: true, Steps: steps, Busy: position.Status == campaign.Active,
	}
}

func idle(position campaign.Position) *campaign.Run {
	run := open(position)
	run.Busy = false
	return run
}

func closed(position campaign.Position, outcome campaign.Status) *campaign.Run {
	run := idle(position)
	run.Open, run.Outcome, run.Closed, run.ClosedAt = false, outcome, "terminated", now
	return run
}

const (
	active, waiting, inError, paused = campaign.Active, campaign.Waiting, campaign.InError, campaign.Paused
	completed, disenrolled           = campaign.Completed, campaign.Disenrolled
)

func TestWhatDiffers(t *testing.T) {
	t.Parallel()
	unstarted := func(asked bool) *campaign.Record {
		record := row(at(active, 0, 0))
		record.Started, record.StartAsked = false, asked
		return record
	}
	stranger := open(at(active, 3, 0))
	stranger.EnrollmentID = 6
	gone := closed(at(active, 5, 0), completed)
	gone.EnrollmentID = 6
	for name, test := range map[string]struct {
		record *campaign.Record
		run    *campaign.Run
		kind   Kind
	}{
		"nothing":                                   {nil, nil, Same},
		"the same step":                             {row(at(active, 3, 0)), open(at(active, 3, 0)), Same},
		"the same wait":                             {row(at(waiting, 1, 0)), open(at(waiting, 1, 0)), Same},
		"the same park":                             {row(at(inError, 3, 2)), idle(at(inError, 3, 2)), Same},
		"the same pause":                            {row(at(paused, 3, 2)), idle(at(paused, 3, 2)), Same},
		"no workflow":                               {row(at(waiting, 1, 0)), nil, Missing},
		"a terminated workflow":                     {row(at(inError, 3, 1)), closed(at(inError, 3, 1), ""), Missing},
		"a completed workflow, an older row":        {row(at(active, 0, 0)), closed(at(active, 5, 0), completed), Behind},
		"a disenrolled workflow, an older row":      {row(at(waiting, 1, 0)), closed(at(waiting, 1, 0), disenrolled), Behind},
		"never started":                             {unstarted(false), nil, Unstarted},
		"never started, asked for":                  {unstarted(true), nil, Same},
		"started, and not noted":                    {unstarted(false), open(at(active, 0, 0)), Unstarted},
		"started, the note is on its way":           {unstarted(true), open(at(active, 0, 0)), Same},
		"not noted, and far ahead":                  {unstarted(true), open(at(active, 3, 0)), Behind},
		"a workflow without a row":                  {nil, open(at(active, 0, 0)), Unknown},
		"an ended workflow without a row":           {nil, closed(at(active, 5, 0), completed), Unknown},
		"the workflow of an earlier enrollment":     {row(at(active, 0, 0)), stranger, Unknown},
		"the ended one of an earlier enrollment":    {row(at(active, 0, 0)), gone, Unknown},
		"disenrolled, and running":                  {row(at(disenrolled, 3, 0)), idle(at(inError, 3, 1)), Ended},
		"disenrolled, and about to find it":         {row(at(disenrolled, 3, 0)), open(at(active, 3, 0)), Same},
		"completed, and waiting to find it":         {row(at(completed, 5, 0)), open(at(waiting, 1, 0)), Same},
		"completed, and parked for ever":            {row(at(completed, 5, 0)), idle(at(inError, 3, 1)), Ahead},
		"completed, and closed":                     {row(at(completed, 5, 0)), closed(at(active, 5, 0), completed), Same},
		"a message further":                         {row(at(active, 0, 0)), open(at(active, 3, 0)), Behind},
		"a wait is over":                            {row(at(waiting, 1, 0)), open(at(active, 3, 0)), Same},
		"the second wait in a row":                  {row(at(waiting, 1, 0)), open(at(waiting, 2, 0)), Same},
		"a wait is over, and parked":                {row(at(waiting, 1, 0)), idle(at(inError, 3, 1)), Parked},
		"a wait is over, and paused":                {row(at(waiting, 1, 0)), idle(at(paused, 3, 0)), Parked},
		"parked, the row is not":                    {row(at(active, 3, 0)), idle(at(inError, 3, 1)), Parked},
		"parked again":                              {row(at(inError, 3, 1)), idle(at(inError, 3, 2)), Parked},
		"paused, the row is not":                    {row(at(active, 3, 0)), idle(at(paused, 3, 0)), Parked},
		"parked and gone on":                        {row(at(active, 3, 0)), open(at(active, 3, 2)), Behind},
		"resting, the row is not":                   {row(at(active, 3, 0)), idle(at(waiting, 3, 0)), Behind},
		"resting after a park that the row holds":   {row(at(inError, 3, 1)), idle(at(waiting, 3, 1)), Behind},
		"resumed, the row not yet":                  {row(at(inError, 3, 1)), open(at(active, 3, 1)), Same},
		"the park is on its way":                    {row(at(inError, 3, 2)), open(at(active, 3, 1)), Same},
		"the pause is on its way":                   {row(at(paused, 3, 1)), open(at(active, 3, 1)), Same},
		"the wait is on its way":                    {row(at(waiting, 1, 0)), open(at(active, 0, 0)), Same},
		"the park never arrived":                    {row(at(inError, 3, 2)), idle(at(waiting, 3, 1)), Ahead},
		"a park that was over before it was heard":  {row(at(waiting, 3, 2)), idle(at(waiting, 3, 1)), Same},
		"the row is steps further":                  {row(at(waiting, 4, 0)), open(at(active, 0, 0)), Ahead},
		"the row is further, the workflow waits":    {row(at(active, 3, 0)), open(at(waiting, 1, 0)), Ahead},
		"the row has resumed, the workflow has not": {row(at(active, 3, 1)), idle(at(inError, 3, 1)), Ahead},
	} {
		require.Equal(t, test.kind, compare(test.record, test.run), name)
	}
}

// A signal counts as lost only where the workflow is in the state that it would
// have without it.
func TestASignalThatNeverArrived(t *testing.T) {
	t.Parallel()
	signalled := func(position campaign.Position, kind campaign.OutboxKind) *campaign.Record {
		record := row(position)
		record.Unheard = &campaign.OutboxEntry{Kind: kind, Cause: failure.ContactEmail(17)}
		return record
	}
	require.Equal(t, Unheard, compare(signalled(at(inError, 3, 1), "fix"), idle(at(inError, 3, 1))))
	require.Equal(t, Unheard, compare(signalled(at(paused, 3, 0), "fix"), idle(at(paused, 3, 0))))
	require.Equal(t, Unheard, compare(signalled(at(waiting, 1, 0), "disenroll"), idle(at(waiting, 1, 0))))
	require.Equal(t, Same, compare(signalled(at(inError, 3, 1), "fix"), open(at(active, 3, 1))), "it is looking")
	require.Equal(t, Missing, compare(signalled(at(inError, 3, 1), "fix"), nil))
}
