package activities_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// slowServer takes a tenth of a second for each call, and counts how many are
// under way: at most in the first second, and at most ever.
type slowServer struct {
	activities.Messenger
	mutex            sync.Mutex
	began            time.Time
	now, first, ever int
}

func (s *slowServer) call() {
	s.mutex.Lock()
	s.now++
	s.ever = max(s.ever, s.now)
	if time.Since(s.began) < time.Second {
		s.first = s.ever
	}
	s.mutex.Unlock()
	<-time.After(100 * time.Millisecond) // the bubble's time: nobody waits for it
	s.mutex.Lock()
	s.now--
	s.mutex.Unlock()
}

func (s *slowServer) StartEnrollment(context.Context, campaign.Campaign, campaign.Enrollee) (bool, error) {
	s.call()
	return true, nil
}

func (s *slowServer) Backlog(context.Context) (time.Duration, error) { return 0, nil }

func (s *slowServer) Resume(context.Context, campaign.Target, campaign.Resume) error {
	s.call()
	return nil
}

// fortyContacts is a database with forty contacts of the campaign huge, to be started or signalled.
type fortyContacts struct {
	activities.Outbox
	started, signalled int
}

func (f *fortyContacts) OpenEnrolls(context.Context, string) ([]campaign.OutboxEntry, error) {
	return []campaign.OutboxEntry{{ID: 1, Kind: campaign.OutboxEnroll, Campaign: "huge"}}, nil
}

func (f *fortyContacts) Unstarted(_ context.Context, _ campaign.OutboxEntry, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error) {
	var page []campaign.Enrollee
	for id := after + 1; id <= 40 && len(page) < limit; id++ {
		page = append(page, campaign.Enrollee{EnrollmentID: id})
	}
	return campaign.Campaign{Key: "huge"}, page, nil
}

func (f *fortyContacts) MarkStarted(_ context.Context, enrollees []campaign.Enrollee, _ bool) error {
	f.started += len(enrollees)
	return nil
}

func (f *fortyContacts) CloseIfStarted(context.Context, campaign.OutboxEntry) error { return nil }

func (f *fortyContacts) OpenEntries(context.Context) ([]campaign.OutboxEntry, error) {
	return []campaign.OutboxEntry{{ID: 2, Kind: campaign.OutboxFix, Cursor: int64(f.signalled)}}, nil
}

func (f *fortyContacts) Targets(_ context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error) {
	var page []campaign.Target
	for seq := entry.Cursor + 1; seq <= 40 && len(page) < limit; seq++ {
		page = append(page, campaign.Target{Seq: seq, Status: campaign.InError})
	}
	return page, nil
}

func (f *fortyContacts) AdvanceCursor(_ context.Context, _ campaign.OutboxEntry, page []campaign.Target) error {
	f.signalled += len(page)
	return nil
}

func (f *fortyContacts) CloseIfDrained(context.Context, campaign.OutboxEntry) error { return nil }

func (f *fortyContacts) FoldTally(context.Context) error { return nil }

type stepsCase struct {
	step            campaign.Attempt // is tried before
	parks           bool
	ago             time.Duration
	starts, signals int // calls under way in the first second
}

// steps are what the case's step has left behind.
func (c stepsCase) steps(t *testing.T) *activities.RecentSteps {
	t.Helper()
	steps, ledger := &activities.RecentSteps{}, newScript()
	if c.parks {
		ledger.facts.Account, ledger.held = nil, campaign.Held{Paused: true}
	}
	c.step.StepID = "intro"
	emails := &activities.Emails{Ledger: ledger, Postman: ledger, Steps: steps}
	execute(t, emails, emails.SendEmail, c.step)
	<-time.After(c.ago)
	return steps
}

func execute(t *testing.T, set, activity any, args ...any) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(set)
	_, err := env.ExecuteActivity(activity, args...)
	require.NoError(t, err)
}

// While other campaigns are active, a large campaign's starts and a fix's signals
// take few of their calls; a moment later, all of them again.
func TestManyCallsMakeRoomForLiveSteps(t *testing.T) {
	t.Parallel()
	const (
		startsAtOnce, yieldingStarts   = 8, 1
		signalsAtOnce, yieldingSignals = 16, 2
	)
	for name, c := range map[string]stepsCase{
		"a live step":                 {campaign.Attempt{CampaignKey: "small"}, false, 0, 1, 2},
		"a live step, a while ago":    {campaign.Attempt{CampaignKey: "small"}, false, 2 * time.Second, startsAtOnce, signalsAtOnce},
		"a live step of the same":     {campaign.Attempt{CampaignKey: "huge"}, false, 0, startsAtOnce, 2},
		"a step that cannot be done":  {campaign.Attempt{CampaignKey: "small"}, true, 0, startsAtOnce, signalsAtOnce},
		"a step that a fix has woken": {campaign.Attempt{CampaignKey: "small", Resume: &campaign.Resume{}}, false, 0, startsAtOnce, signalsAtOnce},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				database, server := &fortyContacts{}, &slowServer{}
				starts := &activities.Starts{Register: database, Starter: server, Concurrency: startsAtOnce, Yielding: yieldingStarts, PageSize: 20, Steps: c.steps(t)}
				server.began = time.Now()
				execute(t, starts, starts.StartEnrollments, "huge")
				require.Equal(t, 40, database.started)
				require.Equal(t, c.starts, server.first)
				require.Equal(t, startsAtOnce, server.ever)
			})
			synctest.Test(t, func(t *testing.T) {
				database, server := &fortyContacts{}, &slowServer{}
				wakes := &activities.Wakes{Outbox: database, Messenger: server, Concurrency: signalsAtOnce, Yielding: yieldingSignals, PageSize: 20, Steps: c.steps(t)}
				server.began = time.Now()
				execute(t, wakes, wakes.Wake)
				require.Equal(t, 40, database.signalled)
				require.Equal(t, c.signals, server.first)
			})
		})
	}
}

// interrupted is a Temporal that has one contact to signal when the activity is cancelled.
type interrupted struct {
	activities.Messenger
	cancel context.CancelFunc
}

func (i interrupted) Resume(context.Context, campaign.Target, campaign.Resume) error {
	i.cancel()
	return nil
}

// Law 3: a contact that still waits for room when the activity is cancelled has not
// been signalled, and its page is signalled again.
func TestAPageThatWaitsForRoomIsNotToldWhenItIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	database := &fortyContacts{}
	wakes := &activities.Wakes{Outbox: database, Messenger: interrupted{cancel: cancel}, Concurrency: 1, PageSize: 20, Steps: &activities.RecentSteps{}}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(workerOptions(ctx))
	env.RegisterActivity(wakes)
	_, err := env.ExecuteActivity(wakes.Wake)
	require.Error(t, err)
	require.Zero(t, database.signalled)
}
