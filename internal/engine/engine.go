package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"relance/activities"
	"relance/internal/mail/imap"
	"relance/internal/mail/smtp"
	"relance/internal/oauth"
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
	// IMAP are options of the connections that read mailboxes, for tests.
	IMAP []imap.Option
	// Log is for what the readers of mailboxes have to say; nil logs nothing.
	Log *slog.Logger
}

// Engine is a worker with everything that it needs.
type Engine struct {
	// Activities are what the worker serves. A test may put a port of its own
	// behind one of them before Start.
	Activities Activities

	worker    worker.Worker
	mailboxes worker.Worker // reads, with slots of its own
	pool      *smtp.Pool
	stop      time.Duration
	failed    chan error
}

// Pollers is how many calls of a worker wait for tasks of each kind. When the
// server tells one that it is busy, all of them pause until one succeeds; with the
// SDK's two, sick storage costs more than with more. docs/performance.md has the numbers.
const Pollers = 4

// What a worker does at once. docs/performance.md has the measurements: more send slots
// than these only wait for the mail servers' connections; more signals or starts at once
// make the server slower for every other step.
const (
	taskSlots      = 200  // workflow tasks under way
	firstTries     = 100  // of them, with a first try under way
	sendSlots      = 200  // sending activities under way
	wakeCalls      = 64   // signals under way
	yieldingWakes  = 8    // of them, while other campaigns have live steps
	wakePage       = 500  // signals between two looks at the outbox
	startCalls     = 32   // starts under way
	yieldingStarts = 1    // of them, while other campaigns have live steps
	startPage      = 100  // starts between two looks at the outbox
	turnCalls      = 16   // turns signalled at once
	turnsUnderWay  = 16   // turns signalled and not claimed yet, of accounts that give many at once
	yieldingTurns  = 1    // of each of these accounts, while other campaigns have live steps
	turnPage       = 100  // lines looked at in one transaction
	watchCalls     = 8    // descriptions of workflows under way
	watchPage      = 1000 // enrollments a minute that are looked at, of each kind
	quitTimeout    = 10 * time.Second
)

// answerGrace is above the twenty seconds after which a heartbeat is missed: a worker that
// was only slow has had its answer by then, mostly.
const answerGrace = 30 * time.Second

// New wires an engine; no work is taken before Start. It sets two variables of the SDK
// that are the whole process's: the size of the workflow cache (0), and the binary
// checksum (the build). A second engine of a process sets them to the same.
func New(o Options) *Engine {
	if o.StopTimeout == 0 {
		o.StopTimeout = 11 * time.Minute
	}
	tokens := oauth.NewSource(o.Store, o.Settings.OAuth)
	pool := smtp.NewPool(append([]smtp.Option{smtp.WithTokens(tokens.Token)}, o.Mail...)...)
	steps := &activities.RecentSteps{}
	pace := activities.Pace{Ceiling: activities.NewCeiling(o.Settings.Rate)}
	connection := &temporalio.Client{Client: o.Client, Namespace: o.Namespace, Retry: o.Settings.Retry, FirstTry: temporalio.FirstTry(o.Settings.Deployment)}
	first := &activities.FirstTries{Slots: make(chan struct{}, firstTries)}
	// Enrollments rest for days and their histories are short: no worker keeps them in
	// memory. What is woken goes to the next free worker, in its campaign's turn, where a
	// worker's own queue would let it wait for that worker and give it up after five
	// seconds, at two state transitions each. docs/performance.md has the numbers.
	worker.SetStickyWorkflowCacheSize(0)
	// What histories call the program that did a task. The SDK would write a
	// fingerprint of 32 digits into every other event, which says less to people.
	worker.SetBinaryChecksum(settings.Build() + workflows.FollowBuild)
	failed := make(chan error, 1)
	w := worker.New(o.Client, workflows.TaskQueue, worker.Options{
		OnFatalError: func(err error) {
			select {
			case failed <- err:
			default: // one is enough
			}
		},
		WorkerStopTimeout:                       o.StopTimeout,
		MaxConcurrentWorkflowTaskExecutionSize:  taskSlots,
		MaxConcurrentLocalActivityExecutionSize: taskSlots, // no first try waits for the SDK: see FirstTries
		MaxConcurrentActivityExecutionSize:      sendSlots,
		MaxConcurrentWorkflowTaskPollers:        Pollers,
		MaxConcurrentActivityTaskPollers:        Pollers,
		MaxHeartbeatThrottleInterval:            activities.HeartbeatThrottle,
		DeploymentOptions:                       temporalio.Versioned(o.Settings.Deployment),
	})
	mailboxes := worker.New(o.Client, workflows.MailboxTaskQueue, worker.Options{
		DisableWorkflowWorker:              true,
		WorkerStopTimeout:                  mailboxStop,
		MaxConcurrentActivityExecutionSize: mailboxSlots,
		MaxConcurrentActivityTaskPollers:   2,
		MaxHeartbeatThrottleInterval:       activities.HeartbeatTimeout / 3,
		DefaultHeartbeatThrottleInterval:   activities.HeartbeatTimeout / 3,
	})
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	reader := newMailboxReader(o.Store, o.Settings.Links(), tokens.Token, readerName(), log, o.IMAP...)
	reader.wake = connection.TriggerWake
	e := &Engine{worker: w, mailboxes: mailboxes, pool: pool, stop: o.StopTimeout, failed: failed, Activities: Activities{
		Emails:    &activities.Emails{Ledger: o.Store, Postman: postman{pool, o.Settings.Links()}, Steps: steps, First: first, Grace: answerGrace},
		Texts:     &activities.Texts{Ledger: o.Store, Texter: texter{smsClient(o.Settings.SMS)}, Steps: steps, First: first, Grace: answerGrace},
		Records:   &activities.Records{Ledger: o.Store},
		Wakes:     &activities.Wakes{Outbox: o.Store, Messenger: connection, Concurrency: wakeCalls, Yielding: yieldingWakes, PageSize: wakePage, Steps: steps, Pace: pace},
		Starts:    &activities.Starts{Register: o.Store, Starter: connection, Concurrency: startCalls, Yielding: yieldingStarts, PageSize: startPage, Steps: steps, Pace: pace},
		Turns:     &activities.Turns{Line: o.Store, Messenger: connection, By: settings.Build(), Concurrency: turnCalls, Accounts: turnPage, Room: activities.TurnRoom{UnderWay: turnsUnderWay, Yielding: yieldingTurns, Steps: steps}},
		Mailboxes: &activities.Mailboxes{Reader: reader, Register: o.Store, Starter: connection, Kept: o.Settings.InboundKept},
		Watch:     &activities.Watch{Roll: o.Store, Describer: connection, Concurrency: watchCalls, PageSize: watchPage, Again: 5 * time.Second},
	}}
	Register(w, e.Activities)
	mailboxes.RegisterActivityWithOptions(e.Activities.Mailboxes.ReadMailbox, activity.RegisterOptions{Name: workflows.ReadMailboxActivity})
	return e
}

