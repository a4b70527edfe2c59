package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"relance/internal/cli"
	"relance/internal/store"
)

// dataset is a database of its own with rows and no workflows: what the operators'
// commands read, and nothing else.
type dataset struct {
	rig  *rig
	url  string
	db   *pgxpool.Pool
	rows int
}

func (s *rig) openDataset(ctx context.Context, name string) (*dataset, error) {
	if err := s.stack.Postgres.CreateDatabase(ctx, name); err != nil {
		return nil, err
	}
	d := &dataset{rig: s, url: s.stack.Postgres.URL(name)}
	database, err := store.Open(ctx, d.url, s.stack.Settings.SecretKey)
	if err != nil {
		return nil, err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return nil, err
	}
	_, err = database.Apply(ctx, store.Workspace{
		Users: benchUsers, EmailAccounts: benchAccounts(s.stack.Inbox.Port()), Campaigns: benchCampaigns(),
	}, "bench", false)
	if err != nil {
		return nil, err
	}
	d.db, err = pgxpool.New(ctx, d.url)
	return d, err
}

// grow adds enrollments up to n; one in ten is in error on its campaign's account,
// and seven in ten have been sent their email.
func (d *dataset) grow(ctx context.Context, n int) error {
	from := d.rows + 1
	d.rows = n
	for _, sql := range []string{
		`INSERT INTO contacts (id, first_name, last_name, company, email)
		 SELECT i, 'Ada', 'Number ' || i, 'Contoso ' || i, 'c' || i || '@contoso.example' FROM generate_series($1::int, $2::int) AS i`,
		`INSERT INTO enrollments (id, campaign, contact_id, status, step_id, step_index, started_at, ended_at,
		                          park_id, park_seq, parked_at, code, detail, cause, attempts)
		 SELECT i, 'office-' || i / 10 % 10, i, CASE WHEN p THEN 'InError' WHEN i % 10 < 8 THEN 'Completed' ELSE 'Waiting' END, 'intro', 0, now(),
		        CASE WHEN NOT p AND i % 10 < 8 THEN now() END, p::int, CASE WHEN p THEN nextval('fact_seq') END,
		        CASE WHEN p THEN now() - i * interval '1 second' END, CASE WHEN p THEN 'EmailAccountInError' END, CASE WHEN p THEN '535 5.7.8' END,
		        CASE WHEN p THEN 'email_account:office@bench.example' END, CASE WHEN p THEN 1 END
		   FROM generate_series($1::int, $2::int) AS i, LATERAL (SELECT i % 10 = 0 AS p) AS parked`,
		`INSERT INTO parked_on (cause, seq, enrollment_id, park_id)
		 SELECT 'email_account:office@bench.example', park_seq, id, 1 FROM enrollments WHERE id BETWEEN $1::int AND $2::int AND park_seq IS NOT NULL`,
		`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_date, settled_at)
		 SELECT i, 'intro', 1, 'email', 'sent', 'c' || i || '@contoso.example', now(), now()
		   FROM generate_series($1::int, $2::int) AS i WHERE i % 10 BETWEEN 1 AND 7`,
	} {
		if _, err := d.db.Exec(ctx, sql, from, n); err != nil {
			return err
		}
	}
	_, err := d.db.Exec(ctx, `VACUUM ANALYZE`)
	return err
}

// run runs one command of starter, in this process, and returns how long it took.
func (d *dataset) run(ctx context.Context, args ...string) (time.Duration, error) {
	var out, errs bytes.Buffer
	began := time.Now()
	code := cli.Run(ctx, cli.Options{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, LookupEnv: func(name string) (string, bool) {
		if name == "DATABASE_URL" {
			return d.url, true
		}
		return d.rig.lookup(name)
	}})
	if code != 0 {
		return 0, fmt.Errorf("starter %s: exit code %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return time.Since(began), nil
}

// typical is the median of some runs, in milliseconds.
func (d *dataset) typical(ctx context.Context, before func() error, args ...string) (float64, error) {
	var times []time.Duration
	for range 7 {
		if before != nil {
			if err := before(); err != nil {
				return 0, err
			}
		}
		took, err := d.run(ctx, args...)
		if err != nil {
			return 0, err
		}
		times = append(times, took)
	}
	return float64(median(times).Microseconds()) / 1000, nil
}

var readings = [][]string{{"errors"}, {"errors", "summary"}, {"status"}}

// measureQueries runs the operators' three commands on a small dataset and on a large one.
func measureQueries(ctx context.Context, s *rig) ([]result, error) {
	small, large := 10_000, s.size(1_000_000)
	d, err := s.openDataset(ctx, "bench_queries")
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	floors := map[string]float64{}
	var results []result
	for _, n := range []int{small, large} {
		s.say("  a dataset of %d enrollments, a tenth of them in error", n)
		if err := d.grow(ctx, n); err != nil {
			return nil, err
		}
		for _, args := range readings {
			took, err := d.typical(ctx, nil, args...)
			if err != nil {
				return results, err
			}
			name := strings.Join(args, " ")
			if n == small {
				floors[name] = took
				continue
			}
			results = append(results, result{Of: name, Unit: "ms", Ours: took, Floor: floors[name], Goal: atMost(3), Note: fmt.Sprintf("%d ÷ %d", large, small)})
		}
	}
	return results, nil
}

// measureAck runs the fix of a broken account with very many parked on it, and with ten.
func measureAck(ctx context.Context, s *rig) ([]result, error) {
	few, many := 100, s.size(500_000)
	d, err := s.openDataset(ctx, "bench_ack")
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	var took [2]float64
	for i, n := range []int{few, many} {
		if err := d.grow(ctx, n); err != nil {
			return nil, err
		}
		breakIt := func() error {
			_, err := d.db.Exec(ctx, `UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8'`)
			return err
		}
		if took[i], err = d.typical(ctx, breakIt, "email-account", "reconnect", "office@bench.example"); err != nil {
			return nil, err
		}
	}
	return []result{{Unit: "ms", Ours: took[1], Floor: took[0], Goal: atMost(2), Note: fmt.Sprintf("%d parked ÷ %d", many/10, few/10)}}, nil
}
