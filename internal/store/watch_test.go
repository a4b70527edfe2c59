package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func (b *ledgerBundle) started() {
	b.t.Helper()
	b.exec(`UPDATE enrollments SET started_at = now() - interval '1 hour'`)
}

func (b *ledgerBundle) ended(id int64, how campaign.Ending) bool {
	b.t.Helper()
	news, err := b.NoteEnded(b.ctx, campaign.EndedWorkflow{
		Watched: campaign.Watched{EnrollmentKey: keyOf(id), EnrollmentID: id}, Found: campaign.Found{Ending: how, ClosedAt: time.Now()},
	})
	require.NoError(b.t, err)
	return news
}

func idsOf(some []campaign.Watched) []int64 {
	ids := []int64{}
	for _, one := range some {
		ids = append(ids, one.EnrollmentID)
	}
	return ids
}

func TestTheWatchGoesRoundThoseUnderWay(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	b.started()
	b.exec(`UPDATE enrollments SET started_at = now() WHERE id = 2`)
	b.exec(`UPDATE enrollments SET started_at = NULL WHERE id = 3`)
	require.NoError(t, b.disenrolled(b.ctx, 4, "", "test"))
	require.True(t, b.ended(5, campaign.EndedTerminated))
	page, err := b.NextWatched(b.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, idsOf(page))
	require.NoError(t, b.Turned(b.ctx, 1))
	page, err = b.NextWatched(b.ctx, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{6}, idsOf(page), "neither who was just started, nor who is not, nor who has ended, nor who is known")

	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() - interval '5 minutes' WHERE id IN (1, 5)`)
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() + interval '5 minutes' WHERE id = 6`)
	overdue, err := b.Overdue(b.ctx, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, idsOf(overdue))
	hinted, err := b.WatchedOf(b.ctx, []campaign.EnrollmentKey{keyOf(1), keyOf(4), keyOf(5), keyOf(99)})
	require.NoError(t, err)
	require.Equal(t, []int64{1}, idsOf(hinted))
}

// Law 2: a contact that nothing moves is listed, counted and named with how
// it came, whatever the enrollment's status; and an enrollment that has come to
// its end is never called cut off.
// A worker whose clock is ahead does not keep the watches after it from asking the index.
func TestTheIndexIsNotAskedAheadOfTime(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	to := func() time.Duration {
		at, err := b.ListedTo(b.ctx)
		require.NoError(t, err)
		return at.Sub(one[time.Time](b, `SELECT clock_timestamp()`))
	}
	require.NoError(t, b.Listed(b.ctx, time.Now().AddDate(0, 0, 1)))
	require.LessOrEqual(t, to(), time.Duration(0))
	b.exec(`UPDATE watch SET listed_to = clock_timestamp() + interval '1 day'`) // by a release before
	require.NoError(t, b.Listed(b.ctx, time.Now().AddDate(0, 0, -1)))
	require.LessOrEqual(t, to(), time.Duration(0))
}

