package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

// bare runs a command that needs no server.
func bare(env map[string]string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := Run(context.Background(), Options{
		Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		LookupEnv: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
	})
	return result{code, stdout.String(), stderr.String()}
}

func TestAWrongCallIsUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, says string }{
		{"frobnicate", `starter has no command "frobnicate"`},
		{"versoin", "did you mean version?"},
		{"version x", `"x" is one argument too many; the call is starter version`},
		{"version -o yaml", `-o is "yaml"; expected table or json`},
		{"version --loud", "starter version has no flag --loud; there are --help and --output"},
	} {
		got := bare(nil, strings.Fields(test.args)...)
		require.Equal(t, exitUsage, got.code, test.args)
		require.Contains(t, got.err, test.says, test.args)
		require.Contains(t, got.err, "try: starter", test.args)
		require.Empty(t, got.stdout, test.args)
	}
}

func TestEveryCommandIsDocumented(t *testing.T) {
	t.Parallel()
	root := newRoot(newSession(Options{LookupEnv: func(string) (string, bool) { return "", false }}))
	for _, command := range flatten(root) {
		if name := command.Name(); name == "help" || name == "completion" || command.Parent() != nil && command.Parent().Name() == "completion" {
			continue
		}
		require.NotEmpty(t, command.Short, command.CommandPath())
		require.NotEmpty(t, command.Example, command.CommandPath())
		require.NotNil(t, command.Args, "%s must say which arguments it takes", command.CommandPath())
		if command.Parent() == root {
			require.NotEmpty(t, command.GroupID, command.CommandPath())
		}
	}
}

func TestTheDevStacksFileAnswersWhenNothingIsSet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".relance"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".relance", settings.DevEnvFile),
		[]byte("# ports of this run\nexport DATABASE_URL='postgres://a'\nTEMPORAL_ADDRESS=127.0.0.1:7777\n"), 0o600))
	none := func(string) (string, bool) { return "", false }
	value, _ := withDevEnv(none, dir)("DATABASE_URL")
	require.Equal(t, "postgres://a", value)
	value, _ = withDevEnv(none, dir)("TEMPORAL_ADDRESS")
	require.Equal(t, "127.0.0.1:7777", value)
	set := func(name string) (string, bool) { return "mine", name == "DATABASE_URL" }
	_, ok := withDevEnv(set, dir)("TEMPORAL_ADDRESS")
	require.False(t, ok, "one variable set: the file is not asked")
}

// flatten is the command and all below it.
func flatten(command *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{command}
	for _, child := range command.Commands() {
		all = append(all, flatten(child)...)
	}
	return all
}
