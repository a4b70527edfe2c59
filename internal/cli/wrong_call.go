package cli

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"relance/internal/cli/print"
)

// withCall says in a sentence what is wrong with the arguments, and how the
// command is called: cobra's own words count arguments and say neither.
func withCall(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		err := check(command, args)
		var usage usageError
		if err == nil || errors.As(err, &usage) {
			return err
		}
		for n := len(args) - 1; n >= 0; n-- {
			if check(command, args[:n]) == nil { // fewer would do: the rest is too much
				return usagef("%q is one argument too many; the call is %s", args[n], command.UseLine())
			}
		}
		return usagef("an argument is missing; the call is %s", command.UseLine())
	}
}

// flagError says in a sentence what is wrong with a flag.
func flagError(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var valueless *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(command, unknown)
	case errors.As(err, &valueless):
		kind, _ := pflag.UnquoteUsage(valueless.GetFlag())
		return usagef("--%s has no value; expected --%s %s", valueless.GetFlag().Name, valueless.GetFlag().Name, kind)
	case errors.As(err, &wrong):
		return usagef("%s", wrongValue(wrong))
	}
	return err
}

func unknownFlag(command *cobra.Command, err *pflag.NotExistError) error {
	name, letters := err.GetSpecifiedName(), err.GetSpecifiedShortnames()
	if letters == "" {
		return usagef("%s has no flag --%s%s", command.CommandPath(), name, print.Alternatives("--"+name, flagNames(command)))
	}
	if letters[0] >= '0' && letters[0] <= '9' || letters[0] == '.' {
		return usagef("-%s is a negative number, and %s takes none; the call is %s", letters, command.CommandPath(), command.UseLine())
	}
	return usagef("%s has no flag -%s%s", command.CommandPath(), letters, print.Alternatives("--"+letters, flagNames(command)))
}

func flagNames(command *cobra.Command) []string {
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			names = append(names, "--"+flag.Name)
		}
	})
	return names
}

// expected is why a flag refuses a value: what it expects instead.
type expected string

func (e expected) Error() string { return "expected " + string(e) }

func wrongValue(err *pflag.InvalidValueError) string {
	flag := err.GetFlag()
	var instead expected
	switch {
	case errors.As(err, &instead):
	case flag.Value.Type() == "int":
		instead = "a whole number"
	case flag.Value.Type() == "bool":
		instead = "true or false"
	default:
		return fmt.Sprintf("--%s: %v", flag.Name, errors.Unwrap(err))
	}
	return fmt.Sprintf("--%s is %q; %v", flag.Name, err.GetValue(), instead)
}

// countFlag is a flag for a number of things: 0 or more.
type countFlag int

func countVar(command *cobra.Command, n *int, name string, otherwise int, usage string) {
	*n = otherwise
	command.Flags().Var((*countFlag)(n), name, usage)
}

// Set reads what was typed.
func (c *countFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return expected("a number, 0 or more")
	}
	*c = countFlag(n)
	return nil
}

func (c *countFlag) String() string { return strconv.Itoa(int(*c)) }

// Type names the flag's kind for cobra; "int" has help print the default as it is.
func (*countFlag) Type() string { return "int" }
