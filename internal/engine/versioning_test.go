package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"relance/internal/campaign"
	"relance/internal/devstack"
	"relance/internal/devstack/temporal/histories"
	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
	"relance/workflows"
)

const (
	patience = 90 * time.Second
	contacts = 5
)

// rollout is a stack without a worker, and one campaign: an email that every contact
// gets, and one at which every contact parks until its city is filled in.
type rollout struct {
	t     *testing.T
	ctx   context.Context
	stack *devstack.Stack
	store *store.Store
}

// A release with worker versioning, from none to the first version, to the
// second, and back. Enrollments are under way all the time, and old workers
// stay there: an enrollment that is woken goes on under the version that is current.
func TestEnrollmentsMoveToTheCurrentVersion(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	unversioned := r.worker("")
	first := r.worker("a")
	r.awaitVersion("a")
	r.enroll(1, 2)
	r.ranOn("", 1, 2) // a version that is not current gets no work
	require.Empty(t, r.version(workflows.EnrollContactsWorkflowID("v")))

	r.makeCurrent("a")
	r.enroll(3, 5)
	r.ranOn("a", 3, 5)
	require.Equal(t, "a", r.version(workflows.EnrollContactsWorkflowID("v")))
	r.fix(1)
	r.ranOn("a", 1) // it began without a version, and its worker is still there

	second := r.worker("b")
	r.makeCurrent("b")
	r.fix(3)
	r.ranOn("b", 3)
	r.enroll(4)
	r.ranOn("b", 4)
	r.parkAgain(5)
	r.ranOn("b", 5)

	r.makeCurrent("a") // the way back
	r.fix(4)
	r.ranOn("a", 4)
	r.fix(5) // where it began
	r.ranOn("a", 5)

	r.makeCurrent("b")
	unversioned.Stop()
	first.Stop()
	r.fix(2)
	r.ranOn("b", 2)
	for id := range contacts {
		require.Equal(t, 2, r.mails(id+1), "contact %d gets both mails, once", id+1)
	}

	// The versions that an enrollment began under do first tries, the others none; and
	// every replay does as they did.
	unversionedBuild := settings.Build() + workflows.FollowBuild
	require.Equal(t, map[string]int{unversionedBuild: 2}, r.firstTries(1))
	require.Equal(t, map[string]int{unversionedBuild: 2}, r.firstTries(2))
	require.Equal(t, map[string]int{"a": 2}, r.firstTries(3))
	require.Equal(t, map[string]int{"b": 2}, r.firstTries(4))
	require.Equal(t, map[string]int{"a": 3}, r.firstTries(5))

	// A database is reconciled with all workers stopped: a process of the current
	// version has to answer for the workflows.
	outreach := &temporalio.Client{Client: r.stack.Outreach.Client, Namespace: r.stack.Outreach.Namespace, Deployment: settings.Deployment{Name: "relance", BuildID: "b"}}
	workers, err := outreach.Workers(r.ctx)
	require.NoError(t, err)
	require.Contains(t, workers, "worker b", "a versioned worker that runs is seen, so that no repair runs beside it (law 1)")
	second.Stop()
	stop, err := outreach.Answer()
	require.NoError(t, err)
	defer stop()
	run, err := outreach.Run(r.ctx, campaign.EnrollmentKey{CampaignKey: "v", ContactID: 2})
	require.NoError(t, err)
	require.Equal(t, campaign.Completed, run.Outcome)
}

