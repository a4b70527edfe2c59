package cli

import (
	"time"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newToken(s *session) *cobra.Command {
	return newParent(groupConfigure, "token", "The tokens with which programs use the API", newTokenList(s), newTokenAdd(s), newTokenRemove(s))
}

func newTokenList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens, removed ones too", Args: cobra.NoArgs,
		Example: "  starter token list",
		RunE: func(command *cobra.Command, _ []string) error {
			tokens, err := s.operator.Tokens(command.Context())
			if err != nil {
				return err
			}
			if len(tokens) == 0 {
				s.sayf("There is no token yet; starter token add NAME makes one.")
				return s.show(tokens, nil)
			}
			t := print.NewTable("Name", "Role", "State", "Expires", "Last used", "Made by", "Made")
			for _, token := range tokens {
				used := "never"
				if token.UsedAt != nil {
					used = print.Moment(*token.UsedAt)
				}
				t.Add(token.Name, token.Role, tokenState(token), print.Moment(token.ExpiresAt), used, token.CreatedBy, print.Moment(token.CreatedAt))
			}
			return s.show(tokens, t)
		},
	}
}

func tokenState(token operator.Token) string {
	switch {
	case token.RemovedAt != nil:
		return "removed"
	case token.ExpiresAt.Before(time.Now()):
		return "expired"
	}
	return "valid"
}

func newTokenAdd(s *session) *cobra.Command {
	role, expires := string(operator.RoleViewer), "90d"
	command := &cobra.Command{
		Use: "add NAME", Short: "Make a token, which is shown once", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(),
		Long: `Makes a token for a program and prints it. It cannot be read again: only its hash
is kept. What is done with it is kept under the name token:NAME.

A viewer's token may look at everything, an operator's may also enroll, repair,
resume and disenroll.`,
		Example: `  starter token add dashboard
  starter token add crm-sync --role operator --expires 30d`,
		RunE: func(command *cobra.Command, args []string) error {
			life, err := operator.ParseLife(expires)
			if err != nil {
				return err
			}
			added, err := s.operator.AddToken(command.Context(), args[0], operator.Role(role), life)
			if err != nil {
				return err
			}
			if s.format == formatTable { // beside the output, which a script keeps
				s.warnf("this is the token %s (%s, until %s); keep it now, it is not shown again", added.Name, added.Role, print.Moment(added.ExpiresAt))
			}
			s.sayf("%s", added.Text)
			return s.show(added, nil)
		},
	}
	command.Flags().StringVar(&role, "role", role, "what it may do: `viewer or operator`")
	command.Flags().StringVar(&expires, "expires", expires, "how long it is valid: `90d` or 12h, at most 366d")
	_ = command.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{string(operator.RoleViewer), string(operator.RoleOperator)}, cobra.ShellCompDirectiveNoFileComp))
	return command
}

func newTokenRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Have a token be refused from now on", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(tokens),
		Example:           "  starter token remove crm-sync",
		RunE: func(command *cobra.Command, args []string) error {
			removed, err := s.operator.RemoveToken(command.Context(), args[0])
			if err != nil {
				return err
			}
			s.sayf("The token %s is refused from now on.", removed.Name)
			return s.show(removed, nil)
		},
	}
}
