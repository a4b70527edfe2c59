package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

func TestNamesAreCompletedFromTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.exec(`INSERT INTO campaigns (key, name, owner, steps) VALUES ('spring', 'Spring', 'maya', '[]')`)
	h.exec(`INSERT INTO bounces (address, reason) VALUES ('x@y.example', 'gone')`)
	for _, test := range []struct {
		args string
		want []string
	}{
		{"campaign pause ", []string{"q4\tQ4 outreach", "spring\tSpring"}},
		{"campaign unpause s", []string{"spring\tSpring"}},
		{"enroll Q", []string{"q4\tQ4 outreach"}},
		{"campaign set-sender q4 ", []string{"maya@northwind.example\tconnected", "none\tno sender"}},
		{"campaign pause q4 ", nil},
		{"errors --campaign s", []string{"spring\tSpring"}},
		{"errors summary --campaign q", []string{"q4\tQ4 outreach"}},
		{"reconcile --campaign q", []string{"q4\tQ4 outreach"}},
		{"errors --contact 2", []string{"2\tBen Two Contoso"}},
		{"enroll q4 --contacts b", []string{"ben@contoso.example\tBen Two Contoso"}},
		{"enroll q4 --contacts 1,", []string{"1,2\tBen Two Contoso", "1,3\tCleo Three Contoso"}},
		{"enroll q4 --contacts 1,3,B", []string{"1,3,ben@contoso.example\tBen Two Contoso"}},
		{"reconcile --contact 2,c", []string{"2,cleo@contoso.example\tCleo Three Contoso"}},
		{"errors --code W", []string{"WorkflowEnded\tWorkflow ended from outside"}},
		{"errors --code contact", []string{"ContactHasNoEmail\tContact has no email address"}},
		{"resume --all --code s", []string{"SendingFailed\tSending failed"}},
		{"disenroll --all --code w", nil},
		{"timeline ", []string{"1\tAna One Contoso", "2\tBen Two Contoso", "3\tCleo Three Contoso"}},
		{"resume 1 BEN", []string{"ben@contoso.example\tBen Two Contoso"}},
		{"contacts set cleo@", []string{"cleo@contoso.example\tCleo Three Contoso"}},
		{"email-account reconnect m", []string{"maya@northwind.example\tconnected"}},
		{"user set ", []string{"maya\tMaya Claes"}},
		{"bounce remove ", []string{"x@y.example\tgone"}},
		{"test-send q4 in", []string{"intro\temail"}},
		{"test-send q4 2", []string{"2\tBen Two Contoso"}},
		{"test-send q4 intro be", []string{"ben@contoso.example\tBen Two Contoso"}},
		{"plan set c", []string{"credits"}},
	} {
		t.Run(test.args, func(t *testing.T) {
			words := strings.Split(test.args, " ")
			got := h.run(append([]string{"__complete"}, words...)...)
			require.Equal(t, exitDone, got.code, got.err)
			lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
			require.Equal(t, strings.Join(test.want, "\n"), strings.Join(lines[:len(lines)-1], "\n"))
		})
	}
}

// A database that is away costs a moment, and not a word.
func TestCompletionIsSilentWithoutADatabase(t *testing.T) {
	t.Parallel()
	began := time.Now()
	got := bare(map[string]string{"DATABASE_URL": "postgres://u:p@127.0.0.1:1/relance"}, "__complete", "campaign", "pause", "")
	require.Equal(t, exitDone, got.code)
	require.Equal(t, ":4\n", got.stdout)
	require.NotContains(t, got.err, "starter:")
	require.Less(t, time.Since(began), 10*time.Second)
}

// A command that names something of the database completes it, also one that is
// still to be written.
func TestEveryNameIsCompleted(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\b(CAMPAIGN|CONTACT|ADDRESS|KEY|NUMBER)\b`)
	root := newRoot(newSession(Options{LookupEnv: func(string) (string, bool) { return "", false }}))
	for _, command := range flatten(root) {
		if names.MatchString(command.Use) {
			require.NotNil(t, command.ValidArgsFunction, command.CommandPath())
		}
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			if value, _ := pflag.UnquoteUsage(flag); slices.Contains([]string{"key", "id", "ids", "code"}, value) {
				_, ok := command.GetFlagCompletionFunc(flag.Name)
				require.True(t, ok, "%s --%s", command.CommandPath(), flag.Name)
			}
		})
	}
}