func startRollout(t *testing.T) *rollout {
	t.Helper()
	dir, err := os.MkdirTemp("", "relance-versioning-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := &rollout{t: t, ctx: context.Background()}
	r.stack, err = devstack.Start(r.ctx, devstack.Options{Dir: dir, NoWeb: true, NoWorker: true, FastUnsafe: true})
	require.NoError(t, err)
	t.Cleanup(r.stack.Stop)
	r.store, err = store.Open(r.ctx, r.stack.Settings.DatabaseURL, r.stack.Settings.SecretKey)
	require.NoError(t, err)
	t.Cleanup(r.store.Close)
	sender := "maya@northwind.example"
	_, err = r.store.Apply(r.ctx, store.Workspace{
		Users:         []campaign.User{{Key: "maya", Name: "Maya"}},
		EmailAccounts: []campaign.EmailAccount{{Address: sender, SMTP: campaign.SMTP{Host: "127.0.0.1", Port: r.stack.Inbox.Port(), TLS: campaign.TLSNone, Username: "maya", Password: "inbox"}}},
		Campaigns: []store.CampaignSpec{{Campaign: campaign.Campaign{Key: "v", Name: "V", Owner: "maya", Sender: sender, Steps: []campaign.Step{
			{ID: "intro", Kind: campaign.Email, Subject: "Hi", Body: "Hello"},
			{ID: "city", Kind: campaign.Email, ReplyTo: "intro", Body: "How is {{ city }}?"},
		}}}},
	}, "test", false)
	require.NoError(t, err)
	var people []store.ImportRow
	for id := range contacts {
		people = append(people, store.ImportRow{Contact: campaign.Contact{FirstName: "C", Email: address(id + 1)}})
	}
	_, err = r.store.Import(r.ctx, people, store.ImportOptions{})
	require.NoError(t, err)
	return r
}

func address(id int) string { return fmt.Sprintf("c%d@contoso.example", id) }

// worker starts a worker as the production worker does, with a version or without.
func (r *rollout) worker(buildID string) *engine.Engine {
	r.t.Helper()
	worker := r.unstarted(buildID)
	require.NoError(r.t, worker.Start())
	r.t.Cleanup(worker.Stop)
	return worker
}

func (r *rollout) unstarted(buildID string) *engine.Engine {
	r.t.Helper()
	lookup := func(name string) (string, bool) {
		switch {
		case name == "TEMPORAL_DEPLOYMENT_NAME" && buildID != "":
			return "relance", true
		case name == "TEMPORAL_WORKER_BUILD_ID" && buildID != "":
			return buildID, true
		}
		return r.stack.LookupEnv(name)
	}
	configured, err := settings.Read(lookup)
	require.NoError(r.t, err)
	options, err := temporalio.Options(lookup)
	require.NoError(r.t, err)
	options.Identity = "worker " + buildID // else all are this process
	connection, err := temporalio.Dial(r.ctx, options)
	require.NoError(r.t, err)
	r.t.Cleanup(connection.Close)
	return engine.New(engine.Options{
		Store: r.store, Client: connection, Namespace: options.Namespace, Settings: configured, StopTimeout: time.Second,
	})
}

func (r *rollout) deployment() client.WorkerDeploymentHandle {
	return r.stack.Outreach.Client.WorkerDeploymentClient().GetHandle("relance")
}

// awaitVersion returns when the server knows the workers of a version.
func (r *rollout) awaitVersion(buildID string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		version, err := r.deployment().DescribeVersion(r.ctx, client.WorkerDeploymentDescribeVersionOptions{BuildID: buildID})
		return err == nil && len(version.Info.TaskQueuesInfos) == 2 // workflows and activities
	}, patience, 20*time.Millisecond, "version %s has no workers", buildID)
}

func (r *rollout) makeCurrent(buildID string) {
	r.t.Helper()
	r.awaitVersion(buildID)
	_, err := r.deployment().SetCurrentVersion(r.ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: buildID})
	require.NoError(r.t, err)
	require.Eventually(r.t, func() bool { // the task queues hear of it after that, and are asked themselves: the deployment was once seen to call it under way for ever
		for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
			described, err := r.stack.Outreach.Client.WorkflowService().DescribeTaskQueue(r.ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: r.stack.Outreach.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: kind,
			})
			if err != nil || described.GetVersioningInfo().GetCurrentDeploymentVersion().GetBuildId() != buildID {
				return false
			}
		}
		return true
	}, patience, 20*time.Millisecond, "version %s does not become current", buildID)
}

// enroll enrolls contacts and waits until they have parked at the second email.
func (r *rollout) enroll(ids ...int64) {
	r.t.Helper()
	_, err := r.store.Enroll(r.ctx, "v", ids, "test", false)
	require.NoError(r.t, err)
	r.wake()
	for _, id := range ids {
		r.awaitStatus(id, campaign.InError)
	}
}

