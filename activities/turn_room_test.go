package activities_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// openedLine is the line right after windows have opened: every turn is granted. What is signalled is
// claimed claimsIn later.
type openedLine struct {
	mutex     sync.Mutex
	turns     []campaign.GivenTurn
	claimsIn  time.Duration
	signalled map[int64]time.Time
	gone      map[int64]bool // they cannot be signalled
	behind    []int64
	most      map[string]int // under way at once, of each account
	dead      []string       // calls that do not answer the first time: the other end of the connection is gone
	all       func()         // is called when all have claimed that can
}

func (l *openedLine) answers(ctx context.Context, call string) error {
	l.mutex.Lock()
	at := slices.Index(l.dead, call)
	if at >= 0 {
		l.dead = slices.Delete(l.dead, at, at+1)
	}
	l.mutex.Unlock()
	if at >= 0 {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (l *openedLine) claimed(id int64) bool {
	at, ok := l.signalled[id]
	return ok && time.Since(at) >= l.claimsIn
}

func (l *openedLine) underWay(account string) (count int) {
	for _, turn := range l.turns {
		if at, ok := l.signalled[turn.EnrollmentID]; ok && turn.Account == account && !l.claimed(turn.EnrollmentID) && time.Since(at) < 3*time.Second {
			count++
		}
	}
	return count
}

func (l *openedLine) TurnsToSignal(ctx context.Context, limit int) (due []campaign.GivenTurn, err error) {
	if err := l.answers(ctx, "list"); err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	rank := map[string]int{}
	left := 0
	for _, turn := range l.turns {
		id := turn.EnrollmentID
		if !l.claimed(id) && !l.gone[id] {
			left++
		}
		if _, ok := l.signalled[id]; !ok && len(due) < limit {
			turn.UnderWay = l.underWay(turn.Account)
			due = append(due, turn)
		}
	}
	if left == 0 {
		l.all()
	}
	slices.SortStableFunc(due, func(a, b campaign.GivenTurn) int {
		return slices.Index(l.behind, a.EnrollmentID) - slices.Index(l.behind, b.EnrollmentID)
	})
	ranks := make(map[int64]int, len(due))
	for _, turn := range due {
		ranks[turn.EnrollmentID] = rank[turn.Account]
		rank[turn.Account]++
	}
	slices.SortStableFunc(due, func(a, b campaign.GivenTurn) int { return ranks[a.EnrollmentID] - ranks[b.EnrollmentID] })
	return due, nil
}

func (l *openedLine) Turn(_ context.Context, turn campaign.GivenTurn) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.gone[turn.EnrollmentID] {
		return errors.New("the history of this workflow takes no more signals")
	}
	l.signalled[turn.EnrollmentID] = time.Now()
	l.most[turn.Account] = max(l.most[turn.Account], l.underWay(turn.Account))
	return nil
}

func (l *openedLine) TurnsFailed(_ context.Context, turns []campaign.GivenTurn) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, turn := range turns {
		l.behind = append(l.behind, turn.EnrollmentID)
	}
	return nil
}

func (l *openedLine) GiveTurns(ctx context.Context, _ int) (time.Duration, []time.Duration, error) {
	return time.Second, nil, l.answers(ctx, "give")
}

func (l *openedLine) TendLine(ctx context.Context) (int64, error) { return 0, l.answers(ctx, "tend") }

func (l *openedLine) TurnsSignalled(ctx context.Context, _ []campaign.GivenTurn, _ []int64) error {
	return l.answers(ctx, "note")
}
func (l *openedLine) TurnsAreGiven(context.Context, string) error { return nil }

// opened are so many turns of a campaign's sender.
func (l *openedLine) opened(campaignKey, account string, count int) {
	for range count {
		l.turns = append(l.turns, campaign.GivenTurn{EnrollmentID: int64(len(l.turns) + 1), CampaignKey: campaignKey, Account: account, Turn: 1})
	}
}

// given has a giver at work until everybody has claimed, and returns after how long the last was signalled.
func (l *openedLine) given(t *testing.T, steps *activities.RecentSteps) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.all, l.signalled, l.most = cancel, map[int64]time.Time{}, map[string]int{}
	turns := &activities.Turns{Line: l, Messenger: l, Concurrency: 16, Accounts: 100, Room: activities.TurnRoom{UnderWay: 12, Yielding: 1, Steps: steps}}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Hour)
	env.SetWorkerOptions(workerOptions(ctx))
	env.RegisterActivity(turns)
	began := time.Now()
	_, err := env.ExecuteActivity(turns.GiveTurns)
	require.ErrorIs(t, ctx.Err(), context.Canceled, "nobody is left: %v", err)
	return slices.MaxFunc(slices.Collect(maps.Values(l.signalled)), time.Time.Compare).Sub(began)
}

// When windows open, few turns are under way at once: as many as keep workers busy, and one of
// each account while other campaigns have live steps. Their own, and those of each other, are
// no others.
func TestAnOpeningMakesRoomForLiveSteps(t *testing.T) {
	t.Parallel()
	const claimsIn = 50 * time.Millisecond
	for name, c := range map[string]struct {
		live string
		two  bool
		most int
	}{
		"alone":                           {"", false, 12},
		"beside a live step":              {"small", false, 1},
		"beside a live step of its own":   {"huge", false, 12},
		"two at once":                     {"", true, 6},
		"two at once, one has live steps": {"vast", true, 6},
		"two beside a live step":          {"small", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				steps := &activities.RecentSteps{}
				if c.live != "" {
					steps = stepsCase{step: campaign.Attempt{CampaignKey: c.live}}.steps(t)
				}
				l := &openedLine{claimsIn: claimsIn}
				l.opened("huge", "huge@northwind.example", 24)
				if c.two {
					l.opened("vast", "vast@northwind.example", 24)
				}
				took := l.given(t, steps)
				require.Equal(t, c.most, l.most["huge@northwind.example"])
				if c.two {
					require.Equal(t, c.most, l.most["vast@northwind.example"])
				}
				require.LessOrEqual(t, took, time.Duration(24/c.most)*(claimsIn+20*time.Millisecond), "the next follow as soon as there is room")
			})
		})
	}
}

// Turns of accounts that give one at a time do not wait behind an opening, nor for room.
func TestAPacedTurnIsNotBehindAnOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &openedLine{claimsIn: 100 * time.Millisecond}
		l.opened("huge", "huge@northwind.example", 150)
		paced := []string{"a@northwind.example", "b@northwind.example", "c@northwind.example"}
		for _, account := range paced {
			l.opened("huge", account, 1) // of the same campaign: it has several senders
		}
		began := time.Now()
		l.given(t, stepsCase{step: campaign.Attempt{CampaignKey: "small"}}.steps(t))
		for _, turn := range l.turns[150:] {
			require.Less(t, l.signalled[turn.EnrollmentID].Sub(began), 20*time.Millisecond)
		}
	})
}

// Law 3: a turn that cannot be signalled does not hold the next back, also where there is room
// for one only.
func TestATurnThatCannotBeSignalledKeepsNoneWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &openedLine{claimsIn: 10 * time.Millisecond, gone: map[int64]bool{1: true}}
		l.opened("huge", "huge@northwind.example", 20)
		steps := stepsCase{step: campaign.Attempt{CampaignKey: "small"}}.steps(t)
		require.Less(t, l.given(t, steps), 2*time.Second, "for so long the live step is recent")
		require.Len(t, l.signalled, 19)
	})
}
