package crash

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
)

// TestMain is also where the processes begin that are to die: this program,
// once more, in a role.
func TestMain(m *testing.M) {
	if name := os.Getenv(roleVariable); name != "" {
		os.Exit(play(name))
	}
	flag.Parse()
	chosen := false
	flag.Visit(func(given *flag.Flag) { chosen = chosen || given.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	stopServers()
	os.Exit(code)
}