// Activities are the activity sets that a worker serves.
type Activities struct {
	Emails    *activities.Emails
	Texts     *activities.Texts
	Records   *activities.Records
	Wakes     *activities.Wakes
	Starts    *activities.Starts
	Turns     *activities.Turns
	Watch     *activities.Watch
	Mailboxes *activities.Mailboxes
}

// Register registers the workflows and activities with a worker, or with a test's
// environment, by the names of the contract.
func Register(registry worker.Registry, a Activities) {
	workflows.Register(registry)
	for name, function := range map[string]any{
		workflows.SendEmailActivity:        a.Emails.SendEmail,
		workflows.SendSMSActivity:          a.Texts.SendSMS,
		workflows.RecordFailureActivity:    a.Records.RecordFailure,
		workflows.RecordDisenrollActivity:  a.Records.RecordDisenroll,
		workflows.WakeActivity:             a.Wakes.Wake,
		workflows.StartEnrollmentsActivity: a.Starts.StartEnrollments,
		workflows.StartFewActivity:         a.Starts.StartFew,
		workflows.FindEndedActivity:        a.Watch.FindEnded,
		workflows.GiveTurnsActivity:        a.Turns.GiveTurns,
		workflows.TendMailboxesActivity:    a.Mailboxes.TendMailboxes,
	} {
		registry.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
}

// Start begins to take work.
func (e *Engine) Start() error { return errors.Join(e.worker.Start(), e.mailboxes.Start()) }

// Failed receives the error for which Temporal gives the worker no more tasks, whatever it
// does: its namespace is gone, or its SDK is too old. The worker has stopped by itself.
func (e *Engine) Failed() <-chan error { return e.failed }

// Stop takes no new work, waits for the sends in flight and for the readers to leave their
// mailboxes, at the same time, and closes the SMTP connections.
func (e *Engine) Stop() {
	var stopping sync.WaitGroup
	stopping.Go(e.mailboxes.Stop)
	e.worker.Stop()
	stopping.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), quitTimeout)
	defer cancel()
	_ = e.pool.Close(ctx) // what does not close in time is closed by the end of the process
}

func smsClient(s settings.SMS) *sms.Client {
	if s.AccountSID == "" {
		return nil
	}
	return sms.New(sms.Config{BaseURL: s.URL, AccountSID: s.AccountSID, AuthToken: s.AuthToken, From: s.From})
}
