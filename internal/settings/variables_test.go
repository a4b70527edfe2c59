package settings_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/lab/docstable"
	"relance/internal/settings"
)

// TestVariablesInTheDocs holds the tables of variables to settings.Variables.
func TestVariablesInTheDocs(t *testing.T) {
	for _, document := range []string{"README.md", "docs/production.md"} {
		docstable.Check(t, document, "variables", variablesTable())
	}
}

// TestEveryVariableIsDescribed reads the settings and looks at which names are asked for.
func TestEveryVariableIsDescribed(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for _, variable := range settings.Variables() {
		for _, name := range variable.Names {
			described[name] = true
		}
	}
	asked := func(name string) (string, bool) {
		require.True(t, described[name], "%s is read and not described in settings.Variables", name)
		return "", false
	}
	_, err := settings.Read(asked)
	require.NoError(t, err)
	_, err = settings.ReadConsole(asked)
	require.NoError(t, err)
}

func variablesTable() string {
	var text strings.Builder
	text.WriteString("| variable | read by | default | meaning |\n|---|---|---|---|\n")
	for _, variable := range settings.Variables() {
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", strings.Join(variable.Names, "`, `"), variable.ReadBy, variable.Default, variable.Meaning)
	}
	return text.String()
}
