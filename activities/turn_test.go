package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/pace"
)

// A claim or a gate without a turn puts the contact into the line, whatever the look before
// it has found: it is not tried until the two agree (law 7).
func TestARefusedTurnIsWaitedForInTheLine(t *testing.T) {
	t.Parallel()
	for refused, calls := range map[string][]string{
		"claim": {"facts", "claim", "hold"},
		"gate":  {"facts", "claim", "send", "gate", "hold"},
	} {
		s := newScript()
		s.facts.Account.Pace = pace.AccountRules{Gap: time.Minute}
		s.held = campaign.Held{InLine: true}
		s.errs[refused] = []error{campaign.ErrNoTurn}
		result, err := s.attempt(t, nil)
		require.NoError(t, err, refused)
		require.Equal(t, activities.Result{Outcome: activities.Queued}, result, refused)
		require.Equal(t, calls, s.calls)
		require.NotNil(t, s.checked.Place, "the look found nothing: %s", refused)
	}
}
