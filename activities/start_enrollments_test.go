package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// register lists enrollments 1 to n as not started; refused cannot be started.
type register struct {
	mutex   sync.Mutex
	n       int64
	refused int64
	rate    campaign.Rate
	started []int64
	lags    []time.Duration // the next answers; none are left: no lag
	lagless error           // why the lag is not known
	asked   int
}

func (r *register) Backlog(context.Context) (time.Duration, error) {
	r.asked++
	if r.lagless != nil || len(r.lags) == 0 {
		return 0, r.lagless
	}
	lag := r.lags[0]
	r.lags = r.lags[1:]
	return lag, nil
}

func (r *register) OpenEnrolls(context.Context, string) ([]campaign.OutboxEntry, error) {
	return []campaign.OutboxEntry{{ID: 1, Kind: campaign.OutboxEnroll, Campaign: "q4", Rate: r.rate}}, nil
}

func (r *register) Unstarted(_ context.Context, _ campaign.OutboxEntry, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error) {
	var page []campaign.Enrollee
	for id := after + 1; id <= r.n && len(page) < limit; id++ {
		page = append(page, campaign.Enrollee{EnrollmentID: id})
	}
	return campaign.Campaign{Key: "q4"}, page, nil
}

func (r *register) MarkStarted(_ context.Context, enrollees []campaign.Enrollee, _ bool) error {
	for _, enrollee := range enrollees {
		r.started = append(r.started, enrollee.EnrollmentID)
	}
	return nil
}

func (r *register) CloseIfStarted(context.Context, campaign.OutboxEntry) error { return nil }

func (r *register) StartEnrollment(ctx context.Context, _ campaign.Campaign, enrollee campaign.Enrollee) (bool, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if enrollee.EnrollmentID == r.refused {
		return false, errors.New("refused")
	}
	return true, ctx.Err()
}

// Law 2: one that cannot be started is tried again, and the others are started meanwhile.
func TestOneThatCannotBeStartedKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	r := &register{n: 7, refused: 2}
	starts := &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 3}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(starts)
	_, err := env.ExecuteActivity(starts.StartEnrollments, "q4")
	require.ErrorContains(t, err, "refused", "the outbox row stays open, and the activity is retried")
	slices.Sort(r.started)
	require.Equal(t, []int64{1, 3, 4, 5, 6, 7}, r.started)
}

func TestNoStartIsHeldForAnUnknownBacklogNorWithARate(t *testing.T) {
	t.Parallel()
	late := []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}
	for _, r := range []*register{
		{n: 7, lags: late, lagless: errors.New("PermissionDenied")},
		{n: 7, lags: late, rate: campaign.Rate(1000)},
	} {
		starts := &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 3}
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(starts)
		_, err := env.ExecuteActivity(starts.StartEnrollments, "q4")
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7}, r.started)
		require.LessOrEqual(t, r.asked, 2)
	}
}

// The queue of the workers is looked at between pages, and no enrollment is left out for it.
func TestPagesAreHeldWhileWorkersLagBehind(t *testing.T) {
	t.Parallel()
	r := &register{n: 7, lags: []time.Duration{time.Minute, 3 * time.Second}}
	starts := &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 3}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(starts)
	began := time.Now()
	_, err := env.ExecuteActivity(starts.StartEnrollments, "q4")
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), time.Second, "a second's hold")
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7}, r.started)
	require.Equal(t, 3, r.asked, "before the second page, once more after its hold, and before the third")
}
