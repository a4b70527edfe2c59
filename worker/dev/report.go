package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relance/internal/devstack"
	"relance/internal/devstack/port"
	"relance/internal/settings"
)

// report prints what has happened, where to look, and what to type next.
func report(ctx context.Context, stack *devstack.Stack, pages string, o options, out io.Writer) {
	fmt.Fprintf(out, "\nThe console       %s\n", pages)
	s := &starter{stack: stack}
	status := s.run(ctx, "", "status")
	summary := s.run(ctx, "", "errors", "summary")
	if s.err != nil {
		fmt.Fprintln(out, "the state cannot be shown:", s.err)
	}
	fmt.Fprintf(out, "\n%s\n%s\n", status, summary)
	fmt.Fprintf(out, "Temporal Web UI   %s\n", stack.WebURL)
	fmt.Fprintf(out, "  in error        %s/namespaces/default/workflows?query=EnrollmentStatus%%3D%%22InError%%22\n", stack.WebURL)
	fmt.Fprintf(out, "Temporal          %s\n", stack.Temporal.Address())
	fmt.Fprintf(out, "PostgreSQL        %s\n", stack.Settings.DatabaseURL)
	fmt.Fprintf(out, "Mailboxes (IMAP)  %s, the password is inbox\n", port.Addr(stack.Inbox.IMAPPort()))
	fmt.Fprintf(out, "Unsubscribe page  %s\n", stack.PublicURL)
	fmt.Fprintf(out, "Accepted mail     %s\n", filepath.Join(stack.Dir, "inbox"))
	fmt.Fprintf(out, "Token server      %s\n", stack.Tokens.URL())
	fmt.Fprintf(out, "Accepted SMS      %s\n\n", filepath.Join(stack.Dir, "sms"))
	fmt.Fprintln(out, clickingHint(pages, o.empty))
	if !isDefault(o.stack) {
		fmt.Fprintf(out, "In another terminal, first:\n  source %s\nthen:\n", filepath.Join(stack.Dir, settings.DevEnvFile))
	} else {
		fmt.Fprintln(out, "In another terminal:")
	}
	for _, line := range nextCommands(o.empty) {
		fmt.Fprintln(out, "  "+line)
	}
	fmt.Fprintln(out, "\nCtrl-C stops everything; the next start goes on from here.")
}

// clickingHint says what the console is good for now.
func clickingHint(pages string, empty bool) string {
	if empty {
		return "Open " + pages + "/ in a browser to follow it, or type:"
	}
	return "Open " + pages + "/ in a browser to repair each of them by clicking (the password is inbox), or type:"
}

// nextCommands are those of the sample's contacts, or of a first workspace of one's own.
func nextCommands(empty bool) []string {
	if empty {
		return []string{
			"go run ./starter apply -f workspace.yaml        # users, email accounts, campaigns",
			"go run ./starter contacts import contacts.csv",
			"go run ./starter enroll CAMPAIGN --all",
			"go run ./starter status",
		}
	}
	return []string{ // in the order of the numbers, as README goes through them
		"go run ./starter errors                                                  # the contacts in error, why, and what to type",
		"go run ./starter campaign set-sender reunion maya@northwind.example      # 1",
		"go run ./starter email-account reconnect sales@northwind.example --password-stdin <<< inbox   # 2",
		"go run ./starter campaign set-sender webinar sales@northwind.example     # 3",
		"go run ./starter contacts set 4 --email edsger@path.example              # 4",
		"go run ./starter credits add 20                                          # 5",
		"go run ./starter timeline 4",
		"go run ./starter why 2 --campaign open-day                               # why a contact waits, and until when",
		"go run ./starter forecast                                                # what leaves on which day, and what limits it",
		"go run ./starter email-account connect lea@northwind.example --provider dev   # a mailbox that logs in with a token (OAuth)",
		"go run ./starter errors codes                                            # what the numbers mean",
	}
}

func isDefault(o devstack.Options) bool {
	return o.TemporalPort == settings.DevTemporalPort && o.WebPort == settings.DevWebPort && o.PostgresPort == settings.DevPostgresPort
}

// writeEnv leaves the variables for other terminals: `source <dir>/dev.env`.
func writeEnv(o devstack.Options, stack *devstack.Stack) error {
	var text strings.Builder
	env := stack.Env()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(&text, "export %s='%s'\n", name, env[name])
	}
	return os.WriteFile(filepath.Join(o.Dir, settings.DevEnvFile), []byte(text.String()), 0o600)
}
