package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"
)

// ReadInput names the mailbox.
type ReadInput struct {
	Address string `json:"address"`
}

// ReadResult is why an activity has stopped reading.
type ReadResult struct {
	// Over: the account is not read any more, another reader has it, or a person has to mend it.
	Over bool `json:"over,omitempty"`
}

// ReadFor is for how long one activity reads a mailbox.
const ReadFor = 30 * time.Minute

// MailboxReader reads one mailbox until the context ends; over is true when it is not to be
// read again at once. It takes the mailbox's lease, and gives it back.
type MailboxReader interface {
	Read(ctx context.Context, address string) (over bool, err error)
}

// MailboxRegister is the part of the database that says which mailboxes are read.
type MailboxRegister interface {
	// Idle lists the mailboxes that are to be read and that nobody reads.
	Idle(ctx context.Context) ([]string, error)
	// LapseMailbox ends the lease of a reader that is gone, or that is taken for gone.
	LapseMailbox(ctx context.Context, address string) error
	// ForgetRaw forgets the text of messages that were kept for so long.
	ForgetRaw(ctx context.Context, kept time.Duration) (forgotten int64, err error)
}

// MailboxStarter starts a Mailbox; one that runs is left alone.
type MailboxStarter interface {
	StartMailbox(ctx context.Context, address string) error
}

// Mailboxes reads the mailboxes of accounts.
type Mailboxes struct {
	Reader   MailboxReader
	Register MailboxRegister
	Starter  MailboxStarter
	// Kept is for how long the text of messages is kept.
	Kept time.Duration
}

// errReadLongEnough ends a reader that has read for ReadFor: the next activity goes on.
var errReadLongEnough = errors.New("it has read for long enough")

// ReadMailbox reads a mailbox for half an hour, or until the worker stops.
func (a *Mailboxes) ReadMailbox(ctx context.Context, input ReadInput) (ReadResult, error) {
	stop := keepAlive(ctx)
	defer stop()
	bounded, cancel := context.WithTimeoutCause(ctx, ReadFor, errReadLongEnough)
	defer cancel()
	bounded, leave := context.WithCancelCause(bounded)
	defer leave(nil)
	if activity.GetInfo(ctx).Attempt > 1 {
		// Temporal has missed the reader before this one, or has its error: nobody waits for its
		// lease to lapse. Should it live, the two read everything once between them (law 9).
		if err := a.Register.LapseMailbox(ctx, input.Address); err != nil {
			return ReadResult{}, err
		}
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			leave(errStopping)
		case <-over:
		}
	}()
	done, err := a.Reader.Read(bounded, input.Address)
	switch {
	case errors.Is(context.Cause(bounded), errReadLongEnough):
		return ReadResult{}, nil
	case bounded.Err() != nil:
		return ReadResult{}, context.Cause(bounded)
	}
	return ReadResult{Over: done}, err
}

const (
	// mailboxStarts is how many are started at once.
	mailboxStarts = 8
	// tendFor is for how long one activity tends them, tendMailboxesEvery how often it looks: that is how
	// late a mailbox that was just connected is read.
	tendFor, tendMailboxesEvery = 50 * time.Second, 2 * time.Second
)

// TendMailboxes has every mailbox read that nobody reads, for most of a minute.
func (a *Mailboxes) TendMailboxes(ctx context.Context) error {
	stop := keepAlive(ctx)
	defer stop()
	if _, err := a.Register.ForgetRaw(ctx, a.Kept); err != nil {
		activity.GetLogger(ctx).Warn("messages whose time is over cannot be forgotten, and that is tried again", "error", err)
	}
	for began := time.Now(); ; {
		if err := a.startIdle(ctx); err != nil {
			return err
		}
		if time.Since(began) > tendFor {
			return nil
		}
		wait(ctx, tendMailboxesEvery)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case stopping(ctx):
			return errStopping
		}
	}
}

func (a *Mailboxes) startIdle(ctx context.Context) error {
	idle, err := a.Register.Idle(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(mailboxStarts)
	for _, address := range idle {
		group.Go(func() error {
			if err := a.Starter.StartMailbox(ctx, address); err != nil {
				return fmt.Errorf("starting to read %s: %w", address, err)
			}
			return nil
		})
	}
	return group.Wait()
}
