// Package atonce is for packages whose tests wait most of their time: more of them run at a
// time than there are processors.
package atonce

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
)

// Run runs the tests of a package, n of the parallel ones at a time unless -parallel says
// otherwise, and returns the exit code.
func Run(m *testing.M, n int) int {
	flag.Parse()
	chosen := false
	flag.Visit(func(given *flag.Flag) { chosen = chosen || given.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", strconv.Itoa(n)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}