// fix fills in a contact's city, and waits until the contact has gone on. The
// way is that of every fix: the outbox, the schedule, WakeContacts, the signal.
func (r *rollout) fix(id int64) {
	r.t.Helper()
	_, change, err := r.store.SetContact(r.ctx, id, store.ContactEdit{Fields: map[string]string{"city": "Ghent"}}, "test")
	require.NoError(r.t, err)
	require.Equal(r.t, 1, change.Resuming)
	r.wake()
	r.awaitStatus(id, campaign.Completed)
}

// parkAgain changes a contact without filling in its city: it looks, and parks once more.
func (r *rollout) parkAgain(id int64) {
	r.t.Helper()
	_, change, err := r.store.SetContact(r.ctx, id, store.ContactEdit{Fields: map[string]string{"town": "Ghent"}}, "test")
	require.NoError(r.t, err)
	require.Equal(r.t, 1, change.Resuming)
	r.wake()
	require.Eventually(r.t, func() bool {
		answer, err := r.stack.Outreach.Client.QueryWorkflow(r.ctx, workflows.EnrollmentWorkflowID("v", id), "", workflows.EnrollmentQuery)
		var state workflows.State
		return err == nil && answer.Get(&state) == nil && state.Park != nil && state.Park.ParkID == 2
	}, patience, 20*time.Millisecond, "contact %d is not parked again", id)
}

// firstTries counts a contact's first tries by the build that did them, from a history that
// has to replay.
func (r *rollout) firstTries(id int64) map[string]int {
	r.t.Helper()
	recorded := histories.Record(r.t, r.stack.Outreach.Client, fmt.Sprintf("first_try_between_versions_%d", id), workflows.EnrollmentWorkflowID("v", id), "")
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	require.NoError(r.t, replayer.ReplayWorkflowHistory(nil, recorded), "contact %d", id)
	builds, tries := map[int64]string{}, map[string]int{}
	for _, event := range recorded.Events {
		if done := event.GetWorkflowTaskCompletedEventAttributes(); done != nil {
			//nolint:staticcheck // where a worker has no version, its build is nowhere else
			builds[event.GetEventId()] = cmp.Or(done.GetDeploymentVersion().GetBuildId(), done.GetWorkerVersion().GetBuildId())
		}
		if marker := event.GetMarkerRecordedEventAttributes(); marker != nil {
			tries[builds[marker.GetWorkflowTaskCompletedEventId()]]++
		}
	}
	return tries
}

func (r *rollout) wake() { require.NoError(r.t, r.stack.Outreach.TriggerWake(r.ctx)) }

func (r *rollout) awaitStatus(id int64, want campaign.Status) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		found, err := r.store.ContactEnrollments(r.ctx, id)
		return err == nil && len(found) == 1 && found[0].Status == want
	}, patience, 20*time.Millisecond, "contact %d is not %s", id, want)
}

// ranOn says which version has had the last word in the contacts' workflows.
func (r *rollout) ranOn(buildID string, ids ...int64) {
	r.t.Helper()
	for _, id := range ids {
		require.Equal(r.t, buildID, r.version(workflows.EnrollmentWorkflowID("v", id)), "contact %d", id)
	}
}

// version is the build that a workflow's last finished task ran on. PostgreSQL
// knows how a step has ended before the workflow does: what it does then has to
// be waited for.
func (r *rollout) version(workflowID string) string {
	r.t.Helper()
	var buildID string
	require.Eventually(r.t, func() bool {
		described, err := r.stack.Outreach.Client.DescribeWorkflowExecution(r.ctx, workflowID, "")
		if err != nil || described.GetPendingWorkflowTask() != nil || len(described.GetPendingActivities()) > 0 {
			return false
		}
		buildID = described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
		return true
	}, patience, 20*time.Millisecond, "%s does not come to rest", workflowID)
	return buildID
}

func (r *rollout) mails(id int) int {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.stack.Dir, "inbox", "log.jsonl"))
	require.NoError(r.t, err)
	return strings.Count(string(text), `"`+address(id)+`"`)
}
