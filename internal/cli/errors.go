package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relance/internal/store"
)

// usageError is a wrong call of a command: exit code 2.
type usageError struct{ error }

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

// refusedf says that the state of things does not allow what was asked: exit code 4.
func refusedf(format string, args ...any) error {
	return &store.Error{Kind: store.ErrRefused, Text: fmt.Sprintf(format, args...)}
}

// notFoundf says that something does not exist: exit code 3.
func notFoundf(format string, args ...any) error {
	return &store.Error{Kind: store.ErrNotFound, Text: fmt.Sprintf(format, args...)}
}

// noSuch is notFoundf for a key, with what exists: the nearest, or a short list.
func noSuch(thing, key string, existing []string) error {
	exists := " (there is none at all yet)"
	if len(existing) > 0 {
		exists = alternatives(key, existing)
	}
	return &store.Error{Kind: store.ErrNotFound, Thing: thing, Key: key, Text: fmt.Sprintf("there is no %s %s%s", thing, key, exists)}
}

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
	case ctx.Err() != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrRefused):
		fmt.Fprintln(s.Stderr, "starter: interrupted; "+s.interrupted)
		return exitFailed
	}
	fmt.Fprintln(s.Stderr, "starter: "+err.Error())
	var hinted hintedError
	if errors.As(err, &hinted) {
		fmt.Fprintln(s.Stderr, "try: "+hinted.line)
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, store.ErrNotFound):
		return exitNotFound
	case errors.Is(err, store.ErrRefused):
		return exitRefused
	}
	return exitFailed
}
