package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (h *harness) enrollments() int { return one[int](h, `SELECT count(*) FROM enrollments`) }

func (h *harness) file(content string) string {
	h.t.Helper()
	name := filepath.Join(h.t.TempDir(), "ids.csv")
	require.NoError(h.t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestEnroll(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(4)
	h.temporal.onEnroll = func() { h.exec(`UPDATE enrollments SET started_at = now()`) }
	require.Equal(t, "Dry run: would enroll 4 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--all", "--dry-run"))
	require.Zero(t, h.enrollments())
	require.Empty(t, h.temporal.enrolling)
	require.Equal(t, "Enrolled 2 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--contacts", "1,ben@contoso.example"))
	require.Equal(t, []string{"q4"}, h.temporal.enrolling)
	require.Equal(t, "tess", one[string](h, `SELECT enrolled_by FROM enrollments WHERE contact_id = 1`))
	require.JSONEq(t, `{"campaign": "q4", "enrolled": 2, "already": 2, "dryRun": false, "unstarted": 0}`,
		h.ok("enroll", "q4", "--all", "-o", "json"))
	require.Equal(t, "Enrolled 0 contacts in q4; 4 enrolled already.\n", h.ok("enroll", "q4", "--all"))
	require.Len(t, h.temporal.enrolling, 2, "when all are started there is nothing to ask for")
}

func TestEnrollIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(2)
	h.fails(exitNotFound, []string{"there are no contacts 7, 8", "try: starter contacts list"}, "enroll", "q4", "--contacts", "1,8,7")
	h.fails(exitNotFound, []string{"there is no contact 7"}, "enroll", "q4", "--contacts", "7", "--dry-run")
	h.fails(exitNotFound, []string{"there is no campaign q5; did you mean q4?"}, "enroll", "q5", "--all")
	h.fails(exitNotFound, []string{"there is no file nowhere.csv"}, "enroll", "q4", "--file", "nowhere.csv")
	h.fails(exitUsage, []string{"say whom to enroll in q4: one of --all, --contacts 1,2,3 and --file ids.csv"}, "enroll", "q4")
	h.fails(exitUsage, []string{"say whom to enroll"}, "enroll", "q4", "--all", "--contacts", "1")
	h.fails(exitUsage, []string{"the call is starter enroll CAMPAIGN"}, "enroll")
	h.fails(exitUsage, []string{"no contact is named"}, "enroll", "q4", "--file", h.file("id\n"))
	h.fails(exitUsage, []string{`line 3: "x" is neither the id of a contact`}, "enroll", "q4", "--file", h.file("id\n1\nx\n"))
	require.Zero(t, h.enrollments())
	require.Zero(t, h.openRows())
}

func TestIDsAreReadFromAnyUsualFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"no header":       "1\n2\n",
		"id":              "id\n1\n2\n",
		"byte order mark": "\ufeffcontactId,Name\r\n1,Ana\r\n\r\n2,Ben\r\n",
		"semicolons":      "Name;Contact ID\n\"One; Ana\";1\nBen;2\n",
		"tabs":            "name\tcontact_id\nAna\t 1\nBen\t2\n",
		"other header":    "who\n1\n2\n",
	} {
		s := newSession(Options{Stdin: strings.NewReader(content), LookupEnv: func(string) (string, bool) { return "", false }})
		ids, err := s.readIDs("-")
		require.NoError(t, err, name)
		require.Equal(t, []string{"1", "2"}, ids, name)
	}
}

func TestEnrollReadsAFile(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(2)
	content := "email\nAna@contoso.example\nben@contoso.example\n"
	require.Equal(t, "Enrolled 2 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--file", h.file(content), "--wait=false"))
	got := h.runWith(content, "enroll", "q4", "--file", "-", "--wait=false")
	require.Equal(t, "Enrolled 0 contacts in q4; 2 enrolled already.\n", got.stdout)
}

func TestEnrollSurvives(t *testing.T) {
	t.Parallel()
	t.Run("Temporal is away", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		h.temporal.down = errors.New("Temporal does not answer")
		got := h.run("enroll", "q4", "--all")
		require.Equal(t, exitDone, got.code)
		require.Contains(t, got.err, "saved; the enrollments will be started within a minute of Temporal's return (Temporal does not answer")
		require.Equal(t, 2, h.enrollments())
		require.Equal(t, 1, h.openRows())
	})
	t.Run("no worker runs", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		got := h.run("enroll", "q4", "--all", "-o", "json")
		require.Equal(t, exitDone, got.code)
		require.Contains(t, got.err, "2 enrollments not started yet; that goes on in the background, as long as a worker runs")
		require.Contains(t, got.stdout, `"unstarted": 2`)
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		ctx, interrupt := context.WithCancel(h.ctx)
		h.ctx, h.temporal.onEnroll = ctx, interrupt
		got := h.run("enroll", "q4", "--all")
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.err, "starter: interrupted; the enrollments are saved; starting them goes on in the background")
	})
}
