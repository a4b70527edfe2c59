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
