package wakeups

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/store"
)

const (
	contacts = 12
	patience = 2 * time.Minute
)

var (
	accounts = []string{"ann@northwind.example", "ben@northwind.example"}
	owners   = []string{"maya", "jo"}
)

// world is one installation: its database, those who send, those who change things.
type world struct {
	*store.Store
	t   *testing.T
	ctx context.Context
	// db is for what only a test wants to see.
	db        *pgxpool.Pool
	dice      *dice
	post      *post
	flows     *flows
	mail      *mailboxes
	campaigns []string
	// staleAttempts: attempts are given up, and go on. No campaign is paused then: the
	// ledger cannot separate a pause that a stale attempt ends from one that its workflow does.
	staleAttempts bool
	// granted counts the credits that operators gave, less those that they took.
	granted atomic.Int64

	mutex   sync.Mutex
	changed chan struct{} // closed when a change has been committed
	done    map[string]int
}

func newWorld(t *testing.T, seed uint64, staleAttempts bool) *world {
	t.Helper()
	ctx := context.Background()
	url := pgtest.NewFrom(t, "migrated", func(url string) error {
		s, err := store.Open(ctx, url, nil)
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = s.Migrate(ctx)
		return err
	})
	s, err := store.Open(ctx, url, nil)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	db, err := pgxpool.New(ctx, url)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	w := &world{
		Store: s, t: t, ctx: ctx, db: db, changed: make(chan struct{}), done: map[string]int{}, staleAttempts: staleAttempts,
		dice: &dice{rand: rand.New(rand.NewPCG(seed, 0))},
	}
	w.post = &post{dice: w.dice, accepted: map[string]int{}, open: map[string]int{}, silenced: map[string]string{}, doubted: map[string]bool{}, cut: map[string]bool{}}
	w.audit()
	w.flows = newFlows(w)
	t.Cleanup(w.flows.stop)
	people := make([]store.ImportRow, contacts)
	for i := range people {
		people[i].Contact = campaign.Contact{FirstName: "C", Email: address(int64(i+1), "a"), RecordID: fmt.Sprint(i + 1), Fields: map[string]string{"city": "Ghent"}}
	}
	_, err = w.Import(ctx, people, store.ImportOptions{})
	require.NoError(t, err)
	for _, sender := range accounts {
		_, err := w.ConnectAccount(ctx, account(sender), "test")
		require.NoError(t, err)
	}
	w.readMailboxes()
	w.must(w.setPace(accounts[0], w.anyGap()))
	if w.dice.oneIn(2) {
		w.must(setPlan(campaign.Billing{Credits: 20})(w))
	}
	return w
}

func account(sender string) campaign.EmailAccount {
	return campaign.EmailAccount{Address: sender, SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: campaign.TLSNone}}
}

// address is one of the two that a contact may have.
func address(contact int64, which string) string {
	return fmt.Sprintf("%s%d@contoso.example", which, contact)
}

// enroll begins a campaign, with everybody in it. Those of earlier rounds who
// are in error or paused stay with us.
func (w *world) enroll(round uint64) {
	w.t.Helper()
	key := fmt.Sprintf("c%d", round)
	w.campaigns = append(w.campaigns, key)
	steps := fine
	if w.dice.oneIn(2) { // the rest is added under way
		steps = cut
	}
	w.must(w.apply(key, steps, w.anyOwner(), "")) // without a sender
	w.must(w.setSender(key, w.anyAccount()))
	everybody := make([]int64, contacts)
	for i := range everybody {
		everybody[i] = int64(i + 1)
	}
	_, err := w.Enroll(w.ctx, key, everybody, "test", false)
	w.must(err)
}

// burst is three operators at work, WakeContacts beside them, and one who enrolls again by name, and takes on who has done the last step.
func (w *world) burst() {
	w.t.Helper()
	over, cancel := context.WithCancel(w.ctx)
	var operators, drain errgroup.Group
	drain.Go(func() error {
		for over.Err() == nil {
			w.wake()
			w.awaitChange(5 * time.Millisecond)
		}
		return nil
	})
	drain.Go(func() error {
		for over.Err() == nil {
			if err := errors.Join(w.commit((*world).enrollsByName), w.commit((*world).takesOn)); err != nil {
				return err
			}
			w.awaitChange(5 * time.Millisecond)
		}
		return nil
	})
	for range 3 {
		operators.Go(func() error {
			for range 40 {
				kind := breaks
				if w.dice.oneIn(2) {
					kind = mends
				}
				if err := w.commit(kind[w.dice.below(len(kind))]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := operators.Wait()
	cancel()
	w.must(errors.Join(err, drain.Wait()))
}

// commit makes a change and tells those who wait for one.
func (w *world) commit(change change) error {
	err := change(w)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
	return err
}

// awaitChange returns when somebody has changed something, or after a while.
func (w *world) awaitChange(most time.Duration) {
	w.mutex.Lock()
	changed := w.changed
	w.mutex.Unlock()
	select {
	case <-changed:
	case <-time.After(most):
	}
}

// stopAndGo stands still for a while, or not.
func (w *world) stopAndGo() {
	if w.dice.oneIn(2) {
		for range w.dice.below(40) {
			w.awaitChange(3 * time.Millisecond)
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	require.NoError(w.t, err)
}

// count is what happened, for a verbose run: a test in which nothing happens proves nothing.
func (w *world) count(what string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.done[what]++
}

func (w *world) report() {
	var text strings.Builder
	for _, what := range sortedKeys(w.done) {
		fmt.Fprintf(&text, "  %s %d", what, w.done[what])
	}
	w.t.Log(text.String())
}
