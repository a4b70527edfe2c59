package crash

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"relance/internal/cli"
	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
	"relance/workflows"
)

// roleVariable makes this program a worker or a command, in a process that can be killed.
const roleVariable = "RELANCE_CRASH_ROLE"

const (
	workerRole  = "worker"
	starterRole = "starter"
)

// play plays a role and returns the exit code.
func play(role string) int {
	p := newPoints()
	switch role {
	case workerRole:
		if err := work(context.Background(), p); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			return 1
		}
		return 0
	case starterRole:
		return cli.Run(context.Background(), cli.Options{
			Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv,
			DialTemporal: func(context.Context, settings.Lookup) (cli.Temporal, error) { return deadlyTemporal{points: p}, nil },
		})
	}
	fmt.Fprintf(os.Stderr, "there is no role %q\n", role)
	return 2
}

// work is the production worker with points in its ports, until it dies or the
// test does.
func work(ctx context.Context, p *points) error {
	configured, err := settings.Read(os.LookupEnv)
	if err != nil {
		return err
	}
	database, err := store.Open(ctx, configured.DatabaseURL, configured.SecretKey, store.WithTracer(tracer{p}))
	if err != nil {
		return err
	}
	options, err := temporalio.Options(os.LookupEnv)
	if err != nil {
		return err
	}
	options.Logger = log.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, grpc.WithChainUnaryInterceptor(reports{p}.intercept))
	connection, err := temporalio.Dial(ctx, options)
	if err != nil {
		return err
	}
	made := engine.New(engine.Options{
		Store: database, Client: connection, Namespace: options.Namespace, Settings: configured, StopTimeout: time.Second,
	})
	reshape(made.Activities)
	decorate(made.Activities, p)
	if err := begin(made, connection); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin) // it is closed with the test, however that ends
	return err
}

// buildVariable is what histories call this worker; without it, what they call one of
// today.
const (
	buildVariable = "RELANCE_CRASH_BUILD"
	oldBuild      = "old" // of a release that knows no first tries
)

// begin starts the worker; or, with a build of its own, one that does the same things.
func begin(of *engine.Engine, connection client.Client) error {
	build := os.Getenv(buildVariable)
	if build == "" {
		return of.Start()
	}
	worker.SetBinaryChecksum(build)
	named := worker.New(connection, workflows.TaskQueue, worker.Options{})
	engine.Register(named, of.Activities)
	return named.Start()
}

// The shape of the enrollments that a worker starts, and how long its first tries may
// take to the gate.
const (
	shapeVariable    = "RELANCE_CRASH_SHAPE"
	patienceVariable = "RELANCE_CRASH_PATIENCE"
	activitiesOnly   = "activities only"    // of the release before: no first tries
	firstTriesAnyway = "first tries anyway" // also where a worker of the release before serves
)

func reshape(a engine.Activities) {
	outreach := a.Starts.Starter.(*temporalio.Client)
	switch os.Getenv(shapeVariable) {
	case activitiesOnly:
		outreach.FirstTry = ""
	case firstTriesAnyway:
		outreach.FirstTry = settings.Build() + workflows.FirstTryBuild
	}
	bearWith(a, os.LookupEnv)
}

// bearWith gives the first tries the patience of the stage.
func bearWith(a engine.Activities, lookup func(string) (string, bool)) {
	text, _ := lookup(patienceVariable)
	if long, err := time.ParseDuration(text); err == nil {
		a.Emails.First.Patience = long
	}
}

// deadlyTemporal is as far as a command comes: what it has committed is all
// that is left of it.
type deadlyTemporal struct {
	cli.Temporal
	points *points
}

func (d deadlyTemporal) TriggerWake(context.Context) error {
	d.points.pass(triggerWake)
	return nil
}

func (d deadlyTemporal) StartEnrolling(context.Context, string, int) error {
	d.points.pass(startEnrolled)
	return nil
}

func (deadlyTemporal) Close() {}
