package main

import (
	"context"
	"fmt"
	"time"

	"relance/workflows"
)

// measureEnroll counts until every workflow has been started, and has begun its wait.
func measureEnroll(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(roundSize)
	bare := func(ctx context.Context, n, concurrency int) (float64, error) {
		began := time.Now()
		err := s.counter.after(ctx, begun+bareWait, n, func() error {
			_, err := s.startBare(ctx, bareWait, n, concurrency)
			return err
		})
		return perSecond(n, began), err
	}
	concurrency, err := s.bestConcurrency(ctx, func(ctx context.Context, concurrency int) (float64, error) { return bare(ctx, n/4, concurrency) })
	if err != nil {
		return nil, err
	}
	r, err := s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) { return s.enrollWaiting(ctx, n) },
		func(ctx context.Context, _ int) (float64, error) { return bare(ctx, n, concurrency) })
	r.Unit, r.Goal, r.Note = "contacts/s", atLeast(.9), fmt.Sprintf("%d a round", n)
	return []result{r}, err
}

func (s *rig) enrollWaiting(ctx context.Context, n int) (float64, error) {
	key, ids, err := s.crowd(ctx, n, "", pause("first", 24*time.Hour), email("intro"))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = s.counter.after(ctx, begun+workflows.EnrollmentType, n, func() error { return s.enroll(ctx, key, ids) })
	if err == nil {
		err = poll(ctx, func() (bool, error) {
			left, err := s.store.CountUnstarted(ctx, key, 0)
			return left == 0, err
		})
	}
	return perSecond(n, began), err
}
