package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// listed is a Temporal whose clock is far behind, and that lists one worker until it forgets it.
type listed struct {
	Temporal
	clock   time.Time
	runs    bool // it asks for work anew each minute
	forgets time.Duration
	began   time.Time
}

func (listed) Prepared(context.Context) (string, error) { return "", nil }

func (l listed) Workers(context.Context) (map[string]time.Time, error) {
	switch gone := time.Since(l.began); {
	case l.runs:
		return map[string]time.Time{"maya@worker": l.clock.Add(gone.Truncate(time.Minute))}, nil
	case gone >= l.forgets:
		return map[string]time.Time{}, nil
	}
	return map[string]time.Time{"maya@worker": l.clock}, nil
}

// Law 1: no repair runs beside a worker, whatever the two machines' clocks say; and one that
// Temporal has not forgotten yet, though it was killed, holds a repair up for a minute.
func TestNoRepairBesideAWorker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		temporal listed
		refused  string
		took     time.Duration
	}{
		"it runs":               {listed{runs: true}, "a worker runs (maya@worker)", time.Minute},
		"it was killed":         {listed{forgets: 5 * time.Minute}, "", 65 * time.Second},
		"it is forgotten":       {listed{}, "", 0},
		"it is forgotten at 30": {listed{forgets: 30 * time.Second}, "", 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				c.temporal.began, c.temporal.clock = began, began.Add(-time.Hour)
				comparison := &Comparison{Temporal: c.temporal, Interval: time.Second}
				err := comparison.mayRepair(t.Context(), &Report{Window: Window{Since: began}})
				if c.refused == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, c.refused)
				}
				require.Equal(t, c.took, time.Since(began))
			})
		})
	}
}
