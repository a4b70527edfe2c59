package crash

import (
	"os"
	"testing"

	"relance/internal/lab/atonce"
)

// TestMain is also where the processes begin that are to die: this program,
// once more, in a role.
func TestMain(m *testing.M) {
	if name := os.Getenv(roleVariable); name != "" {
		os.Exit(play(name))
	}
	code := atonce.Run(m, atOnce)
	stopServers()
	os.Exit(code)
}
