package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// roll is a database of enrollments 1 to n, and a Temporal that answers for
// their workflows as answers say: one after the other, the last for ever.
type roll struct {
	activities.Roll
	n        int64
	cursor   int64
	listedTo time.Time
	overdue  []int64
	known    []int64
	reopened []int64
	hints    []int64
	noIndex  error
	answers  map[int64][]campaign.Found
	silent   map[int64]bool
	asked    map[int64]int
}

func watched(ids ...int64) []campaign.Watched {
	var some []campaign.Watched
	for _, id := range ids {
		some = append(some, campaign.Watched{EnrollmentKey: campaign.EnrollmentKey{CampaignKey: "q4", ContactID: id}, EnrollmentID: id})
	}
	return some
}

func (r *roll) NextWatched(_ context.Context, limit int) ([]campaign.Watched, error) {
	var ids []int64
	for id := r.cursor + 1; id <= r.n && len(ids) < limit; id++ {
		ids = append(ids, id)
	}
	return watched(ids...), nil
}
func (r *roll) Turned(_ context.Context, id int64) error { r.cursor = id; return nil }
func (r *roll) Overdue(context.Context, int) ([]campaign.Watched, error) {
	return watched(r.overdue...), nil
}
func (r *roll) WatchedOf(_ context.Context, keys []campaign.EnrollmentKey) ([]campaign.Watched, error) {
	var ids []int64
	for _, key := range keys {
		ids = append(ids, key.ContactID)
	}
	return watched(ids...), nil
}
func (r *roll) ListedTo(context.Context) (time.Time, error)  { return r.listedTo, nil }
func (r *roll) Listed(_ context.Context, to time.Time) error { r.listedTo = to; return nil }
func (r *roll) ForgetStale(context.Context) error            { return nil }
func (r *roll) Unchecked(context.Context, int) ([]campaign.Watched, error) {
	return watched(r.known...), nil
}
func (r *roll) NoteEnded(_ context.Context, ended campaign.EndedWorkflow) (bool, error) {
	if slices.Contains(r.known, ended.EnrollmentID) {
		return false, nil
	}
	r.known = append(r.known, ended.EnrollmentID)
	return true, nil
}
func (r *roll) Reopened(_ context.Context, ids ...int64) error {
	r.reopened = append(r.reopened, ids...)
	return nil
}

func (r *roll) Describe(_ context.Context, key campaign.EnrollmentKey) (campaign.Found, error) {
	id := key.ContactID
	if r.silent[id] {
		return campaign.Found{}, errors.New("unavailable")
	}
	if r.asked == nil {
		r.asked = map[int64]int{}
	}
	r.asked[id]++
	said := r.answers[id]
	if len(said) == 0 {
		return campaign.Found{RunID: "one"}, nil
	}
	return said[min(r.asked[id], len(said))-1], nil
}

func (r *roll) ClosedSince(_ context.Context, _ time.Time, page func([]campaign.EnrollmentKey) (bool, error)) error {
	for _, id := range r.hints {
		if more, err := page([]campaign.EnrollmentKey{{CampaignKey: "q4", ContactID: id}}); err != nil || !more {
			return err
		}
	}
	return r.noIndex
}

func (r *roll) watch(t *testing.T, page int) (activities.WatchResult, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	watch := &activities.Watch{Roll: r, Describer: r, Concurrency: 1, PageSize: page}
	env.RegisterActivity(watch)
	value, err := env.ExecuteActivity(watch.FindEnded)
	var result activities.WatchResult
	if err == nil {
		require.NoError(t, value.Get(&result))
	}
	return result, err
}

var (
	open       = campaign.Found{RunID: "one"}
	terminated = campaign.Found{RunID: "one", Ending: campaign.EndedTerminated}
	deleted    = campaign.Found{Ending: campaign.EndedDeleted}
)

// What is closed for a moment, because it is being restarted, is no ending.
func TestAnEndingTakesTwoLooks(t *testing.T) {
	t.Parallel()
	r := &roll{n: 5, answers: map[int64][]campaign.Found{
		2: {terminated}, 3: {deleted}, 4: {terminated, {RunID: "two"}}, 5: {terminated, {RunID: "two", Ending: campaign.EndedTerminated}},
	}}
	result, err := r.watch(t, 10)
	require.NoError(t, err)
	require.Equal(t, activities.WatchResult{Ended: 2}, result)
	require.Equal(t, []int64{2, 3}, r.known)
	require.Empty(t, r.reopened)
}

func TestTheRoundGoesOnPageByPageAndBeginsAgain(t *testing.T) {
	t.Parallel()
	r := &roll{n: 5, overdue: []int64{5, 1}, answers: map[int64][]campaign.Found{5: {deleted}}}
	for i, cursor := range []int64{2, 4, 0, 2} {
		_, err := r.watch(t, 2)
		require.NoError(t, err)
		require.Equal(t, cursor, r.cursor, "after watch %d", i+1)
		require.Equal(t, []int64{5}, r.known, "an overdue enrollment is not waited for")
		r.overdue = nil
	}
}

// The index only hints: what it says is asked of the workflow itself, and what
// it hints at beyond a page is for the next watch.
func TestTheIndexHints(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Hour)
	r := &roll{cursor: 9, listedTo: before, hints: []int64{11, 12, 13}, answers: map[int64][]campaign.Found{11: {open}, 12: {terminated}, 13: {terminated}}}
	_, err := r.watch(t, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{12}, r.known)
	require.Equal(t, before, r.listedTo, "the rest is still to be looked at")
	r.hints = []int64{13}
	_, err = r.watch(t, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{12, 13}, r.known)
	require.True(t, r.listedTo.After(before))

	r = &roll{n: 1, listedTo: before, noIndex: errors.New("the index is away"), answers: map[int64][]campaign.Found{1: {deleted}}}
	_, err = r.watch(t, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, r.known, "the exact part does not need it")
	require.Equal(t, before, r.listedTo)
}

// One that does not answer keeps no other waiting, and is no ending.
func TestWhoDoesNotAnswerHasNotEnded(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Hour)
	r := &roll{n: 3, listedTo: before, silent: map[int64]bool{1: true}, answers: map[int64][]campaign.Found{2: {terminated}}}
	_, err := r.watch(t, 3)
	require.ErrorContains(t, err, "unavailable")
	require.Equal(t, []int64{2}, r.known)
	require.EqualValues(t, 3, r.cursor)
	require.Equal(t, before, r.listedTo)
}

func TestWhoRunsAgainIsForgotten(t *testing.T) {
	t.Parallel()
	r := &roll{known: []int64{1, 2}, answers: map[int64][]campaign.Found{1: {terminated}}}
	result, err := r.watch(t, 10)
	require.NoError(t, err)
	require.Equal(t, activities.WatchResult{Reopened: 1}, result)
	require.Equal(t, []int64{2}, r.reopened)
}

func (l *leaving) NoteEnded(_ context.Context, ended campaign.EndedWorkflow) (bool, error) {
	l.noted = append(l.noted, ended.EnrollmentID)
	return true, nil
}

// A fix finds out at once that a workflow is gone.
func TestAFixNotesWhoHasNoWorkflow(t *testing.T) {
	t.Parallel()
	l := &leaving{kind: campaign.OutboxFix}
	wakes := &activities.Wakes{Outbox: outboxOfLeaving{l}, Messenger: messengerOfLeaving{l}, Concurrency: 1, PageSize: 10}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(wakes)
	_, err := env.ExecuteActivity(wakes.Wake)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, l.signalled)
	require.Equal(t, []int64{2}, l.noted)
	require.Empty(t, l.ended, "it is not taken out")
}
