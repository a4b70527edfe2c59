package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
	"relance/internal/devstack/postgres"
)

// parentOf makes this test binary the parent of a server in that directory.
const parentOf = "RELANCE_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	dir := os.Getenv(parentOf)
	if dir == "" {
		os.Exit(m.Run())
	}
	server, err := postgres.Start(context.Background(), postgres.Options{Dir: dir, FastUnsafe: true})
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("port", server.Port())
	select {} // until it is killed
}

// killedParent leaves an orphan behind and returns its port.
func killedParent(t *testing.T, dir string) int {
	t.Helper()
	parent := osexec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentOf+"="+dir)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	number, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "port "))
	require.NoError(t, err, line)
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait() // "killed" is what was asked for
	return number
}

func TestAnOrphanIsAdopted(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	number := killedParent(t, dir)

	server := start(t, postgres.Options{Dir: dir, Port: number})

	require.Equal(t, number, server.Port())
	connect(t, server.URL(""))
	require.NoError(t, server.Stop(context.Background()))
	require.NoError(t, port.Check("", number), "Stop must end an adopted server too")
}

func TestAnOrphanOnAnotherPortIsReplaced(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	old := killedParent(t, dir)
	free, err := port.Free()
	require.NoError(t, err)

	server := start(t, postgres.Options{Dir: dir, Port: free})

	require.Equal(t, free, server.Port())
	require.NoError(t, port.Check("", old), "the orphan must be gone")
}

func TestAServerThatWasKilledIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	killedParent(t, dir)
	pid := postmasterOf(t, dir)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return gone(pid) }, 10*time.Second, 5*time.Millisecond)
	require.FileExists(t, filepath.Join(dir, "data", "postmaster.pid"))

	connect(t, start(t, postgres.Options{Dir: dir}).URL(""))
}

func TestAPidThatNowBelongsToAnotherProgramIsNoServer(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	server := start(t, postgres.Options{Dir: dir})
	require.NoError(t, server.Stop(context.Background()))
	stale := fmt.Sprintf("%d\n%s/data\n1700000000\n5432\n\n127.0.0.1\n", os.Getpid(), dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o600))

	connect(t, start(t, postgres.Options{Dir: dir}).URL(""))
}

func postmasterOf(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

// gone is true for a zombie as well: nobody may be there to wait for it.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z")
}
