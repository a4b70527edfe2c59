// Command dev runs the whole of Relance in one process, for a first look:
// PostgreSQL, Temporal and its Web UI, an inbox (SMTP and IMAP), an SMS gateway, a worker,
// the page to unsubscribe on and the console, with a sample workspace in which every error
// really occurs and in which contacts answer.
//
//	go run ./worker/dev
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"relance/internal/devstack"
	"relance/internal/devstack/port"
	"relance/internal/settings"
)

type options struct {
	stack devstack.Options
	// console is the port of the console.
	console int
	empty   bool
}

func main() { os.Exit(start(os.Args[1:], os.Stdout, os.Stderr)) }

func start(args []string, stdout, stderr io.Writer) int {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		ends = append(ends, syscall.SIGHUP) // the terminal is closed: PostgreSQL must not outlive us
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = run(ctx, o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "dev:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.stack.Dir, "dir", ".relance", "where all state is kept; remove it to begin anew")
	flags.BoolVar(&o.empty, "empty", false, "no sample workspace")
	flags.IntVar(&o.console, "console-port", settings.DevConsolePort, "port of the console: the contacts in error as pages")
	flags.IntVar(&o.stack.TemporalPort, "temporal-port", settings.DevTemporalPort, "port of the Temporal server")
	flags.IntVar(&o.stack.WebPort, "ui-port", settings.DevWebPort, "port of the Temporal Web UI")
	flags.IntVar(&o.stack.PostgresPort, "postgres-port", settings.DevPostgresPort, "port of PostgreSQL")
	flags.IntVar(&o.stack.InboxPort, "smtp-port", settings.DevSMTPPort, "port of the SMTP inbox")
	flags.IntVar(&o.stack.MailboxPort, "imap-port", settings.DevIMAPPort, "port of the mailboxes over IMAP")
	flags.IntVar(&o.stack.PublicPort, "public-port", settings.DevPublicPort, "port of the page on which recipients unsubscribe")
	flags.IntVar(&o.stack.TokenPort, "oauth-port", settings.DevOAuthPort, "port of the token server: mailboxes that log in with OAuth")
	flags.IntVar(&o.stack.GatewayPort, "sms-port", settings.DevSMSPort, "port of the SMS gateway")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not understood: there are flags only, see -h", flags.Arg(0))
	}
	o.stack.Retry = os.Getenv("RELANCE_RETRY")
	var err error
	o.stack.Dir, err = filepath.Abs(o.stack.Dir)
	return o, err
}

func run(ctx context.Context, o options, out io.Writer) error {
	if err := checkPorts(o); err != nil {
		return err
	}
	if err := os.MkdirAll(o.stack.Dir, 0o755); err != nil {
		return fmt.Errorf("the state directory cannot be made: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(o.stack.Dir, "dev.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	o.stack.Log = log
	o.stack.Progress = func(part string) { fmt.Fprintf(out, "starting %s\n", part) }

	stack, err := devstack.Start(ctx, o.stack)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(out, "\nstopped before everything was up; everything is kept in", o.stack.Dir)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() {
		fmt.Fprintln(out, "\nstopping; everything is kept in", o.stack.Dir)
		stack.Stop()
	}()
	if err := writeEnv(o.stack, stack); err != nil {
		return err
	}
	if !o.empty {
		if err := loadSample(ctx, stack, out); err != nil && ctx.Err() == nil {
			return err
		}
	}
	pages, stop, err := startConsole(ctx, stack, o.console, log)
	if err != nil && ctx.Err() == nil {
		return err
	}
	if err == nil {
		defer stop()
	}
	if ctx.Err() == nil {
		report(ctx, stack, pages, o, out)
	}
	<-ctx.Done()
	return nil
}

// checkPorts refuses before anything is started. PostgreSQL's port may be held
// by our own server, which outlives a killed parent; its package knows.
func checkPorts(all options) error {
	o := all.stack
	return errors.Join(
		port.Check(consoleFlag, all.console),
		port.Check("--temporal-port", o.TemporalPort), port.Check("--ui-port", o.WebPort),
		port.Check("--smtp-port", o.InboxPort), port.Check("--imap-port", o.MailboxPort), port.Check("--oauth-port", o.TokenPort), port.Check("--sms-port", o.GatewayPort), port.Check(devstack.PublicFlag, o.PublicPort),
	)
}
