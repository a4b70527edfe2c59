package temporal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"relance/internal/devstack/port"
	"relance/internal/devstack/postgres"
	"relance/internal/devstack/temporal"
)

func greet(ctx workflow.Context, name string) (string, error) {
	var by string
	workflow.GetSignalChannel(ctx, "go").Receive(ctx, &by)
	return "hello " + name + ", by " + by, nil
}

func startPostgres(t *testing.T) *postgres.Server {
	t.Helper()
	database, err := postgres.Start(t.Context(), postgres.Options{Dir: stateDir(t), FastUnsafe: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Stop(context.Background())) })
	return database
}

func start(t *testing.T, o temporal.Options) (*temporal.Server, client.Client) {
	t.Helper()
	began := time.Now()
	server, err := temporal.Start(t.Context(), o)
	require.NoError(t, err)
	t.Logf("started in %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(server.Stop)
	c, err := client.Dial(client.Options{HostPort: server.Address()})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return server, c
}

func work(t *testing.T, c client.Client) worker.Worker {
	t.Helper()
	w := worker.New(c, "greetings", worker.Options{})
	w.RegisterWorkflow(greet)
	require.NoError(t, w.Start())
	return w
}

func TestStateSurvivesAndSearchAttributesWork(t *testing.T) {
	t.Parallel()
	database := startPostgres(t)
	options := temporal.Options{DatabaseURL: database.URL, Log: warnings()}
	server, c := start(t, options)
	registerAttribute(t, c)
	w := work(t, c)
	status := sdktemporal.NewSearchAttributeKeyKeyword("EnrollmentStatus")
	var run client.WorkflowRun
	require.Eventually(t, func() (ok bool) {
		var err error
		run, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "enrollment/q4/1", TaskQueue: "greetings", EnableEagerStart: true,
			StaticSummary:         "Q4 outreach: Maya",
			TypedSearchAttributes: sdktemporal.NewSearchAttributes(status.ValueSet("InError")),
		}, greet, "Maya")
		return err == nil
	}, 20*time.Second, 50*time.Millisecond, "a registered search attribute must be usable")
	require.Eventually(t, func() bool {
		found, err := c.ListWorkflow(t.Context(), listRequest("EnrollmentStatus = 'InError'"))
		return err == nil && len(found.Executions) == 1
	}, 20*time.Second, 20*time.Millisecond)
	showsInWebUI(t, server, run.GetID())
	w.Stop()
	c.Close()
	server.Stop()
	server.Stop() // may be called twice

	_, c = start(t, options) // on other ports, over the same database
	defer work(t, c).Stop()
	described, err := c.DescribeWorkflowExecution(t.Context(), run.GetID(), run.GetRunID())
	require.NoError(t, err)
	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, described.WorkflowExecutionInfo.Status)
	require.NoError(t, c.SignalWorkflow(t.Context(), run.GetID(), "", "go", "the restart"))
	var greeting string
	require.NoError(t, c.GetWorkflow(t.Context(), run.GetID(), "").Get(t.Context(), &greeting))
	require.Equal(t, "hello Maya, by the restart", greeting)
}

func registerAttribute(t *testing.T, c client.Client) {
	t.Helper()
	_, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: "default",
		SearchAttributes: map[string]enumspb.IndexedValueType{
			"EnrollmentStatus": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			"ErrorSince":       enumspb.INDEXED_VALUE_TYPE_DATETIME,
		},
	})
	require.NoError(t, err)
}

func TestAnUnreachableDatabaseIsOneSentence(t *testing.T) {
	t.Parallel()
	free, err := port.Free()
	require.NoError(t, err)
	_, err = temporal.Start(t.Context(), temporal.Options{DatabaseURL: func(string) string {
		return "postgres://relance:pw@" + port.Addr(free) + "/x?sslmode=disable"
	}})
	require.ErrorContains(t, err, "PostgreSQL does not answer at "+port.Addr(free))
}

func TestATakenPortIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := port.Listen(t.Context(), "", 0)
	require.NoError(t, err)
	defer listener.Close()
	_, err = temporal.Start(t.Context(), temporal.Options{
		DatabaseURL: func(string) string { return "" }, Port: portOf(listener),
	})
	require.ErrorContains(t, err, "choose another with --temporal-port")
}
