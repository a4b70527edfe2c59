package wakeups

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
)

// dice are shared by all who leave something to chance.
type dice struct {
	mutex sync.Mutex
	rand  *rand.Rand
}

func (d *dice) below(n int) int {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.rand.IntN(n)
}

func (d *dice) oneIn(n int) bool { return d.below(n) == 0 }

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }

func sortedKeys[K cmp.Ordered, V any](of map[K]V) []K { return slices.Sorted(maps.Keys(of)) }