func TestAnEndedWorkflowIsSaid(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.started()
	_, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	require.NoError(t, b.disenrolled(b.ctx, 3, "", "test"))
	require.True(t, b.ended(1, campaign.EndedClosed))
	require.False(t, b.ended(1, campaign.EndedTerminated), "it is known")
	require.True(t, b.ended(2, campaign.EndedDeleted))
	require.False(t, b.ended(3, campaign.EndedCompleted), "its row says that it has ended")

	parked, err := b.Errors(b.ctx, ErrorFilter{}, 0, 10)
	require.NoError(t, err)
	require.Len(t, parked, 1)
	require.Equal(t, campaign.EndedTerminated, parked[0].Ended.How, "what was found later says more")
	others, err := b.EndedEnrollments(b.ctx, ErrorFilter{Campaign: "q4"}, 0, 0)
	require.NoError(t, err)
	require.Len(t, others, 1)
	require.EqualValues(t, 2, others[0].Contact.ID)
	require.Equal(t, campaign.EndedDeleted, others[0].Ended.How)
	for code, want := range map[failure.Code]int{"": 2, failure.WorkflowEnded: 2, failure.OwnerHasNoSendingAddress: 1, failure.ContactHasNoEmail: 0} {
		rows, err := b.Errors(b.ctx, ErrorFilter{Code: code}, 0, 10)
		require.NoError(t, err)
		others, err := b.EndedEnrollments(b.ctx, ErrorFilter{Code: code}, 0, 0)
		require.NoError(t, err)
		require.Len(t, append(make([]struct{}, len(rows)), make([]struct{}, len(others))...), want, "listed with code %q", code)
		count, err := b.CountErrors(b.ctx, ErrorFilter{Code: code})
		require.NoError(t, err)
		require.Equal(t, want, count, "counted with code %q", code)
	}
	groups, err := b.ErrorSummary(b.ctx, "")
	require.NoError(t, err)
	require.Len(t, groups, 2)
	require.Equal(t, failure.WorkflowEnded, groups[1].Code)
	for _, group := range groups {
		filter := ErrorFilter{Campaign: group.Campaign, Code: group.Code, Cause: group.Cause}
		count, err := b.CountErrors(b.ctx, filter)
		require.NoError(t, err)
		require.Equal(t, group.Count, count, "a group lists those that it counts: %s", group.Cause)
		rows, err := b.Errors(b.ctx, filter, 0, 10)
		require.NoError(t, err)
		others, err := b.EndedEnrollments(b.ctx, filter, 0, 0)
		require.NoError(t, err)
		require.Equal(t, group.Count, len(rows)+len(others), group.Cause)
	}
	statuses, err := b.CampaignStatuses(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, 2, statuses[0].Ended)
	require.Equal(t, 1, statuses[0].InError, "the counts by status stay what they are")
	keys, err := b.EndedKeys(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, []campaign.EnrollmentKey{keyOf(1), keyOf(2)}, keys)
	shown, err := b.ContactEnrollments(b.ctx, 2)
	require.NoError(t, err)
	require.Equal(t, campaign.EndedDeleted, shown[0].Ended.How)

	change, err := b.fixSender()
	require.NoError(t, err)
	require.Equal(t, 0, change.Resuming)
	require.Equal(t, 1, change.Ended, "a fix says who cannot go on")
	requested, err := b.RequestResume(b.ctx, Selection{Contacts: []int64{1}}, campaign.Resume{}, BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 1, requested.Ended)
	requested, err = b.RequestResume(b.ctx, Selection{}, campaign.Resume{}, BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 1, requested.Ended)

	require.NoError(t, b.Reopened(b.ctx, 1))
	require.NoError(t, b.disenrolled(b.ctx, 2, "", "test"))
	keys, err = b.EndedKeys(b.ctx, "")
	require.NoError(t, err)
	require.Equal(t, []campaign.EnrollmentKey{}, keys, "one runs again, one has ended")
	require.NoError(t, b.ForgetStale(b.ctx))
	require.Zero(t, one[int](b, `SELECT count(*) FROM ended_workflows`))
}

// fixSender makes a change that those without a sender wait for.
func (b *ledgerBundle) fixSender() (Change, error) {
	b.exec(`UPDATE campaigns SET sender = NULL`)
	_, change, err := b.SetSender(b.ctx, "q4", "maya@northwind.example", "test")
	return change, err
}

func TestAStepThatIsTriedAgainSaysSo(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	retrying := func() int {
		counted, err := b.CountTrouble(b.ctx)
		require.NoError(t, err)
		statuses, err := b.CampaignStatuses(b.ctx, "q4")
		require.NoError(t, err)
		require.Equal(t, counted.Retrying, statuses[0].Retrying)
		return counted.Retrying
	}
	fail := func(id int64, try int, final bool) {
		b.t.Helper()
		delivery := b.claim(b.attempt(id))
		now := time.Now().UTC().Truncate(time.Millisecond)
		_, err := b.Fail(b.ctx, b.attempt(id), delivery, campaign.Refusal{Reply: "451 4.7.1 later", Final: final, Retry: &campaign.RetryState{
			Attempt: try, Of: 8, Why: "451 4.7.1 later", FailedAt: now, NextAt: now.Add(time.Minute),
		}}, emailCheck)
		require.NoError(t, err)
	}
	fail(1, 1, false)
	fail(1, 2, false)
	require.Equal(t, 1, retrying(), "once, however often it has failed")
	shown, err := b.ContactEnrollments(b.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, 2, shown[0].Retry.Attempt)
	require.Equal(t, 8, shown[0].Retry.Of)
	require.Equal(t, "451 4.7.1 later", shown[0].Retry.Why)
	require.Equal(t, time.Minute, shown[0].Retry.NextAt.Sub(shown[0].Retry.FailedAt))
	events, err := b.Timeline(b.ctx, 1, "")
	require.NoError(t, err)
	require.Equal(t, "retrying", events[len(events)-1].Kind)
	require.Contains(t, events[len(events)-1].Text, "451 4.7.1 later (try 2 of 8, the next at ")

	b.claim(b.attempt(1))
	require.Equal(t, 1, retrying(), "the next try is under way")
	delivery := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), delivery, "250 ok"))
	require.Zero(t, retrying(), "it was sent")
	fail(2, 8, true)
	require.Zero(t, retrying(), "a final failure is not tried again")
	require.NoError(t, b.ForgetStale(b.ctx))
	require.Zero(t, one[int](b, `SELECT count(*) FROM retries`))

	fail(2, 1, false)
	require.Equal(t, 1, retrying())
	_, err = b.Hold(b.ctx, b.attempt(2), found(noSender))
	require.NoError(t, err)
	require.Zero(t, retrying(), "who is in error is tried by nobody")
}
