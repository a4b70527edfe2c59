package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Line is the part of the database that giving turns needs.
type Line interface {
	// GiveTurns grants the next turn of each account whose moment has come, and says in how
	// long to look again. Late is how late each turn is.
	GiveTurns(ctx context.Context, accounts int) (again time.Duration, late []time.Duration, err error)
	TendLine(ctx context.Context) (changed int64, err error)
	TurnsToSignal(ctx context.Context, limit int) ([]campaign.GivenTurn, error)
	TurnsSignalled(ctx context.Context, turns []campaign.GivenTurn, gone []int64) error
	// TurnsFailed has turns that cannot be signalled come after the others of their accounts.
	TurnsFailed(ctx context.Context, turns []campaign.GivenTurn) error
	TurnsAreGiven(ctx context.Context, by string) error
}

// TurnMessenger signals enrollments of their turn.
type TurnMessenger interface {
	Turn(ctx context.Context, turn campaign.GivenTurn) error
}

// Turns gives turns. Any number of givers may be at work: a turn is granted under the lock
// of its account (law 8), and committed before it is signalled.
type Turns struct {
	Line      Line
	Messenger TurnMessenger
	// By names this giver for people.
	By string
	// Concurrency is how many enrollments are signalled at once, Accounts how many lines are
	// looked at in one transaction.
	Concurrency, Accounts int
	// Room is for the turns of accounts that give many at once.
	Room TurnRoom
}

const (
	// tendEvery is how often the line is tended; that is also how late a window opens at most.
	tendEvery = time.Second
	// signalPage is how many enrollments are signalled between two looks.
	signalPage = 200
	// turnsAtATime is for how long one run of the activity gives turns.
	turnsAtATime = 5 * time.Hour
	// afterFailure is the pause after a look that has failed: PostgreSQL or Temporal is away.
	afterFailure = time.Second
)

// GiveTurns gives turns until it has done so for hours, or the worker stops. A dependency
// that is away is asked again: nobody loses a place by that.
func (a *Turns) GiveTurns(ctx context.Context) error {
	stop := keepAlive(ctx)
	defer stop()
	began, tended, due, failing := time.Now(), time.Time{}, time.Time{}, false
	for time.Since(began) < turnsAtATime {
		var untended error
		if time.Since(tended) >= tendEvery {
			tended = time.Now()
			untended = a.tend(ctx)
		}
		again, err := a.once(ctx, &due)
		err = errors.Join(untended, err)
		if err != nil && ctx.Err() == nil {
			if again = afterFailure; !failing {
				activity.GetLogger(ctx).Warn("turns cannot be given, and are tried again", "error", err)
			}
		}
		failing = err != nil
		wait(ctx, again)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case stopping(ctx):
			return errStopping
		}
	}
	return nil
}

func (a *Turns) tend(ctx context.Context) error {
	return inTime(ctx, func(ctx context.Context) error {
		if _, err := a.Line.TendLine(ctx); err != nil {
			return err
		}
		return a.Line.TurnsAreGiven(ctx, a.By)
	})
}

// once gives the turns that are due, if accounts are to be looked at again by now, and
// signals those that there is room for. Again is when to do so the next time.
func (a *Turns) once(ctx context.Context, due *time.Time) (again time.Duration, err error) {
	var ungiven error
	if !time.Now().Before(*due) {
		*due, ungiven = a.give(ctx)
	}
	turns, err := a.toSignal(ctx) // also when none can be given: those that are out wait for nothing else
	if err = errors.Join(ungiven, err); len(turns) == 0 && err != nil {
		return 0, err
	}
	now := a.Room.of(turns)
	if len(now) > 0 {
		err = errors.Join(err, a.signal(ctx, now))
	}
	again = time.Until(*due)
	if len(now) < len(turns) || len(turns) == signalPage {
		again = min(again, roomLook)
	}
	return again, err
}

// give grants the turns that are due, and says when accounts are looked at again.
func (a *Turns) give(ctx context.Context) (due time.Time, err error) {
	var again time.Duration
	var late []time.Duration
	err = inTime(ctx, func(ctx context.Context) (err error) {
		again, late, err = a.Line.GiveTurns(ctx, a.Accounts)
		return err
	})
	if err != nil {
		return time.Time{}, err
	}
	lateness := activity.GetMetricsHandler(ctx).Timer("relance_turn_lateness")
	for _, by := range late {
		lateness.Record(by)
	}
	return time.Now().Add(again), nil
}

func (a *Turns) toSignal(ctx context.Context) (turns []campaign.GivenTurn, err error) {
	err = inTime(ctx, func(ctx context.Context) (err error) {
		turns, err = a.Line.TurnsToSignal(ctx, signalPage)
		return err
	})
	return turns, err
}

// signal signals enrollments of their turns, and notes which were. One that fails keeps no
// other waiting; it is signalled again after those.
func (a *Turns) signal(ctx context.Context, turns []campaign.GivenTurn) error {
	var mutex sync.Mutex
	var signalled, left []campaign.GivenTurn
	var gone []int64
	var failed error
	var group errgroup.Group
	group.SetLimit(a.Concurrency)
	for _, turn := range turns {
		group.Go(func() error {
			err := a.Messenger.Turn(ctx, turn)
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil:
				signalled = append(signalled, turn)
			case errors.Is(err, ErrNoWorkflow):
				gone = append(gone, turn.EnrollmentID)
			default:
				left, failed = append(left, turn), err
			}
			return nil
		})
	}
	_ = group.Wait() // its functions return nil
	return inTime(ctx, func(ctx context.Context) error {
		err := a.Line.TurnsSignalled(ctx, signalled, gone)
		if len(left) > 0 {
			err = errors.Join(err, a.Line.TurnsFailed(ctx, left), failed)
		}
		return err
	})
}
