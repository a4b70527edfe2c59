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
	beside := func(ctx context.Context, _ int) (float64, error) {
		key, ids, err := s.crowd(ctx, n, huge, email("intro"))
		if err != nil {
			return 0, err
		}
		closed := pace.CampaignRules{Zone: "UTC", Windows: []pace.Window{windowAt(time.Now().Add(12 * time.Hour))}}
		if err := s.window(ctx, key, closed); err != nil {
			return 0, err
		}
		if err := s.enroll(ctx, key, ids); err != nil {
			return 0, err
		}
		if err := pollLeft(ctx, func() (left int, err error) {
			err = s.db.QueryRow(ctx, `SELECT $2 - count(*)::int FROM line WHERE campaign = $1`, key, n).Scan(&left)
			return left, err
		}); err != nil {
			return 0, err
		}
		var p95 float64
		err = s.counter.after(ctx, finished+workflows.EnrollmentType, n+smallCampaigns*ofASmallOne, func() error {
			opens := time.Now().Add(20 * time.Second).Truncate(time.Minute).Add(time.Minute)
			opening := closed
			opening.Windows = []pace.Window{windowAt(opens)}
			if err := s.window(ctx, key, opening); err != nil {
				return err
			}
			select {
			case <-time.After(time.Until(opens)):
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := s.awaitSent(ctx, max(1, n/100), key); err != nil {
				return err
			}
			if p95, err = s.smallOnes(ctx, senders); err != nil {
				return err
			}
			sent, err := s.sent(ctx, key)
			s.say("  %d of %d of the huge one had been sent when the small ones were through", sent, n)
			return err
		})
		return p95, err
	}
	r, err := s.compareIn(ctx, min(2, s.rounds), beside, func(ctx context.Context, _ int) (float64, error) { return s.smallOnes(ctx, senders) })
	r.Unit, r.Goal, r.Note = "ms p95", atMost(2.5), fmt.Sprintf("a window opens for %d", n)
	return []result{r}, err
}

// windowAt is open for the hours that begin with the minute of t, every day, in UTC.
func windowAt(t time.Time) pace.Window {
	t = t.UTC()
	from := pace.Clock(60*t.Hour() + t.Minute())
	return pace.Window{Days: pace.EveryDay, From: from, To: (from + 11*60) % pace.EndOfDay}
}
