package settings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestForHowLongInboundMailIsKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 720 * time.Hour, "7d": 168 * time.Hour, "12h": 12 * time.Hour, "0": 0, "0d": 0, "3650d": mostKept} {
		settings, err := Read(func(name string) (string, bool) { return text, name == "RELANCE_INBOUND_KEPT" })
		require.NoError(t, err, text)
		require.Equal(t, want, settings.InboundKept, text)
	}
	for _, text := range []string{"-1d", "d", "30", "soon", "99999999999999999d", "9999d", "-5h", "999999h"} {
		_, err := Read(func(name string) (string, bool) { return text, name == "RELANCE_INBOUND_KEPT" })
		require.ErrorContains(t, err, "RELANCE_INBOUND_KEPT is", text)
	}
}
