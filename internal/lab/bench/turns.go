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

	"relance/internal/store"
)

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
