package print

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMomentsCarryTheirZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 123, time.UTC)
	require.Equal(t, "2026-11-24 09:00:00Z", moment(at))
	require.Equal(t, "2026-11-24 10:00:00+01:00", moment(at.In(time.FixedZone("CET", 3600))))
	require.Equal(t, "2026-11-23 23:30:00-09:30", moment(at.In(time.FixedZone("", -(9*3600+1800)))))
}
