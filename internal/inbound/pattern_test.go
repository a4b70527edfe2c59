package inbound_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound/pattern"
)

// Patterns are compiled at their first use: here, so that one that no test meets is no
// surprise in a mailbox.
func TestEveryPatternCompiles(t *testing.T) {
	t.Parallel()
	require.NotPanics(t, func() { require.Greater(t, pattern.All(), 50) })
}
