package port

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Free ports are taken from below the range that systems use for outgoing
// connections: otherwise the next connection that this very process makes could
// sit on the port before the server that it was meant for has bound it.
const lowest, highest = 20000, 32000

var given = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// Free returns a port that was free a moment ago, and never the same one twice
// in a process. Another process may still be faster: be ready to ask again.
func Free() (int, error) {
	given.Lock()
	defer given.Unlock()
	for range 500 {
		candidate := lowest + rand.IntN(highest-lowest)
		if given.ports[candidate] {
			continue
		}
		listener, err := Listen(context.Background(), "", candidate)
		if err != nil {
			continue
		}
		given.ports[candidate] = true
		return candidate, listener.Close()
	}
	return 0, fmt.Errorf("no free port was found between %d and %d", lowest, highest)
}
