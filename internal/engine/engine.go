package engine

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"relance/activities"
	"relance/internal/mail/smtp"
	"relance/internal/settings"
	"relance/internal/sms"
	"relance/internal/store"
	"relance/internal/temporalio"
	"relance/workflows"
)

// Options is what a worker is made of. The caller owns Store and Client and
// closes them after Stop.
type Options struct {
	Store     *store.Store
	Client    client.Client
	Namespace string
	Settings  settings.Settings
	// StopTimeout is how long Stop waits for sends in flight; 0 is eleven minutes,
	// above the ten that a final dot may take (RFC 5321 §4.5.3.2.6).
	StopTimeout time.Duration
	// Mail are options of the SMTP pool, for tests.
	Mail []smtp.Option
}

// Engine is a worker with everything that it needs.
type Engine struct {
	// Activities are what the worker serves. A test may put a port of its own
	// behind one of them before Start.
	Activities Activities

	worker worker.Worker
	pool   *smtp.Pool
	stop   time.Duration
}

// Pollers is how many calls of a worker wait for tasks of each kind. When one is
// told that the server is busy, all of them pause until one succeeds; with the
// SDK's two, sick storage costs more than with more. docs/performance.md has the numbers.
const Pollers = 4

// New wires an engine; nothing runs before Start.
func New(o Options) *Engine {
	if o.StopTimeout == 0 {
		o.StopTimeout = 11 * time.Minute
	}
	pool := smtp.NewPool(o.Mail...)
	traffic := &activities.Traffic{}
	pace := activities.Pace{Ceiling: activities.NewCeiling(o.Settings.Rate)}
	outreach := &temporalio.Outreach{Client: o.Client, Namespace: o.Namespace, Retry: o.Settings.Retry}
	// Enrollments rest for days and their histories are short: no worker keeps them in
	// memory. What is woken goes to whoever is free, in its campaign's turn, where a
	// worker's own queue would let it wait for that worker and give it up after five
	// seconds, at two state transitions each. docs/performance.md has the numbers.
	worker.SetStickyWorkflowCacheSize(0)
	// What histories call the program that did a task. The SDK would write a
	// fingerprint of 32 digits into every other event, which says less to people.
	worker.SetBinaryChecksum(settings.Build())
	w := worker.New(o.Client, workflows.TaskQueue, worker.Options{
		WorkerStopTimeout:                  o.StopTimeout,
		MaxConcurrentActivityExecutionSize: 200,
		MaxConcurrentWorkflowTaskPollers:   Pollers,
		MaxConcurrentActivityTaskPollers:   Pollers,
		// However often a send beats, the server hears it at least twice before it gives the worker up.
		MaxHeartbeatThrottleInterval:     activities.HeartbeatTimeout / 3,
		DefaultHeartbeatThrottleInterval: activities.HeartbeatTimeout / 3,
		DeploymentOptions:                temporalio.Versioned(o.Settings.Deployment),
	})
	e := &Engine{worker: w, pool: pool, stop: o.StopTimeout, Activities: Activities{
		Emails:  &activities.Emails{Ledger: o.Store, Postman: postman{pool}, Traffic: traffic},
		Texts:   &activities.Texts{Ledger: o.Store, Texter: texter{smsClient(o.Settings.SMS)}, Traffic: traffic},
		Records: &activities.Records{Ledger: o.Store},
		Wakes:   &activities.Wakes{Outbox: o.Store, Messenger: outreach, Concurrency: 64, PageSize: 500, Traffic: traffic, Pace: pace},
		Starts:  &activities.Starts{Register: o.Store, Starter: outreach, Concurrency: 8, PageSize: 100, Traffic: traffic, Pace: pace},
	}}
	Register(w, e.Activities)
	return e
}

// Activities are the activity sets that a worker serves.
type Activities struct {
	Emails  *activities.Emails
	Texts   *activities.Texts
	Records *activities.Records
	Wakes   *activities.Wakes
	Starts  *activities.Starts
}

// Register names the workflows and activities to a worker, or to a test's
// environment.
func Register(registry worker.Registry, a Activities) {
	workflows.Register(registry)
	registry.RegisterActivity(a.Emails)
	registry.RegisterActivity(a.Texts)
	registry.RegisterActivity(a.Records)
	registry.RegisterActivity(a.Wakes)
	registry.RegisterActivity(a.Starts)
}

// Start begins to take work.
func (e *Engine) Start() error { return e.worker.Start() }

// Stop takes no new work, waits for the sends in flight and closes the SMTP
// connections.
func (e *Engine) Stop() {
	e.worker.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = e.pool.Close(ctx) // what does not close in time is closed by the end of the process
}

func smsClient(s settings.SMS) *sms.Client {
	if s.AccountSID == "" {
		return nil
	}
	return sms.New(sms.Config{BaseURL: s.URL, AccountSID: s.AccountSID, AuthToken: s.AuthToken, From: s.From})
}
