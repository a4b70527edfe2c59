package workflows_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/query/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"relance/activities"
	"relance/internal/campaign"
	"relance/workflows"
)

// The builds of a fleet. The recorded histories name a release before "old".
const (
	ofToday   = "today" + workflows.FirstTryBuild
	ofAnother = "another" + workflows.FirstTryBuild
	ofBefore  = "old"
	fleet     = "testdata/histories/first_try_around_an_old_worker.json" // an email, a wait, an email which parks
	fleetToo  = "testdata/histories/first_try_between_old_workers.json"
)

// A worker decides by what it is itself, whichever worker did the task before: each task in
// a history shows what the build that it names does, or it never replays.
func TestAWorkerDecidesByItsOwnBuild(t *testing.T) {
	t.Parallel()
	marker, scheduled := enums.COMMAND_TYPE_RECORD_MARKER, enums.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK
	for name, r := range map[string]struct {
		recorded, build string
		task            int // which task of the history the worker is given, from 1
		want            enums.CommandType
	}{
		"the first task":                     {fleet, ofAnother, 1, marker},
		"the first task, before":             {fleet, ofBefore, 1, scheduled},
		"before goes on after today":         {fleet, ofBefore, 2, scheduled},
		"today goes on after today":          {fleet, ofAnother, 2, marker},
		"today goes on after before":         {fleetToo, ofAnother, 3, marker},
		"before goes on after before":        {fleetToo, ofBefore, 3, scheduled},
		"of no release, as starter's own is": {fleet, "0123456789abcdef", 2, scheduled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task := taskOf(t, r.recorded, r.task)
			answered, ok := serve(t, r.build, task).(*workflowservice.RespondWorkflowTaskCompletedRequest)
			require.True(t, ok, "the task failed")
			require.NotEmpty(t, answered.GetCommands())
			require.Equal(t, r.want, answered.GetCommands()[0].GetCommandType())
		})
	}
}

// Any worker of a fleet answers a query, from a history of both.
func TestEachWorkerAnswersForAFleet(t *testing.T) {
	t.Parallel()
	for _, recorded := range []string{fleet, fleetToo} {
		for _, build := range []string{ofAnother, ofBefore, "0123456789abcdef"} {
			t.Run(filepath.Base(recorded)+", "+build, func(t *testing.T) {
				t.Parallel()
				task := taskOf(t, recorded, 0)
				task.Query = &query.WorkflowQuery{QueryType: workflows.EnrollmentQuery}
				answered, ok := serve(t, build, task).(*workflowservice.RespondQueryTaskCompletedRequest)
				require.True(t, ok, "the query was not answered")
				require.Equal(t, enums.QUERY_RESULT_TYPE_ANSWERED, answered.GetCompletedType(), answered.GetErrorMessage())
			})
		}
	}
}

// taskOf is the n-th workflow task of a recorded history, as the server gives it out; the
// whole history when n is 0.
func taskOf(t *testing.T, file string, n int) *workflowservice.PollWorkflowTaskQueueResponse {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var recorded history.History
	require.NoError(t, temporalproto.CustomJSONUnmarshalOptions{}.Unmarshal(text, &recorded))
	task := &workflowservice.PollWorkflowTaskQueueResponse{
		TaskToken: []byte("task"), Attempt: 1, History: &recorded,
		WorkflowType:      &common.WorkflowType{Name: workflows.EnrollmentType},
		WorkflowExecution: &common.WorkflowExecution{WorkflowId: recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowId(), RunId: t.Name()},
	}
	for at, event := range recorded.Events {
		if event.GetEventType() != enums.EVENT_TYPE_WORKFLOW_TASK_STARTED {
			continue
		}
		if n--; n == 0 {
			task.StartedEventId, recorded.Events = event.GetEventId(), recorded.Events[:at+1]
			return task
		}
		task.PreviousStartedEventId = event.GetEventId()
	}
	require.Negative(t, n, "the history has fewer tasks")
	return task
}

// serve has a worker of this build do one task, and returns what it reports.
func serve(t *testing.T, build string, task *workflowservice.PollWorkflowTaskQueueResponse) any {
	t.Helper()
	server := &oneTask{tasks: make(chan *workflowservice.PollWorkflowTaskQueueResponse, 1), reported: make(chan any, 1)}
	server.tasks <- task
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serving := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(serving, server)
	go func() { _ = serving.Serve(listener) }() // it ends with Stop
	t.Cleanup(serving.Stop)
	connection, err := client.Dial(client.Options{
		HostPort: listener.Addr().String(), Logger: quiet{},
		ConnectionOptions: client.ConnectionOptions{DialOptions: []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}},
	})
	require.NoError(t, err)
	t.Cleanup(connection.Close)
	one := worker.New(connection, workflows.TaskQueue, worker.Options{
		LocalActivityWorkerOnly: true, MaxConcurrentWorkflowTaskPollers: 2,
		DeploymentOptions: worker.DeploymentOptions{Version: worker.WorkerDeploymentVersion{DeploymentName: "fleet", BuildID: build}},
	})
	workflows.Register(one)
	one.RegisterActivityWithOptions(func(context.Context, campaign.Attempt) (activities.Result, error) {
		return activities.Result{Outcome: activities.Done}, nil
	}, activity.RegisterOptions{Name: workflows.SendEmailActivity})
	require.NoError(t, one.Start())
	t.Cleanup(one.Stop)
	select {
	case reported := <-server.reported:
		return reported
	case <-time.After(time.Minute):
		require.Fail(t, "the worker reports nothing")
		return nil
	}
}

// oneTask is a Temporal server that has one task.
type oneTask struct {
	workflowservice.UnimplementedWorkflowServiceServer
	tasks    chan *workflowservice.PollWorkflowTaskQueueResponse
	reported chan any
}

func (s *oneTask) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{BuildIdBasedVersioning: true}}, nil
}

func (s *oneTask) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{}, nil
}

func (s *oneTask) PollWorkflowTaskQueue(ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	select {
	case task := <-s.tasks:
		return task, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *oneTask) RespondWorkflowTaskCompleted(_ context.Context, request *workflowservice.RespondWorkflowTaskCompletedRequest) (*workflowservice.RespondWorkflowTaskCompletedResponse, error) {
	s.reported <- request
	return &workflowservice.RespondWorkflowTaskCompletedResponse{}, nil
}

func (s *oneTask) RespondWorkflowTaskFailed(_ context.Context, request *workflowservice.RespondWorkflowTaskFailedRequest) (*workflowservice.RespondWorkflowTaskFailedResponse, error) {
	s.reported <- request
	return &workflowservice.RespondWorkflowTaskFailedResponse{}, nil
}

func (s *oneTask) RespondQueryTaskCompleted(_ context.Context, request *workflowservice.RespondQueryTaskCompletedRequest) (*workflowservice.RespondQueryTaskCompletedResponse, error) {
	s.reported <- request
	return &workflowservice.RespondQueryTaskCompletedResponse{}, nil
}

// quiet is a logger: what matters is reported.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
