package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/enums/v1"

	"relance/internal/campaign"
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

const (
	roleGiver     = "giver"
	turnAccounts  = 500
	turnGap       = 3 * time.Second
	turnsMeasured = 30 * time.Second
)

// turnsGiven is what the process in the role of a giver prints in the end.
type turnsGiven struct {
	LateP99, PerSecond float64
	// Cores is what this process has used, Busy for how much of the time the giver waited for
	// PostgreSQL: no more than that can PostgreSQL have used for it.
	Cores, Busy float64
}

// measureTurns is a giver in a process of its own, on a database of its own: no workflow is
// signalled, and each turn is used at once.
func measureTurns(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(100_000)
	d, err := s.openDataset(ctx, "bench_turns")
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	for _, sql := range []string{
		`INSERT INTO email_accounts (address, name, host, port, tls, pace) SELECT 'a' || i || '@t.example', 'A', '127.0.0.1', 25, 'none', '{"gap": 3000000000, "perDay": 1000000}' FROM generate_series(1, 500) AS i`,
		`INSERT INTO contacts (id, first_name, email) SELECT i, 'C', 'c' || i || '@t.example' FROM generate_series(1, $1::int) AS i`,
		`INSERT INTO enrollments (id, campaign, contact_id, status, step_id, started_at) SELECT i, 'office-0', i, 'Waiting', 'intro', now() FROM generate_series(1, $1::int) AS i`,
		`INSERT INTO account_pace (address, next_at) SELECT 'a' || i || '@t.example', clock_timestamp() + random() * interval '3 s' FROM generate_series(1, 500) AS i`,
		`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT i, 'intro', 'office-0', 'a' || (1 + i % 500) || '@t.example', 2, 'waiting' FROM generate_series(1, $1::int) AS i`,
	} {
		args := []any{n}
		if !strings.Contains(sql, "$1") {
			args = nil
		}
		if _, err := d.db.Exec(ctx, sql, args...); err != nil {
			return nil, err
		}
	}
	if _, err := d.db.Exec(ctx, `VACUUM ANALYZE`); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	giver := exec.CommandContext(ctx, self, roleFlag, roleGiver)
	giver.Env = append(os.Environ(), "DATABASE_URL="+d.url, secretKey+"="+s.secretKey())
	giver.Stderr = os.Stderr
	out, err := giver.Output()
	if err != nil {
		return nil, fmt.Errorf("the giver: %w", err)
	}
	var given turnsGiven
	if err := json.Unmarshal(out, &given); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d accounts, %d in line, %s turns/s for %s", turnAccounts, n, number(given.PerSecond), turnsMeasured)
	return []result{
		{Of: "late by", Unit: "ms p99", Ours: given.LateP99, Goal: atMost(1000), Note: note},
		{Of: "of a core", Unit: "cores", Ours: given.Cores + given.Busy, Goal: atMost(.5), Note: fmt.Sprintf("at most: the process used %s, and waited for PostgreSQL for %s of the time", number(given.Cores), number(given.Busy))},
	}, nil
}

