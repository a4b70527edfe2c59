package cli

import (
	"github.com/spf13/cobra"

	"relance/internal/operator"
)

// newSchema prints a document, with -o or without.
func newSchema(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of workspace.yaml, for editors", GroupID: groupConfigure, Args: cobra.NoArgs,
		Long: `Prints the JSON Schema (2020-12) of workspace.yaml. An editor with a YAML language
server completes and checks the file by it when this is the file's first line:

  # yaml-language-server: $schema=workspace.schema.json`,
		Example: "  starter schema > workspace.schema.json",
		RunE: func(*cobra.Command, []string) error {
			_, err := s.Stdout.Write(operator.WorkspaceSchema())
			return err
		},
	}
}
