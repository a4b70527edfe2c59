package store

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// law is a test of law 8 at work.
type law struct {
	*ledgerBundle
	senders []lawSender

	mu    sync.Mutex
	edits map[string][]lawEdit
	sent  []lawMail
	count map[string]int
}

// did counts what happened: a test in which nothing happens proves nothing.
func (l *law) did(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count[what]++
}

// stops stands still for up to so long, or not: a worker that was given up, and lives.
func stops(most time.Duration) {
	if rand.IntN(4) == 0 {
		<-time.After(rand.N(most))
	}
}

// try is an attempt at an enrollment, in the order of activities.deliver.
func (l *law) try(id int64) error {
	attempt := l.attempt(id)
	attempt.CampaignKey = l.campaignOf(id)
	facts, err := l.Facts(l.ctx, attempt)
	if err != nil {
		return err
	}
	switch {
	case facts.Status != campaign.Active && facts.Status != campaign.Waiting, facts.Delivery != nil && facts.Delivery.State == campaign.Sent:
		return nil
	case facts.Delivery != nil && facts.Delivery.State == campaign.OnWire:
		_, err = l.MarkUncertain(l.ctx, attempt, *facts.Delivery, failure.Problem{Code: failure.DeliveryUncertain})
		l.did("found on the wire")
		return unlessOvertaken(err)
	}
	stops(40 * time.Millisecond)
	stale := rand.IntN(2) == 0 // it has looked long ago, when it could have been sent
	if !stale && !emailCheck(facts).Clear() {
		held, err := l.Hold(l.ctx, attempt, emailCheck)
		if held.InLine {
			l.did("stood in line")
		}
		return unlessOvertaken(err)
	}
	message := draft("c@contoso.example")
	message.Account, message.Seen, message.Timed = facts.Account.Address, facts.Status, facts.Timed()
	if attempt.CampaignKey == lawPool {
		l.did("tried by " + message.Account)
	}
	delivery, err := l.Claim(l.ctx, attempt, message)
	switch {
	case errors.Is(err, campaign.ErrNoTurn):
		l.did("refused by the claim")
		return nil
	case err != nil, delivery.State != campaign.Reserved:
		return unlessOvertaken(err)
	}
	stops(300 * time.Millisecond) // as long as a claim lasts, or longer
	if err := l.Gate(l.ctx, delivery); err != nil {
		if errors.Is(err, campaign.ErrNoTurn) {
			l.did("refused by the gate")
		}
		return unlessOvertaken(err)
	}
	if err := l.note(delivery); err != nil {
		return err
	}
	stops(20 * time.Millisecond)
	switch rand.IntN(12) {
	case 0:
		l.did("not accepted")
		_, err = l.Fail(l.ctx, attempt, delivery, campaign.Refusal{Reply: "451 later"}, emailCheck)
	case 1:
		l.did("in doubt")
		_, err = l.MarkUncertain(l.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
	case 2: // its worker dies
	default:
		err = l.MarkSent(l.ctx, attempt, delivery, "250 ok")
	}
	return unlessOvertaken(err)
}

// note keeps the time at which the ledger says that a message has passed its gate.
func (l *law) note(delivery campaign.Delivery) error {
	mail := lawMail{account: delivery.Account, enrollment: delivery.EnrollmentID, pooled: l.campaignOf(delivery.EnrollmentID) == lawPool}
	err := l.pool.QueryRow(l.ctx, `SELECT wire_at, clock_timestamp() FROM deliveries WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch = $4`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch).Scan(&mail.at, &mail.by)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, mail)
	return err
}

// unlessOvertaken accepts what an attempt gets that is not alone.
func unlessOvertaken(err error) error {
	if errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrLate) || errors.Is(err, campaign.ErrNoTurn) {
		return nil
	}
	return err
}

// campaignOf is the campaign of an enrollment: its sender's own, or that of several.
func (l *law) campaignOf(id int64) string {
	for _, sender := range l.senders {
		if id -= int64(sender.contacts); id <= 0 {
			return sender.address
		}
	}
	return lawPool
}

// give is a giver; what it has granted is signalled, or it dies on the way to that.
func (l *law) give(signal func(int64)) error {
	if _, err := l.TendLine(l.ctx); err != nil {
		return err
	}
	if _, _, err := l.GiveTurns(l.ctx, 100); err != nil {
		return err
	}
	if rand.IntN(10) == 0 {
		l.did("giver died between commit and signal")
		return nil
	}
	turns, err := l.TurnsToSignal(l.ctx, 50)
	if err != nil {
		return err
	}
	for _, turn := range turns {
		if rand.IntN(20) != 0 { // else it does not use its turn
			signal(turn.EnrollmentID)
		}
	}
	return l.TurnsSignalled(l.ctx, turns, nil)
}

