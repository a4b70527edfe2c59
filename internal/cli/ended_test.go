package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/store"
)

func (h *harness) ended(id int64, how campaign.Ending) {
	h.t.Helper()
	_, err := h.NoteEnded(h.ctx, campaign.EndedWorkflow{
		Watched: campaign.Watched{EnrollmentID: id}, Found: campaign.Found{Ending: how},
	})
	require.NoError(h.t, err)
}

func TestEndedWorkflowsAreListedWithTheCommandThatMends(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.park(1, noEmail(1))
	h.ended(1, campaign.EndedTerminated)
	h.ended(2, campaign.EndedDeleted)

	out := h.ok("errors")
	require.Contains(t, out, "$ starter reconcile --apply --campaign q4 --contact 1\n")
	require.Contains(t, out, "$ starter reconcile --apply --campaign q4 --contact 2\n")
	require.Contains(t, out, "WorkflowEnded")
	require.Contains(t, out, "2 contacts in error.")
	var items []struct {
		ContactID             int64
		Code, Title, HowToFix string
		Ended                 *store.Ended
	}
	h.decode(&items, "errors")
	require.Len(t, items, 2)
	require.Equal(t, "WorkflowEnded", items[0].Code)
	require.Equal(t, failure.EndedEntry().Title, items[0].Title)
	require.Equal(t, campaign.EndedDeleted, items[0].Ended.How)
	require.Equal(t, "ContactHasNoEmail", items[1].Code)
	require.Contains(t, items[1].HowToFix, "was terminated")
	h.decode(&items, "errors", "--code", "workflowended")
	require.Len(t, items, 2)
	h.decode(&items, "errors", "--limit", "1")
	require.Len(t, items, 1)

	require.Contains(t, h.ok("errors", "summary"), "WorkflowEnded")
	require.Contains(t, h.ok("status"), "2 contacts cannot go on: their workflow was ended from outside; starter reconcile --apply --ended repairs that.")
	var statuses []store.CampaignStatus
	h.decode(&statuses, "status")
	require.Equal(t, 2, statuses[0].Ended)
	out = h.ok("contacts", "show", "2")
	require.Contains(t, out, "starter reconcile --apply --campaign q4 --contact 2")
	require.Contains(t, out, "noticed at "+print.Moment(one[time.Time](h, `SELECT noticed_at FROM ended_workflows WHERE enrollment_id = 2`)))
	out = h.ok("contacts", "set", "1", "--email", "new@contoso.example")
	require.Contains(t, out, "1 contact cannot go on: its workflow was ended from outside; starter reconcile --apply --ended repairs that.")
	require.NotContains(t, out, "goes on now")
	require.Contains(t, h.ok("resume", "1", "--dry-run"), "1 contact cannot go on")
	h.fails(exitNotFound, []string{"contact 99 is not enrolled in q4"}, "reconcile", "--campaign", "q4", "--contact", "99")
	h.fails(exitNotFound, []string{"contact 99 is not enrolled\n"}, "reconcile", "--contact", "1,99")
	h.fails(exitNotFound, []string{"nobody@contoso.example"}, "reconcile", "--contact", "nobody@contoso.example")
	h.fails(exitUsage, []string{"contact ended"}, "reconcile", "--ended", "--contact", "1")
	for _, none := range []string{"", ",", " "} {
		h.fails(exitUsage, []string{"--contact is empty"}, "reconcile", "--contact", none)
	}
}

// A contact that is resumed and turns out to have no workflow is not waited for.
func TestAResumeThatWaitsSaysWhoseWorkflowWasEnded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(1)
	h.park(1, sending)
	h.temporal.onWake = func() { h.ended(1, campaign.EndedClosed) }
	got := h.run("resume", "1", "--wait")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stdout, "its workflow was ended")
	require.Contains(t, got.stdout, "starter reconcile --apply --ended repairs that.")
}

func TestAStepThatIsTriedAgainIsShown(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(1)
	delivery, err := h.Claim(h.ctx, attempt(1), campaign.Draft{Kind: campaign.Email, Recipient: "c@contoso.example", MessageID: "m@northwind.example", Date: time.Now(), Boundary: "b"})
	require.NoError(t, err)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	_, err = h.Fail(h.ctx, attempt(1), delivery, campaign.Refusal{Reply: "451 later", Retry: &campaign.RetryState{
		Attempt: 2, Of: 8, Why: "451 later", FailedAt: at, NextAt: at.Add(time.Minute),
	}}, nil)
	require.NoError(t, err)
	require.Contains(t, h.ok("contacts", "show", "1"), "try 2 of 8 failed: 451 later; the next at "+print.Moment(at.Add(time.Minute)))
	require.Contains(t, h.ok("timeline", "1"), "retrying")
	require.Contains(t, h.ok("status"), "1 contact at a step that has failed and is tried again")
	require.Equal(t, "Nobody is in error here.\n", h.ok("errors"), "it is no error")
	var shown struct {
		Enrollments []struct{ Retry *campaign.RetryState }
	}
	h.decode(&shown, "contacts", "show", "1")
	require.Equal(t, at.Add(time.Minute), shown.Enrollments[0].Retry.NextAt.UTC())
	var statuses []store.CampaignStatus
	h.decode(&statuses, "status")
	require.Equal(t, 1, statuses[0].Retrying)
}

// What is printed can be given back.
func TestMomentsAreReadAsTheyArePrinted(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 11, 24, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	for _, text := range []string{"2020-11-24T08:00:00Z", "2020-11-24 09:00:00+01:00", print.Moment(at), ""} {
		got, err := parseMoment("restored-from", text)
		require.NoError(t, err, text)
		require.True(t, text == "" && got.IsZero() || got.Equal(at), text)
	}
	for _, text := range []string{"yesterday", "2020-11-24", " 2020-11-24T08:00:00Z", "2120-11-24T08:00:00Z"} {
		_, err := parseMoment("restored-from", text)
		require.Error(t, err, text)
	}
}
