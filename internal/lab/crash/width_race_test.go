//go:build race

package crash

// The race detector makes everything many times slower, the Temporal server
// in this process most of all; see the other file for what these are.
const (
	atOnce    = 10
	setAtOnce = 2
)
