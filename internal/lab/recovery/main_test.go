package recovery

import (
	"os"
	"testing"

	"relance/internal/lab/atonce"
)

// Each of these tests has a server of its own to start, to stop and to wait for.
func TestMain(m *testing.M) { os.Exit(atonce.Run(m, 4)) }
