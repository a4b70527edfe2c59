package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

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
}

func (r *register) OpenStarts(context.Context, string) ([]campaign.Wake, error) {
	return []campaign.Wake{{ID: 1, Kind: "enroll", Campaign: "q4", Rate: r.rate}}, nil
}

func (r *register) Unstarted(_ context.Context, _ campaign.Wake, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error) {
	var page []campaign.Enrollee
	for id := after + 1; id <= r.n && len(page) < limit; id++ {
		page = append(page, campaign.Enrollee{EnrollmentID: id})
	}
	return campaign.Campaign{Key: "q4"}, page, nil
}

func (r *register) Started(_ context.Context, ids []int64) error {
	r.started = append(r.started, ids...)
	return nil
}

func (r *register) EnrollDone(context.Context, campaign.Wake) error { return nil }

func (r *register) StartEnrollment(ctx context.Context, _ campaign.Campaign, enrollee campaign.Enrollee) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if enrollee.EnrollmentID == r.refused {
		return errors.New("refused")
	}
	return ctx.Err()
}

// Law 2: one that cannot be started is tried again, and the others are started meanwhile.
func TestOneThatCannotBeStartedKeepsNobodyWaiting(t *testing.T) {
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
