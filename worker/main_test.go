package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWorkerWithoutEnvironmentDoesNotStart(t *testing.T) {
	for _, name := range []string{"DATABASE_URL", "RELANCE_SECRET_KEY", "TEMPORAL_ADDRESS"} {
		t.Setenv(name, "")
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(nil, &stdout, &stderr))
	require.Contains(t, stderr.String(), "worker: a production worker takes nothing from the dev stack: set DATABASE_URL and RELANCE_SECRET_KEY")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"--version"}, &stdout, &stderr))
	require.Regexp(t, `^worker \S+\n$`, stdout.String())
}
