package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"

	"relance/internal/pace"
	"relance/internal/store"
	"relance/workflows"
)

// paced is a sender of its own with a pace, connected to the inbox.
func (s *rig) paced(ctx context.Context, name string, rules pace.AccountRules) (string, error) {
	address, err := s.account(ctx, name, "inbox")
	if err != nil {
		return "", err
	}
	return address, s.setPace(ctx, address, rules)
}

func (s *rig) setPace(ctx context.Context, address string, rules pace.AccountRules) error {
	_, _, err := s.store.SetPace(ctx, address, "bench", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
	return err
}

// window sets when a campaign sends.
func (s *rig) window(ctx context.Context, key string, rules pace.CampaignRules) error {
	of, err := s.store.Campaign(ctx, key)
	if err != nil {
		return err
	}
	of.Window = rules
	_, err = s.store.Apply(ctx, store.Workspace{Campaigns: []store.CampaignSpec{{Campaign: of, KeepSender: true}}}, "bench", false)
	return err
}

// measureLine counts what a mail costs that waits in line, and what very many cost that wait.
func measureLine(ctx context.Context, s *rig) ([]result, error) {
	free, err := s.account(ctx, "line-free", "inbox")
	if err != nil {
		return nil, err
	}
	followUp := []step{email("intro"), pause("wait", time.Second), email("follow-up")}
	one, err := s.costOf(ctx, func() (string, int64, error) { return s.alone(ctx, free, followUp[:1]...) })
	if err != nil {
		return nil, err
	}
	two, err := s.costOf(ctx, func() (string, int64, error) { return s.alone(ctx, free, followUp...) })
	if err != nil {
		return nil, err
	}
	queued, err := s.queuedCost(ctx, "line-first", "intro", followUp[:1]...)
	if err != nil {
		return nil, err
	}
	again, err := s.queuedCost(ctx, "line-second", "follow-up", followUp...)
	if err != nil {
		return nil, err
	}
	waiting, err := s.measureWaiting(ctx)
	return append([]result{
		{Of: "a first mail that waited", Unit: "state transitions more", Ours: queued - one.transitions, Goal: atMost(3)},
		{Of: "a follow-up that waited, beside its timer", Unit: "state transitions more", Ours: again - two.transitions, Goal: atMost(3)},
	}, waiting...), err
}

// queuedCost is what one enrollment has cost all of whose mails but one left at once: that one
// waited for the gap, because another's had just left.
func (s *rig) queuedCost(ctx context.Context, name, waited string, steps ...step) (float64, error) {
	const gap = 4 * time.Second
	sender, err := s.paced(ctx, name, pace.AccountRules{Gap: gap})
	if err != nil {
		return 0, err
	}
	key, ids, err := s.crowd(ctx, 2, sender, steps...)
	if err != nil {
		return 0, err
	}
	if err := s.counter.after(ctx, finished+workflows.EnrollmentType, 2, func() error { return s.enroll(ctx, key, ids) }); err != nil {
		return 0, err
	}
	// The first mail of one leaves at once, and its follow-up is due a second later, within the gap
	// of the other's first mail; it is the other's first mail that has waited.
	var first, second int64
	err = s.db.QueryRow(ctx, `
		SELECT (array_agg(e.contact_id ORDER BY d.wire_at))[1], (array_agg(e.contact_id ORDER BY d.wire_at))[2]
		  FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE e.campaign = $1 AND d.step_id = 'intro'`, key).Scan(&first, &second)
	if err != nil {
		return 0, err
	}
	who := second
	if waited != "intro" {
		who = first
	}
	id := workflows.EnrollmentWorkflowID(key, who)
	if err := s.client.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
		return 0, err
	}
	cost, err := s.kept(ctx, id)
	return cost.transitions, err
}

