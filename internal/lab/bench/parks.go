package main

import (
	"context"
	"fmt"
	"time"

	"relance/internal/campaign"
)

type step = campaign.Step

// park enrolls n contacts in a campaign without a sender and waits until all are in error.
func (s *rig) park(ctx context.Context, n int) (string, error) {
	key, ids, err := s.crowd(ctx, n, "", email("intro"))
	if err != nil {
		return "", err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return "", err
	}
	return key, s.awaitParked(ctx, key, n)
}

func (s *rig) awaitParked(ctx context.Context, key string, n int) error {
	return pollLeft(ctx, func() (int, error) {
		var parked int
		err := s.db.QueryRow(ctx, `SELECT count(*) FROM enrollments WHERE campaign = $1 AND status = 'InError'`, key).Scan(&parked)
		return max(0, n-parked), err
	})
}

// fixSender is the one fix for every contact that park has parked.
func (s *rig) fixSender(ctx context.Context, key, sender string) error {
	if _, _, err := s.store.SetSender(ctx, key, sender, "bench"); err != nil {
		return err
	}
	return s.outreach.TriggerWake(ctx)
}

// poll asks until the answer is yes.
func poll(ctx context.Context, ask func() (bool, error)) error {
	return pollLeft(ctx, func() (int, error) {
		if yes, err := ask(); err != nil || yes {
			return 0, err
		}
		return 1, nil
	})
}

// pollLeft asks how many are left until none is, however long that takes, but
// gives up when the number stays the same for long. What is asked every 20 ms is
// asked less often in the end: a question of many rows would be a load of its own.
func pollLeft(ctx context.Context, left func() (int, error)) error {
	const patience = 10 * time.Minute
	began, before, moved := time.Now(), -1, time.Now()
	for {
		now, err := left()
		if err != nil || now == 0 {
			return err
		}
		if now != before {
			before, moved = now, time.Now()
		}
		if time.Since(moved) > patience {
			return fmt.Errorf("nothing has happened for %s, and %d are left to wait for", patience, now)
		}
		select {
		case <-time.After(max(20*time.Millisecond, time.Since(began)/200)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
