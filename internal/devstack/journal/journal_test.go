package journal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/journal"
)

func TestAppendGoesOnAfterACutOffLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "inbox", "log.jsonl")
	for range 2 {
		j, err := journal.Open(path)
		require.NoError(t, err)
		require.NoError(t, j.Append(map[string]int{"n": 1}))
		require.NoError(t, j.Close())
	}
	require.NoError(t, os.WriteFile(path, []byte("{\"n\":1}\n{\"n\":"), 0o644))
	j, err := journal.Open(path)
	require.NoError(t, err)
	require.NoError(t, j.Append(map[string]int{"n": 2}))
	require.NoError(t, j.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "{\"n\":1}\n{\"n\":\n{\"n\":2}\n", string(text))
}
