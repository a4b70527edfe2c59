package pgtest_test

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
	"relance/internal/devstack/postgres/pgtest"
)

// victim makes this test binary one that waits to be killed.
const victim = "RELANCE_TEST_VICTIM"

func TestVictim(t *testing.T) {
	if os.Getenv(victim) == "" {
		return // run by the next test only
	}
	fmt.Println("\nurl", pgtest.New(t))
	select {}
}

func TestNothingIsLeftOfAKilledTestProcess(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	process := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	process.Env = append(os.Environ(), victim+"=1", "TMPDIR="+temp, pgtest.Variable+"=")
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	number := 0
	for lines := bufio.NewScanner(out); number == 0 && lines.Scan(); {
		if address, found := strings.CutPrefix(lines.Text(), "url "); found {
			parsed, err := url.Parse(address)
			require.NoError(t, err)
			number, err = strconv.Atoi(parsed.Port())
			require.NoError(t, err)
		}
	}
	require.NotZero(t, number, "the victim must tell its database")
	require.Error(t, port.Check("", number), "its server must be up")
	require.NoError(t, process.Process.Kill())
	_ = process.Wait() // "killed" is what was asked for

	require.Eventually(t, func() bool {
		left, err := os.ReadDir(temp)
		return err == nil && len(left) == 0 && port.Check("", number) == nil
	}, 30*time.Second, 20*time.Millisecond, "the server and its directory must go")
}
