package main

import (
	"context"
	"fmt"
	"time"

	"relance/internal/pace"
	"relance/workflows"
)

// measureOpening times the steps of small campaigns while the window of a huge one opens.
func measureOpening(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(1200)
	senders, err := s.accounts(ctx, "opening", smallCampaigns)
	if err != nil {
		return nil, err
	}
	huge, err := s.account(ctx, "opening", "inbox")
	if err != nil {
		return nil, err
	}
	alone, err := s.compareIn(ctx, min(2, s.rounds), func(ctx context.Context, _ int) (rate float64, err error) {
		err = s.opening(ctx, n, huge, 0, func(key string, opened time.Time) error {
			err := s.awaitSent(ctx, n, key)
			rate = perSecond(n, opened)
			return err
		})
		return rate, err
	}, func(ctx context.Context, _ int) (rate float64, err error) {
		key, ids, err := s.crowd(ctx, n, huge, email("intro"))
		if err != nil {
			return 0, err
		}
		err = s.counter.after(ctx, finished+workflows.EnrollmentType, n, func() error {
			began := time.Now()
			if err := s.enroll(ctx, key, ids); err != nil {
				return err
			}
			err := s.awaitSent(ctx, n, key)
			rate = perSecond(n, began)
			return err
		})
		return rate, err
	})
	if err != nil {
		return nil, err
	}
	alone.Of, alone.Unit, alone.Note = "alone", "contacts/s", fmt.Sprintf("%d from the opening to the last mail; enrolled while it is open", n)
	beside := func(ctx context.Context, _ int) (p95 float64, err error) {
		err = s.opening(ctx, n, huge, smallCampaigns*ofASmallOne, func(key string, opened time.Time) error {
			if err := s.awaitSent(ctx, max(1, min(n, 1200)/100), key); err != nil {
				return err
			}
			if p95, err = s.smallOnes(ctx, senders); err != nil {
				return err
			}
			sent, err := s.sent(ctx, key)
			s.say("  %d of %d of the huge one had been sent when the small ones were through, after %.1f s", sent, n, time.Since(opened).Seconds())
			return err
		})
		return p95, err
	}
	r, err := s.compareIn(ctx, min(2, s.rounds), beside, func(ctx context.Context, _ int) (float64, error) { return s.smallOnes(ctx, senders) })
	r.Unit, r.Goal, r.Note = "ms p95", atMost(2.5), fmt.Sprintf("a window opens for %d", n)
	return []result{r, alone}, err
}

// opening has n contacts wait in line for their campaign's window, and runs then once it has
// opened. It returns when all of them, and so many others, have been through.
func (s *rig) opening(ctx context.Context, n int, sender string, others int, then func(key string, opened time.Time) error) error {
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return err
	}
	closed := pace.CampaignRules{Zone: "UTC", Windows: []pace.Window{windowAt(time.Now().Add(12 * time.Hour))}}
	if err := s.window(ctx, key, closed); err != nil {
		return err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return err
	}
	if err := pollLeft(ctx, func() (left int, err error) {
		err = s.db.QueryRow(ctx, `SELECT $2 - count(*)::int FROM line WHERE campaign = $1`, key, n).Scan(&left)
		return left, err
	}); err != nil {
		return err
	}
	return s.counter.after(ctx, finished+workflows.EnrollmentType, n+others, func() error {
		opens := time.Now().Add(20 * time.Second).Truncate(time.Minute).Add(time.Minute)
		opening := closed
		opening.Windows = []pace.Window{windowAt(opens)}
		if err := s.window(ctx, key, opening); err != nil {
			return err
		}
		select {
		case <-time.After(time.Until(opens)):
			return then(key, opens)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// windowAt is open for the hours that begin with the minute of t, every day, in UTC.
func windowAt(t time.Time) pace.Window {
	t = t.UTC()
	from := pace.Clock(60*t.Hour() + t.Minute())
	return pace.Window{Days: pace.EveryDay, From: from, To: (from + 11*60) % pace.EndOfDay}
}
