//go:build !race

package crash

// atOnce is how many rows run at a time, unless -parallel says otherwise: all.
// They wait for a heartbeat to be missed most of their time. setAtOnce is how
// many are set at a time: set all together, they would keep each other from
// beating, and die of that.
const (
	atOnce    = 48
	setAtOnce = 6
)
