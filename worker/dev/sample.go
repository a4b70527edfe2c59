package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"relance/internal/cli"
	"relance/internal/devstack"
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

// loadSample brings the sample in with the commands of the CLI, unless there is
// a campaign already: a second start goes on where the first stopped.
func loadSample(ctx context.Context, stack *devstack.Stack, out io.Writer) error {
	s := &starter{stack: stack}
	if known := s.run(ctx, "", "campaign", "list", "-o", "json"); s.err != nil || strings.TrimSpace(known) != "[]" {
		return s.err
	}
	fmt.Fprintln(out, "loading the sample workspace")
	workspace := strings.ReplaceAll(sampleWorkspace, "port: 1025", fmt.Sprintf("port: %d", stack.Inbox.Port()))
	s.run(ctx, workspace, "apply", "-f", "-")
	s.run(ctx, sampleContacts, "contacts", "import", "-")
	s.run(ctx, "", "email-account", "remove", "jan@northwind.example")
	for _, enrollment := range [][2]string{
		{"welcome", "1,2"}, {"q4-outreach", "1,2,3,4,5,6,7,8,9"}, {"winter-sale", "1,2,3"}, {"reunion", "1,2"}, {"webinar", "2,3"}, {"partners", "10"},
	} {
		s.run(ctx, "", "enroll", enrollment[0], "--contacts", enrollment[1])
	}
	fmt.Fprintln(out, "sending; the first errors are on their way")
	s.settle(ctx, "welcome")
	// Two credits for three contacts.
	s.run(ctx, "", "plan", "set", "credits", "2")
	s.run(ctx, "", "enroll", "last-call", "--contacts", "10,11,12")
	s.settle(ctx, "last-call")
	return s.err
}

// settle waits until nothing is being sent, and nothing waits in the campaign.
func (s *starter) settle(ctx context.Context, campaign string) {
	for s.err == nil {
		var rows []struct {
			Campaign        string
			Active, Waiting int
		}
		if text := s.run(ctx, "", "status", "-o", "json"); s.err != nil {
			return
		} else if err := json.Unmarshal([]byte(text), &rows); err != nil {
			s.err = err
			return
		}
		busy := 0
		for _, row := range rows {
			busy += row.Active
			if row.Campaign == campaign {
				busy += row.Waiting
			}
		}
		if busy == 0 {
			return
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			s.err = ctx.Err()
		}
	}
}
