package activities_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
)

// script is a ledger and a postman on paper: it writes down the order in which
// it is called, and answers as a test says.
type script struct {
	mutex sync.Mutex
	calls []string

	facts    campaign.Facts
	claimed  campaign.Delivery
	held     campaign.Held    // of Hold, Fail and MarkUncertain
	checked  campaign.Finding // of the check that Hold was given last
	refusal  campaign.Refusal
	words    string             // that MarkSent or MarkUncertain were given last
	errs     map[string][]error // consumed one a call
	send     func(ctx context.Context, gate activities.Gate) (string, error)
	writeErr error
	turn     time.Duration // the line is long
	// factsWait is true when Facts ends with its context only.
	factsWait bool
	// holdWaits is true when Hold ends with its context only.
	holdWaits bool
	// stops is true when the worker stops.
	stops bool
	// unresumed is true when a park is open that the attempt has not resumed.
	unresumed bool
	// follows is the version by which the attempt's step was found; 0: it keeps its steps.
	follows int
	// next is what GoOn answers; the zero value: nothing else comes next.
	next campaign.Next
}

func (s *script) call(name string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.calls = append(s.calls, name)
	if errs := s.errs[name]; len(errs) > 0 {
		s.errs[name] = errs[1:]
		return errs[0]
	}
	return nil
}

func (s *script) Facts(ctx context.Context, _ campaign.Attempt) (campaign.Facts, error) {
	if s.factsWait {
		<-ctx.Done()
		return s.facts, errors.Join(s.call("facts"), ctx.Err())
	}
	return s.facts, s.call("facts")
}

func (s *script) Hold(ctx context.Context, _ campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	s.checked = check(s.facts)
	if s.holdWaits { // for a lock
		<-ctx.Done()
		return s.held, errors.Join(s.call("hold"), ctx.Err())
	}
	return s.held, s.call("hold")
}

func (s *script) Claim(_ context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	delivery := s.claimed
	if delivery.State == "" {
		delivery = campaign.Delivery{StepID: attempt.StepID, Visit: attempt.Visit, State: campaign.Reserved, Epoch: 1, Draft: draft}
	}
	return delivery, s.call("claim")
}

func (s *script) Gate(context.Context, campaign.Delivery) error { return s.call("gate") }

func (s *script) MarkSent(ctx context.Context, _ campaign.Attempt, _ campaign.Delivery, words string) error {
	s.words = words
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.call("sent")
}

func (s *script) Fail(ctx context.Context, _ campaign.Attempt, _ campaign.Delivery, refusal campaign.Refusal, _ campaign.Check) (campaign.Held, error) {
	if ctx.Err() != nil {
		return campaign.Held{}, ctx.Err()
	}
	s.refusal = refusal
	return s.held, s.call("fail")
}

func (s *script) MarkUncertain(_ context.Context, _ campaign.Attempt, _ campaign.Delivery, problem failure.Problem) (campaign.Held, error) {
	s.words = problem.Detail
	return s.held, s.call("uncertain")
}

func (s *script) AwaitLook(context.Context, string, time.Time, time.Duration) (bool, error) {
	return false, nil
}

func (*script) AcceptNotSent(context.Context, campaign.Attempt) error { return nil }

func (s *script) AcceptSent(context.Context, campaign.Attempt, bool) (campaign.Delivery, bool, error) {
	return campaign.Delivery{State: campaign.Sent}, !s.unresumed, s.call("receipt")
}

func (s *script) GoOn(context.Context, campaign.Attempt) (campaign.Next, bool, error) {
	return s.next, s.next != (campaign.Next{}), s.call("go on")
}

func (s *script) Record(context.Context, campaign.Attempt, failure.Problem) (campaign.Held, error) {
	return s.held, s.call("record")
}

func (s *script) Disenroll(context.Context, int64, int, string, string) (campaign.Status, error) {
	return campaign.Disenrolled, s.call("disenroll")
}

func (s *script) Write(campaign.Facts, campaign.Step) (activities.Email, error) {
	return activities.Email{Subject: "Hi"}, s.writeErr
}

func (s *script) NewDraft(campaign.Facts, activities.Email) campaign.Draft {
	return campaign.Draft{Kind: campaign.Email, MessageID: "m@northwind.example"}
}

func (s *script) Reserve(context.Context, campaign.EmailAccount, time.Duration) (activities.Connection, time.Duration, error) {
	return s, s.turn, nil
}

func (s *script) Release() {}

