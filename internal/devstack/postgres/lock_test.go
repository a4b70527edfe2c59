package postgres

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A child between its fork and its exec is a second holder of the file.
func TestTheLockIsFreeThoughAChildStillHoldsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := lock(dir)
	require.NoError(t, err)
	held, err := syscall.Dup(int(file.Fd()))
	require.NoError(t, err)
	child := os.NewFile(uintptr(held), "child")
	t.Cleanup(func() { _ = child.Close() })
	_, err = lock(dir)
	require.ErrorContains(t, err, "another process is already using")
	require.NoError(t, unlock(file))
	again, err := lock(dir)
	require.NoError(t, err)
	require.NoError(t, unlock(again))
}
