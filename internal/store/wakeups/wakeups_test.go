// Package wakeups looks for lost wake-ups (law 3) in the way in which they come
// about: enrollments are tried by the real activities over the real store while
// operators and servers break and repair what they depend on, and while the
// outbox is drained, two givers give turns and two readers hear answers; some of them by two attempts at once, of which one was
// given up. What is left to chance is drawn from a seed; how the statements
// interleave is up to PostgreSQL, so a seed that has failed once may need more
// rounds to fail again.
//
//	RELANCE_WAKEUP_SEED=7 RELANCE_WAKEUP_ROUNDS=100 go test ./internal/store/wakeups
package wakeups

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestNoWakeUpIsLost(t *testing.T) { search(t, false) }

// Laws 1 and 2 as well: attempts are given up and live, and stop before anything that they do.
func TestNoContactIsLostToAStaleAttempt(t *testing.T) { search(t, true) }

func search(t *testing.T, staleAttempts bool) {
	t.Helper()
	t.Parallel()
	seeds := []uint64{1, 2, 3}
	if one := number(t, "RELANCE_WAKEUP_SEED", 0); one != 0 {
		seeds = []uint64{one}
	}
	rounds := number(t, "RELANCE_WAKEUP_ROUNDS", 2)
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed, staleAttempts)
			round := uint64(1)
			defer func() {
				if t.Failed() {
					t.Logf("in round %d; again with RELANCE_WAKEUP_SEED=%d RELANCE_WAKEUP_ROUNDS=%d", round, seed, 10*round)
				}
			}()
			for ; round <= rounds; round++ {
				w.mail.calm.Store(false)
				w.enroll(round)
				w.burst()
				w.mendSome()
				w.freeAll()
				w.settle()
				w.judge()
			}
			w.report()
		})
	}
}

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	value, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, variable)
	return value
}