func (s *script) Send(ctx context.Context, _ campaign.Delivery, _ activities.Email, gate activities.Gate) (string, error) {
	if err := s.call("send"); err != nil {
		return "", err
	}
	if s.send != nil {
		return s.send(ctx, gate)
	}
	if err := gate(ctx); err != nil {
		return "", err
	}
	return "250 ok", s.call("dot")
}

func newScript() *script {
	return &script{errs: map[string][]error{}, facts: campaign.Facts{
		Status:   campaign.Active,
		Campaign: campaign.Campaign{Key: "q4", Sender: "maya@northwind.example", Steps: []campaign.Step{{ID: "intro", Kind: campaign.Email}}},
		Contact:  campaign.Contact{ID: 17, Email: "ada@contoso.example"},
		Account:  &campaign.EmailAccount{Address: "maya@northwind.example", Status: campaign.AccountConnected},
		Billing:  campaign.Billing{Unlimited: true},
	}}
}

// attempt runs one attempt; the worker lives as long as ctx, nil for ever.
func (s *script) attempt(t *testing.T, ctx context.Context) (activities.Result, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	emails := &activities.Emails{Ledger: s, Postman: s}
	env.RegisterActivity(emails)
	if ctx != nil {
		env.SetWorkerOptions(workerOptions(ctx))
	}
	if s.stops {
		stop := make(chan struct{})
		close(stop)
		env.SetWorkerStopChannel(stop)
	}
	attempt := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 17, StepID: "intro", Visit: 1}
	if s.follows > 0 {
		attempt.Follows, attempt.Version, attempt.Kind = true, s.follows, campaign.Email
	}
	value, err := env.ExecuteActivity(emails.SendEmail, attempt)
	if err != nil {
		return activities.Result{}, err
	}
	var result activities.Result
	require.NoError(t, value.Get(&result))
	return result, nil
}

func application(t *testing.T, err error) *temporal.ApplicationError {
	t.Helper()
	var reported *temporal.ApplicationError
	require.ErrorAs(t, err, &reported)
	return reported
}

// Law 1: claim, then everything but the dot, then the gate, then the dot.
func TestTheOrderOfASend(t *testing.T) {
	t.Parallel()
	s := newScript()
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Done, result.Outcome)
	require.Equal(t, "m@northwind.example", result.MessageID)
	require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent"}, s.calls)
}

// A long line is waited for by a timer, not by a worker: nothing is claimed.
func TestALongLineIsComeBackTo(t *testing.T) {
	t.Parallel()
	s := newScript()
	until := s.facts.Now.Add(time.Minute)
	s.turn, s.held = time.Minute, campaign.Held{Until: until}
	result, err := s.attempt(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Result{Outcome: activities.Waiting, Until: until}, result)
	require.Equal(t, []string{"facts", "hold"}, s.calls)
}

func TestAGateThatStaysShut(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.errs["gate"] = []error{campaign.ErrSuperseded}
	_, err := s.attempt(t, nil)
	reported := application(t, err)
	require.False(t, reported.NonRetryable())
	require.Equal(t, []string{"facts", "claim", "send", "gate"}, s.calls, "it is another attempt's: nothing is settled")

	// The database was lost while it was asked: the gate may be open, and no dot was sent.
	s = newScript()
	s.errs["gate"] = []error{errors.New("connection reset by peer")}
	_, err = s.attempt(t, nil)
	reported = application(t, err)
	require.False(t, reported.NonRetryable())
	require.Equal(t, string(failure.SendingFailed), reported.Type())
	require.Equal(t, []string{"facts", "claim", "send", "gate", "fail"}, s.calls, "settled as unsent, so that nothing is uncertain")
	require.Nil(t, s.refusal.Problem)
	require.False(t, s.refusal.Final)
}

// Law 4: what the server has answered is not thrown away with the database, nor with the worker.
func TestASettlementIsTriedUntilTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	away := errors.New("the database system is starting up")
	for _, stops := range []bool{false, true} {
		s := newScript()
		s.stops = stops
		s.errs["sent"] = []error{away, away}
		result, err := s.attempt(t, nil)
		require.NoError(t, err)
		require.Equal(t, activities.Done, result.Outcome)
		require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent", "sent", "sent"}, s.calls, "one dot, three tries to write it down")
	}

	// The answer came after the delivery was given up: the next look says so, this one is not done.
	s := newScript()
	s.errs["sent"] = []error{campaign.ErrLate}
	_, err := s.attempt(t, nil)
	require.False(t, application(t, err).NonRetryable())
	require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent"}, s.calls)
}

