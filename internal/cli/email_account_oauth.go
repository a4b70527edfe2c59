package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/operator"
)

func newAccountConnect(s *session) *cobra.Command {
	var flags accountFlags
	var wait waitFlag
	var ask operator.Consent
	var device bool
	command := &cobra.Command{
		Use: "connect ADDRESS", Short: "Connect a mailbox of Google or Microsoft without a password", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long: `Connects an email account, new or not, that logs in with a token of its provider
(OAuth) instead of a password. It prints an address: the mailbox's owner opens it in a
browser on this machine and consents. With --device it prints an address and a code,
for a browser anywhere; Google does not offer that for mail.

Then it logs in to send and to read, at the provider's servers unless the flags say
others, and only then keeps the account and its tokens, sealed with the secret key.
Workers have the token refreshed. When the provider takes the consent back, the account
is in error, and this command mends that: contacts that waited go on at once.

docs/oauth.md says how to register Relance with Google and Microsoft.`,
		Example: `  starter email-account connect maya@northwind.example --provider google
  starter email-account connect maya@northwind.example --provider microsoft --device
  starter email-account connect lea@northwind.example --provider dev`,
		RunE: func(command *cobra.Command, args []string) error {
			if ask.Provider == "" {
				return usagef("--provider is missing; expected %s", strings.Join(operator.Providers(), ", "))
			}
			settings, err := flags.settings(s)
			if err != nil {
				return err
			}
			ask.Browser = func(url string) {
				fmt.Fprintf(s.Stderr, "Open this address in a browser on this machine, and consent:\n  %s\n", url)
			}
			if device {
				ask.Device = func(url, code string) {
					fmt.Fprintf(s.Stderr, "Open %s in a browser, and type the code %s\n", url, code)
				}
			}
			done, err := s.operations(wait).ConnectAccount(command.Context(), args[0], settings, ask)
			return s.showConnected(command.Context(), wait, done, err)
		},
	}
	flags.registerServers(command)
	command.Flags().StringVar(&ask.Provider, "provider", "", "whose mailbox it is: "+strings.Join(operator.Providers(), ", ")+" (`name`)")
	command.Flags().BoolVar(&device, "device", false, "consent in a browser on another device, with a code")
	_ = command.RegisterFlagCompletionFunc("provider", cobra.FixedCompletions(operator.Providers(), cobra.ShellCompDirectiveNoFileComp))
	wait.fix(command)
	return command
}
