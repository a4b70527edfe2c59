package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
	require.Contains(t, clickingHint("http://127.0.0.1:8080", false), "http://127.0.0.1:8080/ in a browser to repair")
	require.NotContains(t, clickingHint("http://127.0.0.1:8080", true), "repair")
}

// What is hinted at goes in the order of the errors' numbers, and is what README types.
func TestHintsGoInTheOrderOfTheNumbers(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	tour, last := string(readme), 0
	for _, line := range nextCommands(false) {
		command, comment, _ := strings.Cut(strings.TrimPrefix(line, "go run ./"), "#")
		number, err := strconv.Atoi(strings.TrimSpace(comment))
		if err != nil {
			continue
		}
		require.Equal(t, last+1, number, line)
		last = number
		_, chapter, found := strings.Cut(tour, fmt.Sprintf("\n### %d · ", number))
		require.True(t, found, line)
		chapter, _, _ = strings.Cut(chapter, "\n### ")
		require.Contains(t, chapter, "$ "+strings.TrimSpace(command)+"\n")
	}
	require.Positive(t, last)
}
