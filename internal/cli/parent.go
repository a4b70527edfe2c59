package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
)

// onlyHolds is the annotation of a command that only holds others.
const onlyHolds = "only-holds"

// makeParent lets a command that only holds others print its help, and refuse
// a word that is none of them.
func makeParent(command *cobra.Command) {
	command.Annotations = map[string]string{onlyHolds: "others"}
	command.Args = func(command *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		names := []string{}
		for _, child := range command.Commands() {
			if child.IsAvailableCommand() {
				names = append(names, child.Name())
			}
		}
		return usagef("%s has no command %q%s", command.CommandPath(), args[0], print.Alternatives(args[0], names))
	}
	command.RunE = func(command *cobra.Command, _ []string) error { return command.Help() }
}

// newParent is a command that only holds others.
func newParent(group, use, short string, children ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{Use: use, Short: short, GroupID: group}
	examples := []string{}
	for _, child := range children {
		command.AddCommand(child)
		if first, _, _ := strings.Cut(child.Example, "\n"); first != "" {
			examples = append(examples, first)
		}
	}
	command.Example = strings.Join(examples, "\n")
	return command
}
