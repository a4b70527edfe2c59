package mailbox_test

import (
	"os"
	"testing"

	"relance/internal/lab/atonce"
)

// Most of these tests wait for a server to be silent for long enough.
func TestMain(m *testing.M) { os.Exit(atonce.Run(m, 8)) }
