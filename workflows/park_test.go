package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Two updates of one task: the workflow acts on the first when both have been read. The second
// is refused, and not accepted and then dropped. (The SDK's environment gives each a task of its own.)
func TestTheSecondResumeOfATaskIsRefused(t *testing.T) {
	t.Parallel()
	e := &enrollment{State: State{Status: campaign.InError, Park: &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.DeliveryUncertain}}}}
	require.NoError(t, e.refusal(campaign.Resume{Assume: campaign.AssumeSent}))
	e.onResume(campaign.Resume{Assume: campaign.AssumeSent})
	require.ErrorContains(t, e.refusal(campaign.Resume{Assume: campaign.AssumeNotSent}), "it has just been resumed")
	require.Equal(t, campaign.AssumeSent, e.accepted.Assume)
}
