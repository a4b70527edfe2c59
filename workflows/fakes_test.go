package workflows_test

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/workflows"
)

// ledger is a scripted stand-in for the database: it holds one enrollment's
// facts, which a test changes as an operator would, and keeps the ledger's rules.
type ledger struct {
	mutex      sync.Mutex
	facts      campaign.Facts
	deliveries map[string]*campaign.Delivery
	parks      []failure.Parked
	resumes    []campaign.Resume
	settled    []campaign.Attempt // those of the messages that were sent
	disenrolls []string
	rounds     []int           // the first visits of the rounds that disenrolls end
	ended      campaign.Status // how it has ended already; empty: it has not
	held       int             // how often Hold was asked
	broken     int             // so many reads fail before the next one succeeds
	moved      []campaign.Next // where GoOn has led
	leaving    func() error    // runs before a disenrollment is written down, which its error prevents
	onSent     func()          // runs when a message has been settled, before the workflow hears of it
}

func (l *ledger) with(change func(*campaign.Facts)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	change(&l.facts)
}

func (l *ledger) key(attempt campaign.Attempt) string {
	return attempt.StepID + "/" + string(rune('0'+attempt.Visit))
}

func (l *ledger) Facts(_ context.Context, attempt campaign.Attempt) (campaign.Facts, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.broken > 0 {
		l.broken--
		return campaign.Facts{}, context.DeadlineExceeded
	}
	facts := l.facts
	if delivery := l.deliveries[l.key(attempt)]; delivery != nil {
		held := *delivery
		facts.Delivery = &held
	}
	if open := l.openPark(attempt); open != nil {
		facts.Status, facts.ParkID = campaign.InError, open.ParkID
	}
	return facts, nil
}

func (l *ledger) parked() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.parks)
}

// openPark is the park that the attempt has not resumed.
func (l *ledger) openPark(attempt campaign.Attempt) *failure.Parked {
	if len(l.parks) == 0 || l.parks[len(l.parks)-1].ParkID <= attempt.ResumedPark {
		return nil
	}
	return &l.parks[len(l.parks)-1]
}

func (l *ledger) Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	facts, err := l.Facts(ctx, attempt)
	if err != nil {
		return campaign.Held{}, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.held++
	if open := l.openPark(attempt); open != nil {
		return campaign.Held{Parked: open}, nil
	}
	finding := check(facts)
	if finding.Problem != nil {
		return l.park(attempt, *finding.Problem), nil
	}
	return campaign.Held{Paused: finding.Paused, Until: finding.Until, InLine: finding.Place != nil}, nil
}

func (l *ledger) GoOn(ctx context.Context, attempt campaign.Attempt) (campaign.Next, bool, error) {
	facts, err := l.Facts(ctx, attempt)
	if err != nil {
		return campaign.Next{}, false, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.openPark(attempt) != nil {
		return campaign.Next{}, false, nil
	}
	next, isThis := facts.Coming(attempt)
	if !isThis {
		l.moved = append(l.moved, next)
	}
	return next, !isThis, nil
}

// had notes a message that was sent; the lock is the caller's.
func (l *ledger) had(attempt campaign.Attempt, delivery *campaign.Delivery) {
	delivery.State, delivery.WireAt = campaign.Sent, l.facts.Now
	l.facts.Had = append(l.facts.Had, campaign.Sending{
		StepID: attempt.StepID, Kind: delivery.Kind, At: l.facts.Now, WireAt: l.facts.Now, Due: attempt.Due,
	})
}

func (l *ledger) park(attempt campaign.Attempt, problem failure.Problem) campaign.Held {
	if attempt.Resume != nil && len(l.resumes) < len(l.parks) {
		l.resumes = append(l.resumes, *attempt.Resume)
	}
	parked := failure.Parked{Problem: problem, ParkID: len(l.parks) + 1, Since: l.facts.Now}
	l.parks = append(l.parks, parked)
	return campaign.Held{Parked: &parked}
}

func (l *ledger) Claim(_ context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if attempt.Resume != nil {
		l.resumes = append(l.resumes, *attempt.Resume)
	}
	if attempt.Follows && draft.Version != l.facts.Campaign.Version {
		return campaign.Delivery{}, campaign.ErrEdited
	}
	delivery := l.deliveries[l.key(attempt)]
	if delivery == nil {
		delivery = &campaign.Delivery{EnrollmentID: attempt.EnrollmentID, StepID: attempt.StepID, Visit: attempt.Visit, Draft: draft}
		l.deliveries[l.key(attempt)] = delivery
	}
	delivery.Epoch++
	delivery.State = campaign.Reserved
	return *delivery, nil
}

func (l *ledger) Gate(_ context.Context, delivery campaign.Delivery) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.find(delivery).State = campaign.OnWire
	return nil
}

