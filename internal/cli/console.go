package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/console"
	"relance/internal/settings"
)

func newConsole(s *session) *cobra.Command {
	listen := fmt.Sprintf("127.0.0.1:%d", settings.DevConsolePort)
	healthcheck := false
	command := &cobra.Command{
		Use: "console", Short: "Serve the console: contacts in error with their repairs, campaigns and accounts as web pages", Args: cobra.NoArgs,
		GroupID: groupCore,
		Long: `Serves the contacts in error as web pages, grouped by what has to be repaired, with
the repair's own form in each row, and pages for uncertain deliveries, campaigns,
contacts, email accounts, requests and activity. It does what the commands do, and keeps
who did it.
Programs use the same under /api/v1, with tokens (starter token add).

Without a sign-in it listens on a loopback address only. With RELANCE_CONSOLE_AUTH=oidc
people sign in with an OpenID provider, with proxy it believes the name that a proxy has
put into a header; docs/production.md says what to set. Ctrl-C lets a change that is
under way finish.

--healthcheck asks the console that listens there whether it is well, and exits 0 or 1.`,
		Example: "  starter console\n  starter console --listen 127.0.0.1:9000\n  starter console --listen 0.0.0.0:8080 --healthcheck",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			if healthcheck {
				return askConsole(ctx, listen)
			}
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
	command.Flags().BoolVar(&healthcheck, "healthcheck", false, "ask the console that listens there whether it is well")
	return command
}

// askConsole asks the console of this machine whether it is well.
func askConsole(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen is %q; expected host:port", listen)}
	}
	if address, err := netip.ParseAddr(host); host == "" || err == nil && address.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the console does not answer: %w", err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the console is not well: %s", response.Status)
	}
	return nil
}
