// Package e2e tries the whole system as a user would: the embedded stack, the
// CLI, and the inbox's own log as the only judge of what was sent.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/cli"
	"relance/internal/devstack"
	"relance/internal/lab/atonce"
)

// patience is how long anything may take on a busy machine before it counts as
// not happening. A wake-up that its trigger misses comes with the schedule's next minute.
const patience = 3 * time.Minute

// system is a running stack with the CLI in front of it.
type system struct {
	t *testing.T
	*devstack.Stack
}

// stack is shared by the tests of this package, and db is a pool of its database. Each test has accounts,
// campaigns and contacts of its own; those run alone that stop the worker or ask about everybody.
var (
	stack *devstack.Stack
	db    *pgxpool.Pool
)

// atOnce is how many tests run at a time: they wait most of their time.
const atOnce = 8

func TestMain(m *testing.M) {
	os.Exit(withStack(func() int { return atonce.Run(m, atOnce) }))
}

func withStack(run func() int) int {
	dir, err := os.MkdirTemp("", "relance-e2e-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		stack, err = devstack.Start(context.Background(), devstack.Options{
			Dir: dir, NoWeb: true, FastUnsafe: true, Retry: "initial=100ms,factor=2,max=400ms,attempts=3",
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the end-to-end tests need the whole stack:", err)
		return 1
	}
	defer stack.Stop()
	if db, err = pgxpool.New(context.Background(), stack.Settings.DatabaseURL); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer db.Close()
	return run()
}

func start(t *testing.T) *system {
	t.Helper()
	return &system{t: t, Stack: stack}
}

// try runs one command and returns its exit code and what it printed.
func (s *system) try(stdin string, args ...string) (int, string, string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Run(context.Background(), cli.Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, LookupEnv: s.LookupEnv,
	})
	return code, stdout.String(), stderr.String()
}

// run runs one command that must succeed.
func (s *system) run(args ...string) string {
	s.t.Helper()
	return s.feed("", args...)
}

func (s *system) feed(stdin string, args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.try(stdin, args...)
	require.Zero(s.t, code, "starter %s: %s%s", strings.Join(args, " "), stdout, stderr)
	return stdout
}

// stuck is one line of `starter errors -o json`.
type stuck struct {
	ContactID                                                                                      int64
	Campaign, StepID, Code, Title, Description, HowToFix, Detail, Cause, Since, WorkflowID, WebURL string
	StepIndex, ParkID, Attempts                                                                    int
}

func (s *system) errors(args ...string) []stuck {
	s.t.Helper()
	var list []stuck
	require.NoError(s.t, json.Unmarshal([]byte(s.run(append([]string{"errors", "-o", "json"}, args...)...)), &list))
	return list
}

// counts is one line of `starter status -o json`.
type counts struct {
	Campaign                                                                 string
	Enrolled, Active, Waiting, InError, Paused, Completed, Disenrolled, Sent int
	ByCode                                                                   map[string]int
}

func (s *system) status(campaign string) counts {
	s.t.Helper()
	var list []counts
	require.NoError(s.t, json.Unmarshal([]byte(s.run("status", campaign, "-o", "json")), &list))
	require.Len(s.t, list, 1)
	one := list[0]
	require.Equal(s.t, one.Enrolled, one.Active+one.Waiting+one.InError+one.Paused+one.Completed+one.Disenrolled,
		"law 2: every enrolled contact is in exactly one state: %+v", one)
	return one
}

// eventually waits until the campaign's counts satisfy a condition. The rows are asked until they do, for that
// costs little; then the CLI has to say the same.
func (s *system) eventually(campaign, what string, holds func(counts) bool) (now counts) {
	s.t.Helper()
	s.await(func() string {
		return fmt.Sprintf("%s: %s; it is at %+v, and by the CLI at %+v\n%s", campaign, what, s.rows(campaign), s.status(campaign), s.run("errors"))
	}, func() bool {
		if now = s.rows(campaign); !holds(now) {
			return false
		}
		now = s.status(campaign)
		return holds(now)
	})
	return now
}