func TestAnUnansweredDotIsUncertain(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.send = func(ctx context.Context, gate activities.Gate) (string, error) {
		require.NoError(t, gate(ctx))
		return "", &activities.Unanswered{Words: "cut", Err: errors.New("EOF")}
	}
	s.held.Parked = &failure.Parked{ParkID: 3, Problem: failure.Problem{Code: failure.DeliveryUncertain}}
	_, err := s.attempt(t, nil)
	reported := application(t, err)
	require.True(t, reported.NonRetryable())
	require.Equal(t, string(failure.DeliveryUncertain), reported.Type())
	require.Equal(t, []string{"facts", "claim", "send", "gate", "uncertain"}, s.calls)

	for _, state := range []campaign.DeliveryState{campaign.OnWire, campaign.Uncertain} {
		s := newScript()
		s.facts.Delivery, s.held.Parked = &campaign.Delivery{State: state, Visit: 1}, &failure.Parked{ParkID: 3, Problem: failure.Problem{Code: failure.DeliveryUncertain}}
		_, err := s.attempt(t, nil)
		require.True(t, application(t, err).NonRetryable())
		require.Equal(t, []string{"facts", "uncertain"}, s.calls, "found at %s: nothing is sent", state)
	}
}

// Law 6: the machine never tries a configuration problem again, and always an unknown one.
func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.facts.Contact.Email = ""
	s.held.Parked = &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.ContactHasNoEmail}}
	_, err := s.attempt(t, nil)
	reported := application(t, err)
	require.True(t, reported.NonRetryable())
	require.Equal(t, string(failure.ContactHasNoEmail), reported.Type())
	parked, ok := failure.ParkedFrom(err)
	require.True(t, ok)
	require.Equal(t, 1, parked.ParkID)
	require.Equal(t, []string{"facts", "hold"}, s.calls, "no claim, no connection")

	for _, at := range []string{"facts", "claim", "send"} {
		s := newScript()
		s.errs[at] = []error{errors.New("nobody knows")}
		_, err := s.attempt(t, nil)
		reported := application(t, err)
		require.False(t, reported.NonRetryable(), at)
		require.Equal(t, string(failure.SendingFailed), reported.Type(), at)
	}

	s = newScript()
	s.errs["send"] = []error{&activities.NotAccepted{Verdict: verdict.Transient, Words: "451 later", RetryAfter: time.Minute}}
	_, err = s.attempt(t, nil)
	require.False(t, application(t, err).NonRetryable())
	require.Equal(t, []string{"facts", "claim", "send", "fail"}, s.calls)
}

// Law 3: a park that a lost answer has written is reported, whatever the facts say now.
func TestAnOpenParkIsTold(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.facts.Status, s.facts.ParkID = campaign.InError, 1
	s.held.Parked = &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.ContactHasNoEmail}}
	_, err := s.attempt(t, nil)
	require.Equal(t, string(failure.ContactHasNoEmail), application(t, err).Type())
	require.Equal(t, []string{"facts", "hold"}, s.calls)
}

func TestACallerThatGivesUpBeforeTheGate(t *testing.T) {
	t.Parallel()
	s := newScript()
	ctx, cancel := context.WithCancel(context.Background())
	s.send = func(ctx context.Context, gate activities.Gate) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}
	_, err := s.attempt(t, ctx)
	require.Error(t, err)
	require.Equal(t, []string{"facts", "claim", "send"}, s.calls, "no gate, no dot, and nothing settled as sent")
}

func workerOptions(ctx context.Context) worker.Options {
	return worker.Options{BackgroundActivityContext: ctx}
}

// Law 2: the uncertain delivery has parked, and the answer came late: the workflow
// may wait at that park already, and learns of it before the step counts as done.
func TestAParkIsToldBeforeTheReceipt(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.facts.Status, s.facts.ParkID, s.facts.Delivery = campaign.InError, 1, &campaign.Delivery{State: campaign.Sent, Visit: 1}
	s.unresumed, s.held.Parked = true, &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.DeliveryUncertain}}
	_, err := s.attempt(t, nil)
	require.Equal(t, string(failure.DeliveryUncertain), application(t, err).Type())
	require.Equal(t, []string{"facts", "receipt", "hold"}, s.calls)
}

