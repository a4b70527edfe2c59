package campaign_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func TestDelayGrowsUpToItsMost(t *testing.T) {
	t.Parallel()
	retry := campaign.Retry{Initial: time.Second, Factor: 2, Max: 10 * time.Second}
	for attempts, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 5000: 10 * time.Second} {
		require.Equal(t, want, retry.Delay(attempts), "after %d", attempts)
	}
	require.Equal(t, time.Second, campaign.Retry{Initial: time.Second}.Delay(3), "no factor")
}
