package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"relance/internal/console"
	"relance/internal/settings"
)

func newConsole(s *session) *cobra.Command {
	listen := fmt.Sprintf("127.0.0.1:%d", settings.DevConsolePort)
	command := &cobra.Command{
		Use: "console", Short: "Serve the contacts in error as web pages, with the repair in the row", Args: cobra.NoArgs,
		GroupID: groupCore,
		Long: `Serves the contacts in error as web pages, grouped by what has to be repaired, with
the repair's own form in each row. It does what the commands do, and keeps who did it.
Programs use the same under /api/v1, with tokens (starter token add).

Without a sign-in it listens on a loopback address only. With RELANCE_CONSOLE_AUTH=proxy
it believes the name that a proxy has put into a header; docs/production.md says what
to set. Ctrl-C lets what is under way finish.`,
		Example: "  starter console\n  starter console --listen 127.0.0.1:9000",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			configured, err := settings.ReadConsole(s.env)
			if err != nil {
				return err
			}
			pages, err := console.New(console.Options{
				Operator: s.operator, Settings: configured, Listen: listen, Log: slog.New(slog.NewTextHandler(s.Stderr, nil)),
			})
			if err != nil {
				return usageError{err}
			}
			listener, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(ctx), "tcp", listen)
			if err != nil {
				return fmt.Errorf("the console cannot listen on %s; choose another address with --listen: %w", listen, err)
			}
			address := "http://" + listener.Addr().String()
			if configured.URL != nil {
				address = configured.URL.String()
			}
			s.sayf("The console is at %s; Ctrl-C stops it.", address)
			if err := s.show(map[string]string{"url": address}, nil); err != nil {
				return err
			}
			return pages.Serve(ctx, listener)
		},
	}
	command.Flags().StringVar(&listen, "listen", listen, "where it listens, `host:port`")
	return command
}
