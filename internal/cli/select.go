package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/operator"
)

// selection is the contacts that a command names: by id or address, or all, of a
// campaign, with a code.
type selection struct {
	all            bool
	campaign, code string
}

func (w *selection) flags(command *cobra.Command) {
	command.Flags().BoolVar(&w.all, "all", false, "all contacts that the other flags leave")
	w.filters(command)
}

func (w *selection) filters(command *cobra.Command) {
	command.Flags().StringVar(&w.campaign, "campaign", "", "only in the campaign with this `key`")
	command.Flags().StringVar(&w.code, "code", "", "only contacts in error with this `code` (see starter errors codes)")
}

// args refuses a call that names no contact, or contacts and --all; and a filter without a value, which an unset
// variable of a script would make one that leaves everybody.
func (w *selection) args(command *cobra.Command, args []string) error {
	for _, filter := range []string{"campaign", "code"} {
		if value, _ := command.Flags().GetString(filter); command.Flags().Changed(filter) && strings.TrimSpace(value) == "" {
			return usagef("--%s is empty; expected a value, or leave it out to take those of any", filter)
		}
	}
	switch {
	case w.all && len(args) > 0:
		return usagef("give contacts or --all, not both")
	case !w.all && len(args) == 0:
		return hint(usagef("name the contacts to %s: ids or addresses, or --all", command.Name()),
			"starter "+command.Name()+" 17, or starter "+command.Name()+" --all --code "+string(failure.EmailAccountInError))
	}
	return nil
}

// resolve turns what was typed into ids and a code.
func (w *selection) resolve(ctx context.Context, operations *operator.Operator, args []string) (operator.Selection, error) {
	selected := operator.Selection{Campaign: w.campaign}
	var err error
	if selected.Code, err = parseCode(w.code); err != nil || w.all {
		return selected, err
	}
	selected.Contacts, err = operations.ContactIDs(ctx, args...)
	return selected, err
}

// parseCode reads a code in any letter case that a step can park with; empty is any.
func parseCode(text string) (failure.Code, error) {
	if strings.EqualFold(text, string(failure.WorkflowEnded)) {
		return "", hint(usagef("%s is not an error in which a step stops, so it selects no contact here", failure.WorkflowEnded), "starter errors --code "+string(failure.WorkflowEnded))
	}
	return codeOf(text, codes())
}

// parseErrorCode reads a code that starter errors lists: one of the catalogue, or
// WorkflowEnded.
func parseErrorCode(text string) (failure.Code, error) {
	return codeOf(text, append(codes(), string(failure.WorkflowEnded)))
}

func codeOf(text string, known []string) (failure.Code, error) {
	if text == "" {
		return "", nil
	}
	for _, code := range known {
		if strings.EqualFold(text, code) {
			return failure.Code(code), nil
		}
	}
	return "", hint(usagef("there is no code %s%s", text, print.Alternatives(text, known)), "starter errors codes")
}

func codes() []string {
	var names []string
	for _, entry := range failure.Catalogue() {
		names = append(names, string(entry.Code))
	}
	return names
}