// TestWordsThatCannotBeKept: an answer is settled by its meaning when the database will
// never take its words; it is not tried again until the activity's time is over.
func TestWordsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	refuse := func(context.Context, activities.Gate) (string, error) {
		return "", &activities.NotAccepted{Verdict: verdict.HardBounce, Words: "550 odd"}
	}
	unanswered := func(ctx context.Context, gate activities.Gate) (string, error) {
		return "", errors.Join(gate(ctx), &activities.Unanswered{Words: "odd"})
	}
	for write, c := range map[string]struct {
		send func(context.Context, activities.Gate) (string, error)
		held campaign.Held
	}{
		"sent":      {nil, campaign.Held{}},
		"fail":      {refuse, campaign.Held{Parked: &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.EmailAlreadyBounced}}}},
		"uncertain": {unanswered, campaign.Held{Parked: &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.DeliveryUncertain}}}},
	} {
		t.Run(write, func(t *testing.T) {
			t.Parallel()
			s := newScript()
			s.send, s.held = c.send, c.held
			s.errs[write] = []error{fmt.Errorf("%w: 22021", campaign.ErrUnstorable)}
			_, err := s.attempt(t, nil)
			if write == "sent" {
				require.NoError(t, err)
			} else {
				require.Equal(t, string(c.held.Parked.Problem.Code), application(t, err).Type())
			}
			require.Contains(t, s.words+s.refusal.Bounced, "cannot be written down")
			require.NotContains(t, s.words+s.refusal.Bounced, "odd")
			require.Equal(t, []string{write, write}, s.calls[len(s.calls)-2:])
		})
	}
}

// What the classifier knows is in the park's note beside the server's words, and the
// ledger keeps the words alone.
func TestTheNoteHasTheMeaningBesideTheWords(t *testing.T) {
	t.Parallel()
	const detail = "550 5.1.1 no – the server says that this mailbox does not exist"
	for v, said := range map[verdict.Verdict]func(campaign.Refusal) string{
		verdict.HardBounce:   func(r campaign.Refusal) string { return r.Bounced },
		verdict.AccountError: func(r campaign.Refusal) string { return r.AccountError },
		verdict.PolicyBlock:  func(r campaign.Refusal) string { return r.Problem.Detail },
	} {
		s := newScript()
		s.held = campaign.Held{Parked: &failure.Parked{ParkID: 1, Problem: failure.Problem{Code: failure.SendingFailed}}}
		s.send = func(context.Context, activities.Gate) (string, error) {
			return "", &activities.NotAccepted{Verdict: v, Words: "550 5.1.1 no", Meaning: "the server says that this mailbox does not exist"}
		}
		_, err := s.attempt(t, nil)
		require.Error(t, err)
		require.Equal(t, detail, said(s.refusal))
		require.Equal(t, "550 5.1.1 no", s.refusal.Reply)
		apart := &failure.Words{Said: "550 5.1.1 no", Meaning: "the server says that this mailbox does not exist"}
		require.Equal(t, apart, s.refusal.Words)
		if s.refusal.Problem != nil {
			require.Equal(t, apart, s.refusal.Problem.Words)
		}
	}
	s := newScript()
	s.send = func(context.Context, activities.Gate) (string, error) {
		return "", &activities.NotAccepted{Verdict: verdict.Transient, Words: "550 5.1.1 no", Meaning: "the server says that this mailbox does not exist"}
	}
	_, err := s.attempt(t, nil)
	require.ErrorContains(t, err, detail, "the last failure of the pending activity, in the Web UI")
	require.Equal(t, &failure.Words{Said: "550 5.1.1 no", Meaning: "the server says that this mailbox does not exist"}, failure.ProblemFrom(err).Words, "for the park after the last try")
}

// An attempt of a round before is no attempt of this one, whatever this one has delivered (law 1).
func TestAnAttemptOfARoundBeforeIsOver(t *testing.T) {
	t.Parallel()
	for _, delivery := range []*campaign.Delivery{nil, {State: campaign.Failed, Visit: 2}, {State: campaign.Sent, Visit: 2}, {State: campaign.OnWire, Visit: 2}} {
		for _, follows := range []int{0, 1} {
			s := newScript()
			s.facts.VisitBase, s.facts.Delivery, s.follows = 1, delivery, follows
			s.facts.Campaign.Version = 2
			result, err := s.attempt(t, nil)
			require.NoError(t, err)
			require.Equal(t, activities.Result{Outcome: activities.Ended}, result)
			require.Equal(t, []string{"facts"}, s.calls)
		}
	}
}
