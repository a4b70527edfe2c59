package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/workflows"
)

const (
	smallCampaigns = 99
	ofASmallOne    = 1 // contacts
)

// measureIsolation times the steps of small campaigns, each with an account of its
// own, alone and beside one with very many due. A step's time is from the enrollment
// to the server's yes.
func measureIsolation(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(1200)
	senders, err := s.accounts(ctx, "small", smallCampaigns)
	if err != nil {
		return nil, err
	}
	huge, err := s.account(ctx, "huge", "inbox")
	if err != nil {
		return nil, err
	}
	beside := func(ctx context.Context, _ int) (float64, error) {
		key, ids, err := s.crowd(ctx, n, huge, email("intro"))
		if err != nil {
			return 0, err
		}
		var p95 float64
		err = s.counter.after(ctx, finished+workflows.EnrollmentType, n+smallCampaigns*ofASmallOne, func() error {
			if err := s.enroll(ctx, key, ids); err != nil {
				return err
			}
			// The huge one is in full swing when the small ones come.
			if err := s.awaitSent(ctx, n/10, key); err != nil {
				return err
			}
			p95, err = s.smallOnes(ctx, senders)
			if err != nil {
				return err
			}
			sent, err := s.sent(ctx, key)
			s.say("  %d of %d of the huge one had been sent when the small ones were through", sent, n)
			return err
		})
		return p95, err
	}
	// A round lasts most of a minute: a third one would take the whole run above ten.
	r, err := s.compareIn(ctx, min(2, s.rounds), beside, func(ctx context.Context, _ int) (float64, error) { return s.smallOnes(ctx, senders) })
	r.Unit, r.Goal, r.Note = "ms p95", atMost(2.5), fmt.Sprintf("beside %d due", n)
	return []result{r}, err
}

// smallOnes enrolls a few contacts in each of many campaigns and returns the p95 of their steps' times.
func (s *rig) smallOnes(ctx context.Context, senders []string) (float64, error) {
	var keys []string
	var people [][]int64
	for _, sender := range senders {
		key, ids, err := s.crowd(ctx, ofASmallOne, sender, email("intro"))
		if err != nil {
			return 0, err
		}
		keys, people = append(keys, key), append(people, ids)
	}
	for i, key := range keys {
		if err := s.enroll(ctx, key, people[i]); err != nil {
			return 0, err
		}
		select { // they come one after the other, as a day's work does
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if err := s.awaitSent(ctx, len(keys)*ofASmallOne, keys...); err != nil {
		return 0, err
	}
	rows, err := s.db.Query(ctx, `
		SELECT extract(epoch FROM d.settled_at - e.enrolled_at)::float8 * 1000
		  FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE e.campaign = ANY ($1)`, keys)
	if err != nil {
		return 0, err
	}
	times, err := pgx.CollectRows(rows, pgx.RowTo[float64])
	return percentile(times, .95), err
}

func (s *rig) sent(ctx context.Context, keys ...string) (count int, err error) {
	err = s.db.QueryRow(ctx, `SELECT count(*) FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id
		WHERE e.campaign = ANY ($1) AND d.state = $2`, keys, campaign.Sent).Scan(&count)
	return count, err
}

func (s *rig) awaitSent(ctx context.Context, n int, keys ...string) error {
	return pollLeft(ctx, func() (int, error) {
		count, err := s.sent(ctx, keys...)
		return max(0, n-count), err
	})
}
