package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// An attempt whose answer was lost is made again after its row has gone on: what it says next
// is what the row says, or to look there.
func TestWhatALostAnswerSaysNext(t *testing.T) {
	t.Parallel()
	message := func(id string) Step { return Step{ID: id, Kind: Email, Subject: "s", Body: "b"} }
	wait := Step{ID: "wait", Kind: Wait, Wait: 72 * time.Hour}
	attempt := Attempt{StepID: "intro", StepIndex: 0, Kind: Email, Follows: true, Version: 1}
	look := Next{StepID: "more", StepIndex: 1, Kind: Email}
	for name, c := range map[string]struct {
		steps  []Step
		status Status
		at     string
		index  int
		want   Next
	}{
		"the same comes":              {[]Step{message("intro"), message("more")}, Active, "more", 1, Next{StepID: "more", StepIndex: 1, Kind: Email, Version: 2}},
		"a wait came before it since": {[]Step{message("intro"), wait, message("more")}, Active, "more", 1, look},
		"it was removed since":        {[]Step{message("intro")}, Active, "more", 1, look},
		"the row waits too":           {[]Step{message("intro"), wait, message("more")}, Waiting, "wait", 1, Next{StepID: "more", StepIndex: 2, Kind: Email, WaitStep: "wait", Wait: 72 * time.Hour, Version: 2}},
		"the row waits for a turn":    {[]Step{message("intro"), wait, message("more")}, Waiting, "more", 1, look},
		"the wait was removed since":  {[]Step{message("intro"), message("more")}, Waiting, "wait", 1, Next{StepID: "more", StepIndex: 1, Kind: Email, Version: 2}},
		"it was taken on since":       {[]Step{message("intro"), message("more")}, Active, "more", 2, Next{StepID: "more", StepIndex: 2, Kind: Email}},
		"taken on, it waits":          {[]Step{message("intro"), wait, message("more")}, Waiting, "wait", 2, Next{StepID: "more", StepIndex: 2, Kind: Email, WaitStep: "wait", Wait: 72 * time.Hour, Version: 2}},
		"the row has come to its end": {[]Step{message("intro"), message("more")}, Completed, "intro", 1, Next{Completed: true, Version: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			facts := Facts{
				Status: c.status, StepID: c.at, StepIndex: c.index, Now: now, Began: now.Add(-time.Hour),
				Campaign: Campaign{Steps: c.steps, Version: 2},
				Had:      []Sending{{StepID: "intro", Kind: Email, At: now.Add(-time.Minute), WireAt: now.Add(-time.Minute)}},
				Delivery: &Delivery{StepID: "intro", State: Sent},
			}
			next := facts.After(attempt)
			next.At = time.Time{}
			require.Equal(t, c.want, next)
		})
	}
	facts := Facts{Status: Active, StepID: "intro", Campaign: Campaign{Steps: []Step{message("intro")}, Version: 2}}
	require.True(t, facts.After(attempt).Completed, "a row that has not gone on goes where the campaign says")
}

// A row that an attempt whose answer was lost has had go on to a step that was added, and which was removed since: the step
// of the attempt that is made again is what comes, but not for it, whose claim would be stale.
func TestAnAttemptIsNotDueBehindItsRow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	facts := Facts{
		Status: Active, StepID: "added", StepIndex: 3, Now: now, Began: now.Add(-time.Hour),
		Campaign: Campaign{Version: 3, Steps: []Step{{ID: "intro", Kind: Email, Subject: "s", Body: "b"}, {ID: "more", Kind: Email, Subject: "s", Body: "b"}}},
		Had:      []Sending{{StepID: "intro", Kind: Email, At: now.Add(-time.Minute), WireAt: now.Add(-time.Minute)}},
	}
	attempt := Attempt{StepID: "more", StepIndex: 2, Kind: Email, Follows: true, Version: 1}
	next, isThis := facts.Coming(attempt)
	require.False(t, isThis)
	require.Equal(t, Next{StepID: "added", StepIndex: 3, Kind: Email}, next)

	// From there the row goes on to it, under a position of its own.
	attempt.StepID, attempt.StepIndex = next.StepID, next.StepIndex
	next, isThis = facts.Coming(attempt)
	require.False(t, isThis)
	require.Equal(t, "more", next.StepID)
	facts.StepID, facts.StepIndex = next.StepID, next.StepIndex
	attempt.StepID, attempt.StepIndex = next.StepID, next.StepIndex
	_, isThis = facts.Coming(attempt)
	require.True(t, isThis)
}

// What docs/pace.md says of a wait that was over, in a campaign that was edited meanwhile: its sending days are those of now.
func TestSendingDaysAreReckonedOnceMoreAfterAnEdit(t *testing.T) {
	t.Parallel()
	windows := func(text string) pace.CampaignRules {
		read, err := pace.ParseWindows(text)
		require.NoError(t, err)
		return pace.CampaignRules{Windows: read}
	}
	sent := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday
	facts := Facts{
		Status: Active, StepID: "more", StepIndex: 2, Began: sent, Now: time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC),
		Campaign: Campaign{Version: 2, Window: windows("mon-fri 08:00-18:00"), Steps: []Step{
			{ID: "intro", Kind: Email}, {ID: "wait", Kind: Wait, SendingDays: 3}, {ID: "more", Kind: Email},
		}},
		Had: []Sending{{StepID: "intro", Kind: Email, At: sent, WireAt: sent}},
	}
	attempt := Attempt{StepID: "more", StepIndex: 2, Kind: Email, Follows: true, Version: 1}
	_, isThis := facts.Coming(attempt)
	require.True(t, isThis, "three days later")
	facts.Campaign.Window = windows("mon, wed, fri 08:00-18:00")
	next, isThis := facts.Coming(attempt)
	require.False(t, isThis)
	require.Equal(t, time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC), next.At.UTC())
}
