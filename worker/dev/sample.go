package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"relance/internal/cli"
	"relance/internal/devstack"
	"relance/internal/failure"
	"relance/internal/settings"
)

//go:embed sample/workspace.yaml
var sampleWorkspace string

//go:embed sample/contacts.csv
var sampleContacts string

// starter runs one command of the CLI in this process, as an operator would type it.
type starter struct {
	stack *devstack.Stack
	err   error
}

func (s *starter) run(ctx context.Context, stdin string, args ...string) string {
	if s.err != nil {
		return ""
	}
	var stdout, stderr bytes.Buffer
	code := cli.Run(ctx, cli.Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, LookupEnv: s.stack.LookupEnv,
	})
	if code != 0 {
		s.err = fmt.Errorf("starter %s: %s", strings.Join(args, " "), strings.TrimSpace(stderr.String()))
	}
	return stdout.String()
}

// loadSample brings the sample in with the commands of the CLI. A database that
// has campaigns of its own is left alone; one that was killed while the sample
// was loaded is given the rest.
func loadSample(ctx context.Context, stack *devstack.Stack, out io.Writer) error {
	s := &starter{stack: stack}
	loading := filepath.Join(stack.Dir, "sample.loading")
	var campaigns []any
	s.list(ctx, &campaigns, "campaign", "list")
	if s.err != nil {
		return s.err
	}
	if _, err := os.Stat(loading); err != nil && len(campaigns) > 0 {
		return nil
	}
	if err := os.WriteFile(loading, nil, 0o644); err != nil {
		return err
	}
	fmt.Fprintln(out, "loading the sample workspace")
	if len(campaigns) == 0 { // applied again, it would bring back the account that is removed below
		s.run(ctx, workspaceAt(stack.Inbox.Port(), stack.Inbox.IMAPPort()), "apply", "-f", "-")
	}
	s.run(ctx, sampleContacts, "contacts", "import", "-")
	s.removeAccount(ctx, "jan@northwind.example")
	// Its sender has one mail today: who gets it must not be chance, as the README asks about another.
	s.run(ctx, "", "enroll", "open-day", "--contacts", "1")
	s.until(ctx, func() bool { return s.counts(ctx, "open-day").Sent > 0 })
	for _, enrollment := range [][2]string{
		{"welcome", "1,2"}, {"q4-outreach", "1,2,3,4,5,6,7,8,9"}, {"winter-sale", "1,2,3"}, {"reunion", "1,2"}, {"webinar", "2,3"}, {"partners", "10"},
		{"open-day", "2,3"}, {"site-visit", "13,14,15,16,17"},
	} {
		s.run(ctx, "", "enroll", enrollment[0], "--contacts", enrollment[1])
	}
	fmt.Fprintln(out, "sending; the first errors are on their way")
	s.settle(ctx, "welcome")
	fmt.Fprintln(out, "contacts answer")
	s.hear(ctx, "site-visit")
	// Two credits for three contacts.
	if s.counts(ctx, "last-call").Enrolled == 0 {
		s.run(ctx, "", "plan", "set", "credits", "2")
		s.run(ctx, "", "enroll", "last-call", "--contacts", "10,11,12")
	}
	s.settle(ctx, "last-call")
	if s.err == nil {
		s.err = os.Remove(loading)
	}
	return s.err
}

// workspaceAt is the sample with the ports of this stack's inbox.
func workspaceAt(smtp, imap int) string {
	return strings.NewReplacer(
		fmt.Sprintf("port: %d", settings.DevSMTPPort), fmt.Sprintf("port: %d", smtp),
		fmt.Sprintf("port: %d", settings.DevIMAPPort), fmt.Sprintf("port: %d", imap),
	).Replace(sampleWorkspace)
}

// removeAccount removes an account that has not been removed before.
func (s *starter) removeAccount(ctx context.Context, address string) {
	var accounts []struct{ Address, Status string }
	s.list(ctx, &accounts, "email-account", "list")
	for _, account := range accounts {
		if account.Address == address && account.Status != "removed" {
			s.run(ctx, "", "email-account", "remove", address)
		}
	}
}

// counts is what `starter status` says of one campaign.
type counts struct {
	Campaign                  string
	Enrolled, Active, Waiting int
	Sent                      int
	ByCode                    map[failure.Code]int
}

func (s *starter) counts(ctx context.Context, campaign string) counts {
	var rows []counts
	s.list(ctx, &rows, "status", campaign)
	if len(rows) == 0 {
		return counts{}
	}
	return rows[0]
}

func (s *starter) list(ctx context.Context, rows any, args ...string) {
	text := s.run(ctx, "", append(args, "-o", "json")...)
	if s.err == nil {
		s.err = json.Unmarshal([]byte(text), rows)
	}
}

// settle waits until nothing is being sent, and nothing waits in the campaign.
func (s *starter) settle(ctx context.Context, campaign string) {
	s.until(ctx, func() bool {
		var rows []counts
		s.list(ctx, &rows, "status")
		busy := 0
		for _, row := range rows {
			busy += row.Active
			if row.Campaign == campaign {
				busy += row.Waiting
			}
		}
		return busy == 0
	})
}

// hearsFor bounds how long the answers are waited for: a mailbox that cannot be read is seen
// in the printed state.
const hearsFor = 30 * time.Second

// hear waits until the campaign's contacts have answered: one is away and waits, and the
// doubt about one has settled itself.
func (s *starter) hear(ctx context.Context, campaign string) {
	deadline := time.Now().Add(hearsFor)
	s.until(ctx, func() bool {
		now := s.counts(ctx, campaign)
		return now.Active == 0 && now.Waiting <= 1 && now.ByCode[failure.DeliveryUncertain] == 0 || time.Now().After(deadline)
	})
}

func (s *starter) until(ctx context.Context, holds func() bool) {
	for s.err == nil && !holds() {
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			s.err = ctx.Err()
		}
	}
}