// rows are the campaign's counts, by the enrollments and the ledger themselves.
func (s *system) rows(campaign string) (now counts) {
	s.t.Helper()
	require.NoError(s.t, db.QueryRow(s.t.Context(), `
		SELECT count(*), count(*) FILTER (WHERE status = 'Active' OR due), count(*) FILTER (WHERE status = 'Waiting' AND NOT due),
		       count(*) FILTER (WHERE status = 'InError'), count(*) FILTER (WHERE status = 'Paused'),
		       count(*) FILTER (WHERE status = 'Completed'), count(*) FILTER (WHERE status = 'Disenrolled'),
		       (SELECT count(*) FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE e.campaign = $1 AND d.kind = 'email' AND d.state = 'sent')
		  FROM (SELECT status, status = 'Waiting' AND coalesce(next_at <= statement_timestamp(), false) AS due FROM enrollments WHERE campaign = $1) AS e`, campaign).
		Scan(&now.Enrolled, &now.Active, &now.Waiting, &now.InError, &now.Paused, &now.Completed, &now.Disenrolled, &now.Sent))
	return now
}

// await asks until it is so, in the test's own goroutine: a requirement that fails in between ends the test.
func (s *system) await(what func() string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			s.t.Fatal("this does not come true: " + what())
		}
		time.Sleep(50 * time.Millisecond) //nolint:forbidigo // the condition is polled; nothing is assumed to be done by then
	}
}

// awaitRow waits until a query answers with true.
func (s *system) awaitRow(what, query string, args ...any) {
	s.t.Helper()
	s.await(func() string { return what }, func() (is bool) {
		require.NoError(s.t, db.QueryRow(s.t.Context(), query, args...).Scan(&is), query)
		return is
	})
}

// gate is when an email was let go, by the ledger: what the network and the inbox take after that comes to it.
type gate struct {
	Recipient string
	At        time.Time
}

// gates are those of an account's emails, in their order.
func (s *system) gates(account string) []gate {
	s.t.Helper()
	rows, err := db.Query(s.t.Context(), `SELECT recipient, wire_at FROM deliveries WHERE account = $1 AND state = 'sent' ORDER BY wire_at`, account)
	require.NoError(s.t, err)
	passed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[gate])
	require.NoError(s.t, err)
	return passed
}

// inboxTo counts the mails that the inbox has accepted for an address.
func (s *system) inboxTo(address string) int {
	s.t.Helper()
	return len(s.mailsTo(address))
}

// inboxFrom counts the mails that the inbox has accepted from an account.
func (s *system) inboxFrom(account string) (count int) {
	s.t.Helper()
	for _, mail := range s.mailsTo("") {
		if mail.From == account {
			count++
		}
	}
	return count
}

type accepted struct {
	Time                  time.Time
	From, MessageID, File string
	To                    any
}

func (s *system) mailsTo(address string) []accepted {
	s.t.Helper()
	return s.mailsKept(filepath.Join(s.Dir, "inbox"), address)
}

// mailsKept are those for an address that an inbox has accepted which keeps them in this directory.
func (s *system) mailsKept(inbox, address string) []accepted {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(inbox, "log.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(s.t, err)
	var mails []accepted
	for line := range strings.Lines(string(text)) {
		var mail accepted
		require.NoError(s.t, json.Unmarshal([]byte(line), &mail), line)
		if strings.Contains(fmt.Sprint(mail.To), address) {
			mails = append(mails, mail)
		}
	}
	return mails
}

// apply applies a workspace whose accounts use the inbox's PORT.
func (s *system) apply(workspace string) {
	s.t.Helper()
	s.feed(strings.ReplaceAll(workspace, "PORT", fmt.Sprint(s.Inbox.Port())), "apply", "-f", "-")
}

// contact imports one contact and returns its id.
func (s *system) contact(firstName, email string) int64 {
	s.t.Helper()
	s.feed("First Name,Last Name,Email\n"+firstName+",Tester,"+email+"\n", "contacts", "import", "-")
	var found []struct{ ID int64 }
	require.NoError(s.t, json.Unmarshal([]byte(s.run("contacts", "list", "--search", email, "-o", "json")), &found))
	require.Len(s.t, found, 1)
	return found[0].ID
}
