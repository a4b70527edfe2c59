package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// With --empty there is no contact 4 and no sales@northwind.example to fix.
func TestAnEmptyStackIsToldHowToBegin(t *testing.T) {
	t.Parallel()
	empty := strings.Join(nextCommands(true), "\n")
	require.Contains(t, empty, "starter apply -f workspace.yaml")
	require.NotContains(t, empty, "northwind")
	require.Contains(t, strings.Join(nextCommands(false), "\n"), "sales@northwind.example")
}
