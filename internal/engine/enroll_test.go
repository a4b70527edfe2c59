package engine_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"relance/activities"
	"relance/internal/campaign"
	"relance/workflows"
)

// lastLook is the register, and does something right after a run has had its
// last look at the enrollments to start.
type lastLook struct {
	activities.Register
	once sync.Once
	then func()
}

func (l *lastLook) CloseIfStarted(ctx context.Context, request campaign.OutboxEntry) error {
	err := l.Register.CloseIfStarted(ctx, request)
	l.once.Do(l.then)
	return err
}

// Law 3, for enrollments: a contact that is enrolled when the run that starts the campaign's
// contacts has had its last look, and has not ended, is started all the same, and
// not by the schedule a minute later.
func TestWhoIsEnrolledAfterTheLastLookIsStarted(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	schedule := r.stack.Outreach.Client.ScheduleClient().GetHandle(r.ctx, workflows.WakeScheduleID)
	require.NoError(t, schedule.Pause(r.ctx, client.SchedulePauseOptions{}))
	enroll := func(id int64) {
		_, err := r.store.Enroll(r.ctx, "v", []int64{id}, "test", false)
		require.NoError(t, err)
		require.NoError(t, r.stack.Outreach.StartEnrolling(r.ctx, "v", 1))
	}
	worker := r.unstarted("")
	worker.Activities.Starts.Register = &lastLook{Register: r.store, then: func() { enroll(2) }}
	require.NoError(t, worker.Start())
	t.Cleanup(worker.Stop)
	enroll(1)
	r.awaitStatus(1, campaign.InError)
	r.awaitStatus(2, campaign.InError)
}
