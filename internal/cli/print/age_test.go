package print

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAgesAreSaidInOneUnit(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min", 90 * time.Minute: "1 h",
		47 * time.Hour: "47 h", 49 * time.Hour: "2 days",
	} {
		require.Equal(t, want, Age(d))
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "no time", 50 * time.Second: "50 s", 90 * time.Second: "1 min 30 s", 2*time.Hour + 10*time.Minute + 5*time.Second: "2 h 10 min", 26 * time.Hour: "1 d 2 h", 48*time.Hour + time.Minute: "2 d",
	} {
		require.Equal(t, want, Span(d))
	}
}
