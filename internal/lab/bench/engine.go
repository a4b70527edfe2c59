package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relance/workflows"
)

// A round of a rate is this large at scale 1: some seconds at the floor.
const roundSize = 250

// measureEngine is the whole way of a contact: row, workflow, claim, SMTP, ledger, end.
func measureEngine(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(roundSize)
	if _, err := s.oneEmail(ctx, n/4); err != nil { // both begin warm
		return nil, err
	}
	concurrency, err := s.bestStarts(ctx, bareOne, n/4)
	if err != nil {
		return nil, err
	}
	r, err := s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) { return s.oneEmail(ctx, n) },
		func(ctx context.Context, _ int) (float64, error) { return s.bareThrough(ctx, bareOne, n, concurrency) })
	if err != nil {
		return nil, err
	}
	r.Of, r.Unit, r.Goal, r.Note = "one activity", "contacts/s", atLeast(1.7), fmt.Sprintf("%d a round", n)
	concurrency, err = s.bestConcurrency(ctx, func(ctx context.Context, concurrency int) (float64, error) {
		return s.bareEager(ctx, n/4, concurrency)
	})
	if err != nil {
		return nil, err
	}
	limit, err := s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) { return s.oneEmail(ctx, n) },
		func(ctx context.Context, _ int) (float64, error) { return s.bareEager(ctx, n, concurrency) })
	limit.Of, limit.Unit, limit.Goal, limit.Note = "empty", "contacts/s", atLeast(.75), "eager start: the limit of any workflow"
	return []result{r, limit}, err
}

// bareEager has the bare worker start n empty workflows itself, eagerly, and waits for their end.
func (s *rig) bareEager(ctx context.Context, n, concurrency int) (float64, error) {
	began := time.Now()
	err := s.counter.after(ctx, finished+bareEmpty, n, func() error {
		_, err := fmt.Fprintln(s.bare.input, n, concurrency)
		return err
	})
	return perSecond(n, began), err
}

// oneEmail takes n contacts through a campaign of one email.
func (s *rig) oneEmail(ctx context.Context, n int) (float64, error) {
	sender, err := s.account(ctx, "engine", "inbox")
	if err != nil {
		return 0, err
	}
	return s.oneEmailFrom(ctx, sender, n)
}

func (s *rig) oneEmailFrom(ctx context.Context, sender string, n int) (float64, error) {
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = s.counter.after(ctx, finished+workflows.EnrollmentType, n, func() error { return s.enroll(ctx, key, ids) })
	return perSecond(n, began), err
}

// bareThrough starts n bare workflows and waits for their end.
func (s *rig) bareThrough(ctx context.Context, kind string, n, concurrency int) (float64, error) {
	began := time.Now()
	err := s.counter.after(ctx, finished+kind, n, func() error {
		_, err := s.startBare(ctx, kind, n, concurrency)
		return err
	})
	return perSecond(n, began), err
}

// bestStarts finds how many starts at once suit the floor best; once a run for each kind.
func (s *rig) bestStarts(ctx context.Context, kind string, n int) (int, error) {
	if best := s.best[kind]; best != 0 {
		return best, nil
	}
	best, err := s.bestConcurrency(ctx, func(ctx context.Context, concurrency int) (float64, error) {
		return s.bareThrough(ctx, kind, n, concurrency)
	})
	s.best[kind] = best
	return best, err
}

// measureLedger is the same way with a sender that remembers nothing.
func measureLedger(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(roundSize)
	without := func(ctx context.Context, _ int) (float64, error) {
		if err := s.sendCommand(ctx, ledgerOff); err != nil {
			return 0, err
		}
		rate, err := s.oneEmail(ctx, n)
		return rate, errors.Join(err, s.sendCommand(ctx, ledgerOn))
	}
	if _, err := s.oneEmail(ctx, n/4); err != nil {
		return nil, err
	}
	r, err := s.compare(ctx, func(ctx context.Context, _ int) (float64, error) { return s.oneEmail(ctx, n) }, without)
	r.Unit, r.Goal, r.Note = "contacts/s", atLeast(.8), "without: the same facts for all, from memory"
	return []result{r}, err
}

// sendCommand sends a command to our worker and waits until it has taken it.
func (s *rig) sendCommand(ctx context.Context, command string) error {
	return s.counter.after(ctx, command, 1, func() error {
		_, err := fmt.Fprintln(s.ours.input, command)
		return err
	})
}
