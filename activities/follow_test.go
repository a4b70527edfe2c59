package activities_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/campaign"
)

// followed is a script of an enrollment that follows a campaign of these emails, in version 2.
func followed(ids ...string) *script {
	s := newScript()
	s.follows, s.facts.Campaign.Version, s.facts.Campaign.Steps = 2, 2, nil
	for _, id := range ids {
		s.facts.Campaign.Steps = append(s.facts.Campaign.Steps, campaign.Step{ID: id, Kind: campaign.Email})
	}
	return s
}

// What comes next is in the result of the step that is done, and costs no call.
func TestADoneStepSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	s := followed("intro", "more")
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Done, result.Outcome)
	require.Equal(t, &campaign.Next{StepID: "more", Kind: campaign.Email, StepIndex: 1, Version: 2}, result.Next)
	require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent"}, s.calls)
}

// An edit of another part changes nothing for this step; one that takes it away does.
func TestAnEditBeforeTheLook(t *testing.T) {
	t.Parallel()
	s := followed("intro", "added")
	s.follows = 1
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Done, result.Outcome)
	require.Equal(t, "added", result.Next.StepID)

	s = followed("added")
	s.follows, s.next = 1, campaign.Next{StepID: "added", Kind: campaign.Email, StepIndex: 1, Version: 2}
	result, err = s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Result{Outcome: activities.Moved, Next: &s.next}, result)
	require.Equal(t, []string{"facts", "go on"}, s.calls, "nothing is claimed")
}

// Law 1 and the text of a message: what is claimed is what was looked at.
func TestAnEditBetweenTheLookAndTheClaim(t *testing.T) {
	t.Parallel()
	s := followed("intro")
	s.errs["claim"] = []error{campaign.ErrEdited}
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Done, result.Outcome)
	require.Equal(t, []string{"facts", "claim", "facts", "claim", "send", "gate", "dot", "sent"}, s.calls)
}

// A message that was sent is recorded, whatever was edited meanwhile, and not sent again.
func TestAnEditBetweenTheDotAndTheAnswer(t *testing.T) {
	t.Parallel()
	s := followed("intro", "more")
	s.errs["sent"] = []error{campaign.ErrEdited}
	s.send = func(ctx context.Context, gate activities.Gate) (string, error) {
		if err := gate(ctx); err != nil {
			return "", err
		}
		s.facts.Campaign.Version = 3
		s.facts.Campaign.Steps = append(s.facts.Campaign.Steps[:1:1], campaign.Step{ID: "other", Kind: campaign.Email})
		s.facts.Delivery = &campaign.Delivery{StepID: "intro", Visit: 1, State: campaign.Sent}
		s.facts.Had = []campaign.Sending{{StepID: "intro"}}
		return "250 ok", s.call("dot")
	}
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Done, result.Outcome)
	require.Equal(t, "other", result.Next.StepID)
	require.Equal(t, 3, result.Next.Version)
	require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent", "facts", "receipt"}, s.calls)
}

// An attempt that is taken for dead, and lives, moves nobody who waits for a turn.
func TestAStaleAttemptMovesNobody(t *testing.T) {
	t.Parallel()
	s := followed("other")
	s.follows, s.errs["go on"] = 1, []error{campaign.ErrNoTurn}
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Queued, result.Outcome)
}

// Completed by an attempt whose answer was lost: so it stays, whatever was added since.
func TestACompletedEnrollmentStaysSo(t *testing.T) {
	t.Parallel()
	s := followed("intro", "added")
	s.facts.Status, s.next = campaign.Completed, campaign.Next{Completed: true, Version: 2}
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Result{Outcome: activities.Moved, Next: &s.next}, result)
}