// run lets everybody loose until it is over: those who have been signalled, and any of those
// who are described.
func (l *law) run(over func() bool, anyone string) {
	l.t.Helper()
	var everybody errgroup.Group
	loop := func(work func() error) {
		everybody.Go(func() error {
			for !over() {
				if err := work(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	signalled := make(chan int64, 10_000)
	for range 2 {
		loop(func() error {
			<-time.After(rand.N(4 * time.Millisecond))
			return l.give(func(id int64) { signalled <- id })
		})
	}
	for range 16 {
		loop(func() error {
			select {
			case id := <-signalled:
				return l.try(id)
			case <-time.After(rand.N(20 * time.Millisecond)):
			}
			var id int64
			err := l.pool.QueryRow(l.ctx, `SELECT id FROM enrollments WHERE `+anyone+` ORDER BY random() LIMIT 1`).Scan(&id)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return errors.Join(err, l.try(id))
		})
	}
	require.NoError(l.t, everybody.Wait())
}

// Law 8: many claim and gate mails of a few accounts at once, while their pace, hours and
// windows are edited, while attempts stop between claim and gate, and while two givers
// give turns, of which one dies now and then.
func TestAPaceIsKept(t *testing.T) {
	t.Parallel()
	l := newLaw(t)
	ends := time.Now().Add(lawHours * time.Hour / lawSpeed)
	var editors errgroup.Group
	for _, sender := range l.senders {
		editors.Go(func() error {
			for i := 1; len(sender.rules) > 1 && time.Now().Before(ends); i++ {
				<-time.After(rand.N(700 * time.Millisecond))
				if err := l.edit(sender, sender.rules[i%len(sender.rules)]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	editors.Go(func() error { return l.disturbPool(ends) })
	enough := func() bool { // some fifty in six seconds; a busy machine takes longer
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.sent) > lawMails || time.Since(ends) > time.Minute
	}
	l.run(func() bool { return !time.Now().Before(ends) && enough() }, `true`) // whether it has been asked to or not
	require.NoError(t, editors.Wait())
	l.judge()

	// Law 2: when nothing limits them any more, nobody is left in the line.
	for _, sender := range l.senders {
		require.NoError(t, l.edit(sender, lawRule{}))
	}
	left := func() int {
		return one[int](l.ledgerBundle, `SELECT count(*) FROM enrollments WHERE step_index = 0 AND status <> 'InError'`)
	}
	var over atomic.Bool
	editors.Go(func() error { // a machine may be slow; it is over when nothing has moved for a while
		defer over.Store(true)
		fewest, patience := left(), time.Now().Add(waitFor)
		for now := fewest; now > 0 && time.Now().Before(patience); now = left() {
			if now < fewest {
				fewest, patience = now, time.Now().Add(waitFor)
			}
			<-time.After(50 * time.Millisecond)
		}
		return nil
	})
	l.run(over.Load, `status = 'Active'`) // who waits is signalled
	require.NoError(t, editors.Wait())
	require.Zero(t, left(), "law 2: somebody is left who could be mailed")
	require.Zero(t, one[int](l.ledgerBundle, `SELECT count(*) FROM line WHERE state <> 'held'`), "nobody stands in a line")
	require.Zero(t, one[int](l.ledgerBundle, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`),
		"account_pace is locked after all other rows, and before the line")
	for _, what := range []string{"stood in line", "refused by the claim", "refused by the gate", "not accepted", "in doubt", "giver died between commit and signal", "a sender broke", "a sender was removed", "other senders", "contacts were moved"} {
		require.Positive(t, l.count[what], what)
	}
	took := 0
	for _, address := range lawPoolSenders() {
		if l.count["tried by "+address] > 0 {
			took++
		}
	}
	require.GreaterOrEqual(t, took, 3, "several take contacts that nobody has mailed")
	require.Zero(t, one[int](l.ledgerBundle, `SELECT count(*) FROM enrollments WHERE campaign = $1 AND status = 'InError' AND code <> 'DeliveryUncertain'`, lawPool),
		"a sender that breaks holds up nobody that it has not mailed")
	t.Log(l.count)
}