func (l *ledger) find(delivery campaign.Delivery) *campaign.Delivery {
	return l.deliveries[l.key(campaign.Attempt{StepID: delivery.StepID, Visit: delivery.Visit})]
}

func (l *ledger) MarkSent(_ context.Context, attempt campaign.Attempt, delivery campaign.Delivery, _ string) error {
	if l.onSent != nil {
		defer l.onSent()
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.settled = append(l.settled, attempt)
	l.had(attempt, l.find(delivery))
	if attempt.Follows && attempt.Next.Version != l.facts.Campaign.Version {
		return campaign.ErrEdited
	}
	return nil
}

func (l *ledger) Fail(_ context.Context, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal, check campaign.Check) (campaign.Held, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.find(delivery).State = campaign.Reserved
	if refusal.Bounced != "" {
		l.facts.Bounced, l.facts.BounceReason = true, refusal.Bounced
	}
	if refusal.AccountError != "" {
		l.facts.Account.Status, l.facts.Account.Reason = campaign.AccountInError, refusal.AccountError
	}
	if refusal.RestFor > 0 {
		l.facts.Account.RestingUntil = l.facts.Now.Add(refusal.RestFor)
	}
	if refusal.Problem != nil {
		return l.park(attempt, *refusal.Problem), nil
	}
	if !refusal.ChangesFacts() {
		return campaign.Held{}, nil
	}
	finding := check(l.facts)
	if finding.Problem != nil {
		return l.park(attempt, *finding.Problem), nil
	}
	return campaign.Held{Until: finding.Until}, nil
}

func (l *ledger) MarkUncertain(_ context.Context, attempt campaign.Attempt, delivery campaign.Delivery, problem failure.Problem) (campaign.Held, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.find(delivery).State = campaign.Uncertain
	if open := l.openPark(attempt); open != nil {
		return campaign.Held{Parked: open}, nil
	}
	return l.park(attempt, problem), nil
}

func (*ledger) AwaitLook(context.Context, string, time.Time, time.Duration) (bool, error) {
	return false, nil
}

func (*ledger) AcceptNotSent(context.Context, campaign.Attempt) error { return nil }

func (l *ledger) AcceptSent(_ context.Context, attempt campaign.Attempt, assume bool) (campaign.Delivery, bool, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delivery := l.deliveries[l.key(attempt)]
	if delivery == nil {
		return campaign.Delivery{}, false, nil
	}
	if assume && delivery.State == campaign.Uncertain {
		l.had(attempt, delivery)
	}
	return *delivery, delivery.State == campaign.Sent, nil
}

func (l *ledger) Record(_ context.Context, attempt campaign.Attempt, problem failure.Problem) (campaign.Held, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.park(attempt, problem), nil
}

func (l *ledger) Disenroll(_ context.Context, _ int64, firstVisit int, reason, _ string) (campaign.Status, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.leaving != nil {
		if err := l.leaving(); err != nil {
			return "", err
		}
	}
	l.disenrolls, l.rounds = append(l.disenrolls, reason), append(l.rounds, firstVisit)
	return cmp.Or(l.ended, campaign.Disenrolled), nil
}

// postman is a mail server on paper: it accepts, unless an answer is scripted.
type postman struct {
	mutex    sync.Mutex
	accepted []string // step ids in the order of acceptance
	answers  []error  // consumed one a transmission; nil accepts
	during   func()   // runs while the message is being transmitted
}

func (p *postman) Write(campaign.Facts, campaign.Step) (activities.Email, error) {
	return activities.Email{Subject: "Hi", Text: "Hello"}, nil
}

func (p *postman) NewDraft(facts campaign.Facts, email activities.Email) campaign.Draft {
	return campaign.Draft{Kind: campaign.Email, Recipient: facts.Contact.Email, Subject: email.Subject, MessageID: "m@northwind.example"}
}

func (p *postman) Reserve(context.Context, campaign.EmailAccount, time.Duration) (activities.Connection, time.Duration, error) {
	return p, 0, nil
}

func (p *postman) Release() {}

func (p *postman) Send(ctx context.Context, delivery campaign.Delivery, _ activities.Email, gate activities.Gate) (string, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.during != nil {
		p.during()
	}
	var answer error
	if len(p.answers) > 0 {
		answer, p.answers = p.answers[0], p.answers[1:]
	}
	if err := gate(ctx); err != nil {
		return "", err
	}
	if answer != nil {
		return "", answer
	}
	p.accepted = append(p.accepted, delivery.StepID)
	return "250 2.0.0 accepted", nil
}

// bundle is one enrollment in the SDK's test environment.
type bundle struct {
	env     *testsuite.TestWorkflowEnvironment
	ledger  *ledger
	postman *postman
	input   workflows.EnrollmentInput
	start   time.Time // of this run
}

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// setupFunc sets up an enrollment of these steps; of one email when there are none.
type setupFunc func(t *testing.T, steps ...campaign.Step) *bundle

// shapes set up an enrollment with the input that this release starts enrollments with,
// and with those of the releases before: steps that are kept, and every try left to an activity.
var shapes = map[string]setupFunc{
	"follows":               following(workflows.FirstTryBuild),
	"follows, activities":   following(""),
	"first try in the task": shaped(workflows.FirstTryBuild),
	"activities only":       shaped(""),
}

// following sets up an enrollment that follows its campaign.
func following(firstTry string) setupFunc {
	return func(t *testing.T, steps ...campaign.Step) *bundle {
		t.Helper()
		b := shaped(firstTry)(t, steps...)
		first := b.ledger.facts.Campaign.Path().Ahead(nil).Next(-1, 1)
		b.input.First, b.input.Steps = &first, workflows.FollowSteps(first.StepID)
		return b
	}
}

func shaped(firstTry string) setupFunc {
	return func(t *testing.T, steps ...campaign.Step) *bundle {
		t.Helper()
		b := newBundle(t, steps...)
		b.input.FirstTry = firstTry
		return b
	}
}

func newBundle(t *testing.T, steps ...campaign.Step) *bundle {
	t.Helper()
	if len(steps) == 0 {
		steps = []campaign.Step{{ID: "intro", Kind: campaign.Email, Subject: "Hi", Body: "Hello"}}
	}
	var suite testsuite.WorkflowTestSuite
	b := &bundle{env: suite.NewTestWorkflowEnvironment(), postman: &postman{}, start: now}
	b.ledger = &ledger{deliveries: map[string]*campaign.Delivery{}, facts: campaign.Facts{
		Status: campaign.Active, Now: now,
		Began:    now,
		Campaign: campaign.Campaign{Version: 1, Key: "q4", Name: "Q4", Owner: "maya", Sender: "maya@northwind.example", Steps: steps},
		Contact:  campaign.Contact{ID: 17, FirstName: "Ada", Email: "ada@contoso.example"},
		Owner:    campaign.User{Key: "maya", Name: "Maya", Phone: "+32475000001"},
		Account:  &campaign.EmailAccount{Address: "maya@northwind.example", Status: campaign.AccountConnected},
		Billing:  campaign.Billing{Unlimited: true},
	}}
	b.env.SetStartTime(now)
	b.env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute}) // a busy machine is no deadlock
	b.env.RegisterWorkflowWithOptions(workflows.Enrollment, workflow.RegisterOptions{Name: workflows.EnrollmentType})
	b.env.RegisterActivity(&activities.Emails{Ledger: b.ledger, Postman: b.postman})
	b.env.RegisterActivity(&activities.Texts{Ledger: b.ledger})
	b.env.RegisterActivity(&activities.Records{Ledger: b.ledger})
	b.input = workflows.EnrollmentInput{
		CampaignKey: "q4", ContactID: 17, EnrollmentID: 1, Steps: campaign.Plans(steps),
		Retry: campaign.Retry{Initial: time.Second, Factor: 2, Max: 4 * time.Second, Attempts: 3},
	}
	return b
}

func (b *bundle) run() { b.env.ExecuteWorkflow(workflows.EnrollmentType, b.input) }

// after schedules what an operator does at a time of the workflow's clock.
func (b *bundle) after(delay time.Duration, do func()) { b.env.RegisterDelayedCallback(do, delay) }

func (b *bundle) state(t *testing.T) workflows.State {
	t.Helper()
	value, err := b.env.QueryWorkflow(workflows.EnrollmentQuery)
	if err != nil {
		t.Fatal(err)
	}
	var state workflows.State
	if err := value.Get(&state); err != nil {
		t.Fatal(err)
	}
	return state
}