// measureWaiting has very many wait for a limit, and counts what their workflows do meanwhile, and
// while the limit, the window and the holidays are changed.
func (s *rig) measureWaiting(ctx context.Context) (results []result, err error) {
	n := s.size(300)
	sender, err := s.paced(ctx, "line-many", pace.AccountRules{PerDay: 1})
	if err != nil {
		return nil, err
	}
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return nil, err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return nil, err
	}
	inLine := func() error {
		return pollLeft(ctx, func() (left int, err error) {
			err = s.db.QueryRow(ctx, `SELECT $2 - 1 - count(*)::int FROM line WHERE campaign = $1 AND state IN ('waiting', 'asleep')`, key, n).Scan(&left)
			return left, err
		})
	}
	if err := inLine(); err != nil {
		return nil, err
	}
	count := func() (transitions float64, timers int, err error) {
		for _, id := range ids {
			cost, err := s.kept(ctx, workflows.EnrollmentWorkflowID(key, id))
			if err != nil {
				return 0, 0, err
			}
			transitions += cost.transitions
		}
		for _, id := range ids[:min(len(ids), 50)] {
			events := s.client.GetWorkflowHistory(ctx, workflows.EnrollmentWorkflowID(key, id), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for events.HasNext() {
				event, err := events.Next()
				if err != nil {
					return 0, 0, err
				}
				if event.GetEventType() == enums.EVENT_TYPE_TIMER_STARTED {
					timers++
				}
			}
		}
		return transitions, timers, nil
	}
	var rested, before float64
	var timers int
	if err := poll(ctx, func() (bool, error) { // the last of them have come to rest
		before, rested = rested, 0
		rested, timers, err = count()
		return rested == before, err
	}); err != nil {
		return nil, err
	}
	changes := []func() error{
		func() error {
			_, err := s.store.Apply(ctx, store.Workspace{Holidays: &pace.Holidays{Add: []pace.Date{pace.DateOf(time.Now().UTC())}}}, "bench", false)
			return err
		},
		func() error { return s.setPace(ctx, sender, pace.AccountRules{PerDay: 400, Gap: time.Minute}) },
		func() error {
			return s.window(ctx, key, pace.CampaignRules{Windows: []pace.Window{{Days: pace.EveryDay, From: 9 * 60, To: 17 * 60}}, Zone: "Pacific/Apia"})
		},
		func() error { return s.setPace(ctx, sender, pace.AccountRules{PerDay: 200, Gap: time.Hour}) },
	}
	for _, change := range changes {
		if err := change(); err != nil {
			return nil, err
		}
		select { // the giver has looked several times
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if err := inLine(); err != nil {
			return nil, err
		}
	}
	after, _, err := count()
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d that wait", n-1)
	results = []result{
		{Of: "timers while very many wait", Unit: "timers", Ours: float64(timers), Goal: zero, Note: note + "; of 50 histories"},
		{Of: "a holiday, two limits and a window", Unit: "state transitions of all", Ours: after - rested, Goal: zero, Note: note},
	}
	// They are let go: nobody gives turns to them beside the rows that follow.
	for _, id := range ids {
		if err := s.client.TerminateWorkflow(ctx, workflows.EnrollmentWorkflowID(key, id), "", "the bench is through with it"); err != nil && !strings.Contains(err.Error(), "already completed") {
			return results, err
		}
	}
	_, err = s.db.Exec(ctx, `DELETE FROM line WHERE campaign = $1`, key)
	if err == nil {
		_, err = s.db.Exec(ctx, `UPDATE enrollments SET status = 'Disenrolled', ended_at = now(), next_at = NULL WHERE campaign = $1 AND status NOT IN ('Completed', 'Disenrolled')`, key)
	}
	if err == nil {
		_, err = s.store.Apply(ctx, store.Workspace{Holidays: &pace.Holidays{}}, "bench", false)
	}
	return results, err
}

// measureUnpaced is a campaign without a pace beside the lines of others, and without any.
func measureUnpaced(ctx context.Context, s *rig) ([]result, error) {
	n, others := s.size(roundSize), s.size(20_000)
	// They wait for their gap: their account is looked at, and none of them leaves. None has a workflow.
	lines := func() error {
		for _, sql := range []string{
			`INSERT INTO email_accounts (address, name, host, port, tls, pace) SELECT 'unpaced' || i || '@t.example', 'A', '127.0.0.1', 25, 'none', '{"gap": 86400000000000}' FROM generate_series(1, 500) AS i ON CONFLICT DO NOTHING`,
			`INSERT INTO account_pace (address, next_at) SELECT 'unpaced' || i || '@t.example', clock_timestamp() + interval '23 hours' FROM generate_series(1, 500) AS i ON CONFLICT DO NOTHING`,
			fmt.Sprintf(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT -i, 'intro', (SELECT min(key) FROM campaigns), 'unpaced' || (1 + i %% 500) || '@t.example', 2, 'waiting' FROM generate_series(1, %d) AS i`, others),
			`ANALYZE line`,
		} {
			if _, err := s.db.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}
	gone := func() error {
		_, err := s.db.Exec(ctx, `DELETE FROM line WHERE enrollment_id < 0`)
		return err
	}
	if _, err := s.oneEmail(ctx, n/4); err != nil {
		return nil, err
	}
	r, err := s.compare(ctx,
		func(ctx context.Context, _ int) (float64, error) {
			if err := lines(); err != nil {
				return 0, err
			}
			rate, err := s.oneEmail(ctx, n)
			return rate, errors.Join(err, gone())
		},
		func(ctx context.Context, _ int) (float64, error) { return s.oneEmail(ctx, n) })
	r.Unit, r.Goal, r.Note = "contacts/s", atLeast(.95), fmt.Sprintf("%d a round, beside %d in the lines of 500 accounts; without any line", n, others)
	return []result{r}, err
}
