package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// usageError is a wrong call of a command: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// hintedError carries the line to type next.
type hintedError struct {
	error
	line string
}

func (e hintedError) Unwrap() error { return e.error }

// reportedError ends a command whose output has said everything: only the
// exit code is left to give.
type reportedError struct{ error }

// usagef is a wrong call, in one sentence.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hint adds the line to type next.
func hint(err error, line string) error {
	if err == nil {
		return nil
	}
	return hintedError{err, line}
}

// failed is an error whose words are on the screen already: exit code 1 and no sentence.
func failed(why string) error { return reportedError{errors.New(why)} }

func asUsage(command *cobra.Command, err error) error {
	var usage usageError
	if !errors.As(err, &usage) {
		err = usageError{err}
	}
	var hinted hintedError
	if errors.As(err, &hinted) {
		return err
	}
	return hint(err, command.CommandPath()+" --help")
}

// report is the one place where an error becomes words and an exit code.
func (s *session) report(ctx context.Context, err error) int {
	var reported reportedError
	switch {
	case errors.As(err, &reported):
		return exitFailed
	case ctx.Err() != nil && !errors.Is(err, operator.ErrNotFound) && !errors.Is(err, operator.ErrRefused):
		fmt.Fprintln(s.Stderr, "starter: interrupted; "+s.interrupted)
		return exitFailed
	}
	fmt.Fprintln(s.Stderr, "starter: "+s.sentence(err))
	if line := hintOf(err); line != "" {
		fmt.Fprintln(s.Stderr, "try: "+line)
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, operator.ErrNotFound):
		return exitNotFound
	case errors.Is(err, operator.ErrRefused):
		return exitRefused
	}
	return exitFailed
}

// sentence is the error for people. A value that cannot be one is named by its
// flag, a name that does not exist is followed by those that do.
func (s *session) sentence(err error) string {
	var invalid *operator.Invalid
	var missing *operator.NotFound
	switch {
	case errors.As(err, &invalid) && invalid.Problem != "" && s.flags != nil && s.flags.Lookup(flagName(invalid.Field)) != nil:
		return "--" + flagName(invalid.Field) + " " + invalid.Problem
	case errors.As(err, &missing) && lists[missing.Thing] != "" && len(missing.Existing) == 0:
		return missing.Error() + " (there is none at all yet)"
	case errors.As(err, &missing):
		return missing.Error() + print.Alternatives(missing.Key, missing.Existing)
	}
	return err.Error()
}

// flagName is the name of a field as a flag.
func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }

// hintOr is the line that follows from the error, or otherwise.
func hintOr(err error, otherwise string) string { return cmp.Or(hintOf(err), otherwise) }

// lists are the commands that list what there is of a thing.
var lists = map[string]string{
	operator.CampaignThing: "starter campaign list", operator.AccountThing: "starter email-account list", operator.MailboxThing: "starter mailbox list",
	operator.UserThing: "starter user list", operator.BounceThing: "starter bounce list",
	operator.SuppressionThing: "starter suppress list",
}

// hintOf is the line to type next: the command's own, or the one that follows
// from the error.
func hintOf(err error) string {
	var hinted hintedError
	var missing *operator.NotFound
	var failed *operator.LoginFailed
	var needed *operator.PasswordNeeded
	switch {
	case errors.As(err, &hinted):
		return hinted.line
	case errors.As(err, &missing) && missing.Thing == operator.ContactAddress:
		return "starter contacts list --search " + missing.Key
	case errors.As(err, &missing):
		return lists[missing.Thing]
	case errors.As(err, &needed) && needed.Provider != "":
		return "starter email-account connect " + needed.Address + " --provider " + needed.Provider
	case errors.As(err, &failed) && failed.AtFault && failed.Provider != "" && failed.Then != operator.OnlyTested:
		return "starter email-account connect " + failed.Address + " --provider " + failed.Provider
	case errors.As(err, &needed):
		return "starter email-account reconnect " + needed.Address + " --password-stdin"
	case errors.As(err, &failed) && failed.AtFault && failed.Then != operator.OnlyTested:
		return "starter email-account reconnect " + failed.Address + " --password-stdin"
	}
	return ""
}
