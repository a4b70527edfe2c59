package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestEnrollAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(5)
	h.exec(`UPDATE enrollments SET status = 'Completed', step_index = 3, ended_at = now() WHERE id IN (1, 2)`)
	h.exec(`UPDATE enrollments SET status = 'Disenrolled', ended_at = now(), ended_by = 'replied' WHERE id = 3`)
	h.exec(`UPDATE enrollments SET status = 'Completed', step_index = 3, ended_at = now() WHERE id = 4`)
	h.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, wire_at)
		SELECT id, 'intro', 1, 'email', CASE WHEN id = 4 THEN 'uncertain' ELSE 'sent' END, $1, 'c@contoso.example', now(), now() FROM enrollments WHERE id < 5`, mayas)

	for _, call := range []struct {
		flags []string
		says  string
	}{
		{[]string{"--again"}, "name the contacts to enroll in q4"},
		{[]string{"--again", "--continue"}, "expected one of them"},
		{[]string{"--all", "--yes"}, "--yes answers the question of --again"},
		{[]string{"--all", "--again"}, "this takes 2 contacts through q4 once more, from its first step: what they have had of it is sent to them again; say --yes"},
	} {
		got := h.run(append([]string{"enroll", "q4"}, call.flags...)...)
		require.Equal(t, exitUsage, got.code, call.flags)
		require.Contains(t, got.err, call.says)
	}
	out := h.ok("enroll", "q4", "--again", "--all", "--dry-run")
	require.Contains(t, out, "Dry run: would enroll 2 contacts in q4 again, from its first step.\n1 contact left out: under way in it.\n"+
		"1 contact left out: ended by a reply or the like: --contacts takes those that it names all the same.\n"+
		"1 contact left out: with a message of which nobody knows whether it was sent: --contacts takes those that it names all the same.\n")
	h.exec(`UPDATE contacts SET email = '' WHERE id IN (2, 5)`)
	h.exec(`UPDATE email_accounts SET pace = '{"gap": 3600000000000}' WHERE address = $1`, mayas)
	out = h.ok("enroll", "q4", "--again", "--all", "--dry-run")
	require.Contains(t, out, "1 contact would be in error at once, at step intro: ContactHasNoEmail.")
	require.Contains(t, out, "From "+mayas+" the last first email would leave on ")
	var found operator.EnrolledFile
	h.decode(&found, "enroll", "q4", "--again", "--contacts", "1,3", "--yes", "--wait=false")
	require.Equal(t, 2, found.Enrolled.Enrolled.Enrolled, "one that has replied, by name")
	require.Equal(t, &operator.NotAgain{}, found.NotAgain)
	require.Contains(t, h.ok("timeline", "1"), "enrolled   again")
	require.Contains(t, h.ok("enroll", "q4", "--again", "--all", "--yes", "--wait=false"), "Enrolled 1 contact in q4 again, from its first step.\n3 contacts left out: under way in it.\n")
	require.Contains(t, h.ok("enroll", "q4", "--again", "--contacts", "1", "--wait=false"), "Enrolled 0 contacts in q4 again", "nobody to ask about")
	require.Contains(t, h.ok("enroll", "q4", "--again", "--contacts", "4", "--yes", "--wait=false"), "Enrolled 1 contact in q4 again")
}
