package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
)

// BenchmarkSend is the ledger's part of a send, claim, gate and sent, with what counts it
// by step and day, and without, in turns: ratio is of the medians.
func BenchmarkSend(b *testing.B) {
	ctx := b.Context()
	const contacts = 20_000
	sides := make([]*Store, 2)
	for i := range sides {
		url := pgtest.New(b)
		db, err := Open(ctx, url, testKey)
		require.NoError(b, err)
		b.Cleanup(db.Close)
		_, err = db.Migrate(ctx)
		require.NoError(b, err)
		pool, err := pgxpool.New(ctx, url)
		require.NoError(b, err)
		b.Cleanup(pool.Close)
		for _, sql := range []string{
			`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`,
			`INSERT INTO campaigns (key, name, owner, steps) VALUES ('q4', 'Q4', 'maya', '[]')`,
			`INSERT INTO contacts (email) SELECT 'c' || i || '@contoso.example' FROM generate_series(1, 20000) AS i`,
			`INSERT INTO enrollments (campaign, contact_id, status, step_id, started_at) SELECT 'q4', id, 'Active', 'intro', now() FROM contacts ORDER BY id`,
		} {
			_, err := pool.Exec(ctx, sql)
			require.NoError(b, err)
		}
		sides[i] = db
		if i == 1 {
			without(b, ctx, pool)
		}
	}
	took, id := [2][]time.Duration{}, int64(0)
	for b.Loop() {
		if id++; id > contacts {
			b.Fatalf("at most %d sends", contacts)
		}
		for turn := range sides {
			i := (turn + int(id)) % 2 // neither is always the second
			db := sides[i]
			attempt := campaign.Attempt{
				EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1,
				Next: campaign.Next{StepID: "wait", StepIndex: 1, Wait: time.Hour},
			}
			draft := campaign.Draft{Kind: campaign.Email, Account: "maya@northwind.example", Recipient: "c@contoso.example", Subject: "Hi", MessageID: "<1@x>", Date: time.Now(), Boundary: "b"}
			began := time.Now()
			delivery, err := db.Claim(ctx, attempt, draft)
			require.NoError(b, err)
			require.NoError(b, db.Gate(ctx, delivery))
			require.NoError(b, db.MarkSent(ctx, attempt, delivery, "250 ok"))
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	middle := len(took[0]) / 2
	b.ReportMetric(float64(took[0][middle].Microseconds()), "with-us")
	b.ReportMetric(float64(took[1][middle].Microseconds()), "without-us")
	b.ReportMetric(float64(took[0][middle])/float64(took[1][middle]), "ratio")
	b.ReportMetric(float64(took[0][len(took[0])/10])/float64(took[1][len(took[1])/10]), "ratio-10th")
}

// BenchmarkFold is a park and a send, as they are and with nobody who folds what they write, in
// turns: ratio is of the means, since who folds does so once in a while.
func BenchmarkFold(b *testing.B) {
	for name, write := range map[string]func(*ledgerBundle, int64) error{
		"park": func(b *ledgerBundle, id int64) error {
			_, err := b.Hold(b.ctx, b.attempt(id), found(noSender))
			return err
		},
		"send": func(b *ledgerBundle, id int64) error {
			delivery, err := b.Claim(b.ctx, b.attempt(id), draft("c@contoso.example"))
			if err != nil {
				return err
			}
			return errors.Join(b.Gate(b.ctx, delivery), b.MarkSent(b.ctx, b.attempt(id), delivery, "250 ok"))
		},
	} {
		b.Run(name, func(b *testing.B) {
			const contacts = 20_000
			folds, leaves := setupLedger(b, contacts), setupLedger(b, contacts)
			took, id := [2]time.Duration{}, int64(0)
			for b.Loop() {
				if id++; id > contacts {
					b.Fatalf("at most %d", contacts)
				}
				for turn := range 2 {
					i := (turn + int(id)) % 2 // neither is always the second
					side := []*ledgerBundle{folds, leaves}[i]
					leaves.writes.Store(1)
					began := time.Now()
					require.NoError(b, write(side, id))
					took[i] += time.Since(began)
				}
			}
			b.ReportMetric(float64(took[0].Microseconds())/float64(id), "with-us")
			b.ReportMetric(float64(took[1].Microseconds())/float64(id), "without-us")
			b.ReportMetric(float64(took[0])/float64(took[1]), "ratio")
		})
	}
}

// without takes a database's counters by step and day away, and the index over time: what
// is left is what counts by campaign.
func without(b *testing.B, ctx context.Context, pool *pgxpool.Pool) {
	b.Helper()
	for _, sql := range []string{
		`DROP INDEX deliveries_reserved_at`,
		`CREATE OR REPLACE FUNCTION tally_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally VALUES
        (OLD.campaign, OLD.status, coalesce(OLD.code, ''), cause_group(OLD.cause), -1),
        (NEW.campaign, NEW.status, coalesce(NEW.code, ''), cause_group(NEW.cause), +1);
    RETURN NULL;
END $$`,
		`DROP TRIGGER tally_update ON enrollments`,
		`CREATE TRIGGER tally_update AFTER UPDATE ON enrollments FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.campaign <> NEW.campaign OR OLD.code IS DISTINCT FROM NEW.code OR OLD.cause IS DISTINCT FROM NEW.cause)
    EXECUTE FUNCTION tally_enrollments()`,
		`CREATE OR REPLACE FUNCTION tally_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO tally SELECT e.campaign, 'sent', '', '', count(*)
          FROM came, LATERAL (SELECT campaign FROM enrollments WHERE id = came.enrollment_id LIMIT 1) AS e
         WHERE came.state = 'sent' AND came.kind = 'email' GROUP BY 1;
    WHEN 'UPDATE' THEN
        INSERT INTO tally SELECT campaign, 'sent', '', '', CASE NEW.state WHEN 'sent' THEN 1 ELSE -1 END
          FROM enrollments WHERE id = NEW.enrollment_id;
    END CASE;
    RETURN NULL;
END $$`,
	} {
		_, err := pool.Exec(ctx, sql)
		require.NoError(b, err)
	}
}
