package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"

	"relance/internal/console"
	"relance/internal/devstack"
	"relance/internal/devstack/port"
	"relance/internal/operator"
	"relance/internal/settings"
)

// consoleFlag is the command-line flag that the sentence about a taken port names.
const consoleFlag = "--console-port"

// startConsole serves the console of the stack, without a sign-in. It returns its
// address, and what stops it.
func startConsole(ctx context.Context, stack *devstack.Stack, at int, log io.Writer) (address string, stop func(), err error) {
	people := operator.New(operator.Options{LookupEnv: stack.LookupEnv})
	listen := net.JoinHostPort(port.Host, strconv.Itoa(at))
	pages, err := console.New(console.Options{
		Operator: people, Settings: settings.Console{SignIn: settings.SignInNone}, Listen: listen,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return "", nil, err
	}
	listener, err := port.Listen(ctx, consoleFlag, at)
	if err != nil {
		return "", nil, err
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := pages.Serve(serving, listener); err != nil {
			fmt.Fprintln(log, "the console has stopped:", err)
		}
	}()
	return "http://" + listener.Addr().String(), func() {
		cancel()
		<-served
		people.Close()
	}, nil
}
