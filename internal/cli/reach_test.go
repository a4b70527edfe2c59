package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/operator"
)

func TestWhatAnEditMeansInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reach campaign.Reach
		text  string
	}{
		{
			campaign.Reach{StepID: "case-study", Edit: campaign.EditAdded, Get: 1204, Past: 311, DueAtOnce: 52, SpreadSeconds: 7800, Completed: 7},
			"step case-study, added: 1204 will get it; 311 are past it and will not; 52 become due at once, and leave over 2 h 10 min by pace and window; 7 had completed before and will not get it: `starter enroll q4 --continue` takes them on",
		},
		{campaign.Reach{StepID: "b", Edit: campaign.EditRemoved, Skip: 3, Past: 2, Complete: 1}, "step b, removed: 3 will not get it; 2 have had it or are past it; 1 has nothing more to come, and completes"},
		{campaign.Reach{StepID: "b", Edit: campaign.EditText, Get: 3, Past: 2}, "step b, another text: 3 will get the new text; 2 have had it or are past it, and will not"},
		{campaign.Reach{StepID: "b", Edit: campaign.EditWait, Get: 3}, "step b, another wait before it: 3 will get it after the new wait, counted from the message before it"},
		{campaign.Reach{StepID: "b", Edit: campaign.EditText, Past: 1, Skip: 1, DueAtOnce: 1}, "step b, another text: 1 has had it or is past it, and will not; 1 stands behind it now and will not get it; 1 becomes due at once"},
		{campaign.Reach{StepID: "b", Edit: campaign.EditAdded, Past: 1, DueAtOnce: 1, SpreadSeconds: 60}, "step b, added: 1 is past it and will not; 1 becomes due at once, and leaves over 1 min by pace and window"},
		{campaign.Reach{StepID: "b", Edit: campaign.EditMoved}, "step b, moved: no contact is concerned"},
	} {
		require.Equal(t, test.text, reachText("q4", test.reach))
	}
}

// An edit of a campaign with contacts inside says what it means before it is written, and when
// it is; who had completed is taken on when somebody says so.
func TestApplyToACampaignWithContactsInside(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "x"
	h.write("workspace.yaml", teamWorkspace)
	h.ok("apply", "-f", h.path("workspace.yaml"))
	h.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, 3) AS i`)
	h.ok("enroll", "q4", "--all", "--wait=false")
	h.exec(`UPDATE enrollments SET started_at = now(), follows = true`)
	h.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_date, wire_at, settled_at, version)
	        SELECT id, step, 1, CASE step WHEN 'tell' THEN 'sms' ELSE 'email' END, 'sent', 'c@contoso.example', now(), now(), now() + n * interval '1 second', 1 FROM enrollments, (VALUES ('intro', 1), ('tell', 2)) AS had (step, n)`)
	h.exec(`UPDATE enrollments SET status = 'Completed', step_id = 'tell', step_index = 3, ended_at = now()`)

	added := strings.TrimRight(teamWorkspace, "\n") + "\n      - {id: more, email: {subject: More, body: Hello}}\n"
	for _, dryRun := range []bool{true, false} {
		args := []string{"apply", "-f", "-", fmt.Sprintf("--dry-run=%t", dryRun)}
		result := h.runWith(added, args...)
		require.Equal(t, exitDone, result.code, result.err)
		require.Contains(t, result.stdout, "step more, added: 3 had completed before and will not get it: `starter enroll q4 --continue` takes them on\n")
	}
	require.Contains(t, h.ok("enroll", "q4", "--continue", "--dry-run"), "Dry run: would take on 3 contacts in q4, who had completed it; 0 are under way, or have nothing more to come.")
	require.Equal(t, 3, one[int](h, `SELECT count(*) FROM enrollments WHERE status = 'Completed'`))
	var taken operator.EnrolledFile
	h.decode(&taken, "enroll", "q4", "--continue", "--contacts", "2", "--wait=false")
	require.Equal(t, 1, taken.Enrolled.Enrolled.Enrolled)
	require.Equal(t, "more 4", one[string](h, `SELECT step_id || ' ' || step_index FROM enrollments WHERE status = 'Active' AND started_at IS NULL`))

	result := h.runWith(strings.ReplaceAll(added, "{id: more, email: {subject: More, body: Hello}}", "{id: intro, sms: {text: Hi}}"), "apply", "-f", "-")
	require.NotEqual(t, exitDone, result.code)
	other := h.runWith(strings.ReplaceAll(added, "{id: more, email: {subject: More, body: Hello}}", "{id: more, sms: {text: Hi}}"), "apply", "-f", "-")
	require.Equal(t, exitRefused, other.code)
	require.Contains(t, other.err, "step more was an email and is an SMS now: give it a new id")
}
