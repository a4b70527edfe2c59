package main

import (
	"context"
	"errors"
	"time"

	"relance/internal/campaign"
)

type step = campaign.Step

// park enrolls n contacts in a campaign without a sender and waits until all are in error.
func (s *stand) park(ctx context.Context, n int) (string, error) {
	key, ids, err := s.crowd(ctx, n, "", email("intro"))
	if err != nil {
		return "", err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return "", err
	}
	return key, s.awaitParked(ctx, key, n)
}

func (s *stand) awaitParked(ctx context.Context, key string, n int) error {
	return poll(ctx, func() (bool, error) {
		var parked int
		err := s.db.QueryRow(ctx, `SELECT count(*) FROM enrollments WHERE campaign = $1 AND status = 'InError'`, key).Scan(&parked)
		return parked >= n, err
	})
}

// fixSender is the one fix for all who were parked by park.
func (s *stand) fixSender(ctx context.Context, key, sender string) error {
	if _, _, err := s.store.SetSender(ctx, key, sender, "bench"); err != nil {
		return err
	}
	return s.outreach.TriggerWake(ctx)
}

// poll asks until the answer is yes.
func poll(ctx context.Context, ask func() (bool, error)) error {
	deadline := time.Now().Add(20 * time.Minute)
	for {
		yes, err := ask()
		if err != nil || yes {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("what was waited for did not come in twenty minutes")
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