// playGiver gives turns for a while, as the activity does.
func playGiver(ctx context.Context, url string, key []byte) error {
	db, err := store.Open(ctx, url, key)
	if err != nil {
		return err
	}
	defer db.Close()
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	// The moments of the accounts are spread over the gap, from now on.
	if _, err := pool.Exec(ctx, `UPDATE account_pace SET look_at = NULL, next_at = clock_timestamp() + random() * $1::interval`, turnGap); err != nil {
		return err
	}
	var late []time.Duration
	var busy time.Duration
	began, tended, cpu := time.Now(), time.Time{}, processTime()
	for time.Since(began) < turnsMeasured {
		asks := time.Now()
		if time.Since(tended) > time.Second {
			tended = time.Now()
			if _, err := db.TendLine(ctx); err != nil {
				return err
			}
		}
		again, by, err := db.GiveTurns(ctx, 100)
		if err != nil {
			return err
		}
		late = append(late, by...)
		turns, err := db.TurnsToSignal(ctx, 200)
		if err != nil {
			return err
		}
		if len(turns) == 0 {
			busy += time.Since(asks)
			select {
			case <-time.After(again):
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		if err := db.TurnsSignalled(ctx, turns, nil); err != nil {
			return err
		}
		busy += time.Since(asks)
		if _, err := pool.Exec(ctx, `
			WITH used AS (DELETE FROM line WHERE state = 'granted' RETURNING enrollment_id, account, granted_at),
			gone AS (UPDATE enrollments e SET status = 'Active' FROM used WHERE e.id = used.enrollment_id)
			UPDATE account_pace p SET next_at = granted_at + $1::interval, look_at = NULL FROM used WHERE p.address = used.account`, turnGap); err != nil {
			return err
		}
	}
	if len(late) == 0 {
		return errors.New("no turn was given")
	}
	took := time.Since(began).Seconds()
	return json.NewEncoder(os.Stdout).Encode(turnsGiven{
		LateP99: float64(percentile(late, .99).Microseconds()) / 1000, PerSecond: float64(len(late)) / took, Cores: (processTime() - cpu).Seconds() / took, Busy: busy.Seconds() / took,
	})
}

// processTime is what this process has used of the processors.
func processTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // it cannot fail for the process itself
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measureOpening times the steps of small campaigns while the window of a huge one opens.
func measureOpening(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(1200)
	var senders []string
	for i := range smallCampaigns {
		sender, err := s.account(ctx, fmt.Sprintf("opening-%d", i), "inbox")
		if err != nil {
			return nil, err
		}
		senders = append(senders, sender)
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

// measureForecast runs the two commands that walk a line on a short one and on a long one.
func measureForecast(ctx context.Context, s *rig) ([]result, error) {
	small, large := 500, s.size(50_000)
	d, err := s.openDataset(ctx, "bench_forecast")
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	const sender = "office@bench.example"
	rules := pace.AccountRules{Gap: 45 * time.Second, Jitter: 15 * time.Second, PerDay: 400, Zone: "Europe/Brussels"}
	window := pace.CampaignRules{Zone: pace.RecipientZone, Windows: []pace.Window{{Days: pace.Weekdays, From: 9 * 60, To: 17 * 60}}}
	if _, err := d.db.Exec(ctx, `UPDATE email_accounts SET pace = $1 WHERE address = $2`, rules, sender); err != nil {
		return nil, err
	}
	if _, err := d.db.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1)`, sender); err != nil {
		return nil, err
	}
	if _, err := d.db.Exec(ctx, `UPDATE campaigns SET send_window = $1, steps = $2 WHERE key = 'office-0'`, window, []step{
		email("intro"), {ID: "w", Kind: campaign.Wait, Wait: 72 * time.Hour, Days: 3}, email("second"), {ID: "v", Kind: campaign.Wait, Wait: 120 * time.Hour, Days: 5}, email("third"),
	}); err != nil {
		return nil, err
	}
	floors := map[string]float64{}
	var results []result
	for _, n := range []int{small, large} {
		for _, sql := range []string{
			`INSERT INTO contacts (id, first_name, email, fields) SELECT i, 'C', 'c' || i || '@contoso.example', '{"Country": "Belgium"}' FROM generate_series($1::int, $2::int) AS i`,
			`INSERT INTO enrollments (id, campaign, contact_id, status, step_id, step_index, started_at) SELECT i, 'office-0', i, 'Waiting', 'intro', 0, now() FROM generate_series($1::int, $2::int) AS i`,
			`INSERT INTO line (enrollment_id, step_id, campaign, account, zone, band, state)
			 SELECT i, 'intro', 'office-0', 'office@bench.example', (ARRAY['Europe/Brussels', 'Europe/London', 'Europe/Lisbon', 'Europe/Athens', 'America/New_York', 'America/Chicago', 'America/Los_Angeles', 'America/Sao_Paulo',
			        'Asia/Kolkata', 'Asia/Singapore', 'Asia/Dubai', 'Africa/Cairo', 'Africa/Lagos', 'Europe/Istanbul', 'Europe/Helsinki', 'Europe/Dublin'])[1 + (hashint8(i) & 15)], 2, 'waiting'
			   FROM generate_series($1::int, $2::int) AS i`,
		} {
			if _, err := d.db.Exec(ctx, sql, d.rows+1, n); err != nil {
				return results, err
			}
		}
		d.rows = n
		if _, err := d.db.Exec(ctx, `VACUUM ANALYZE`); err != nil {
			return results, err
		}
		for _, args := range [][]string{{"forecast", sender}, {"why", fmt.Sprint(n / 2)}} {
			took, err := d.typical(ctx, nil, args...)
			if err != nil {
				return results, err
			}
			if n == small {
				floors[args[0]] = took
				continue
			}
			results = append(results, result{Of: args[0], Unit: "ms", Ours: took, Floor: floors[args[0]], Goal: atMost(5), Note: fmt.Sprintf("%d in line, in 16 zones ÷ %d", large, small)})
		}
	}
	return results, nil
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
