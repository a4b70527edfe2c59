package store

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/failure"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// ledgerBundle is a database with one campaign, `q4`, with three steps, whose
// owner and sender are fine, and some enrolled contacts.
type ledgerBundle struct {
	*Store
	t   testing.TB
	ctx context.Context
}

const (
	waitFor = 20 * time.Second
	tick    = 5 * time.Millisecond
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func migrated(url string) error {
	s, err := Open(context.Background(), url, testKey)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Migrate(context.Background())
	return err
}

func openTest(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), pgtest.NewFrom(t, "migrated", migrated), testKey)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func setupLedger(t testing.TB, contacts int) *ledgerBundle {
	t.Helper()
	b := &ledgerBundle{Store: openTest(t), t: t, ctx: context.Background()}
	b.exec(`INSERT INTO users (key, name, phone) VALUES ('maya', 'Maya', '+32475000001')`)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ('maya@northwind.example', 'Maya', '127.0.0.1', 25, 'none')`)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', 'Q4', 'maya', 'maya@northwind.example',
		'[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000},{"id":"tell","kind":"sms","text":"done"}]')`)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, $1) AS i ORDER BY i`, contacts)
	_, err := b.Enroll(b.ctx, "q4", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET done_at = now()`)
	return b
}

func (b *ledgerBundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.pool.Exec(b.ctx, sql, args...)
	require.NoError(b.t, err, sql)
}

func one[T any](b *ledgerBundle, sql string, args ...any) T {
	b.t.Helper()
	var value T
	require.NoError(b.t, b.pool.QueryRow(b.ctx, sql, args...).Scan(&value), sql)
	return value
}

// attempt is the first step of the contact with this id; ids of enrollments and contacts are the same here.
func (b *ledgerBundle) attempt(id int64) campaign.Attempt {
	return campaign.Attempt{
		EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1,
		Next: campaign.Next{StepID: "wait-2", StepIndex: 1, Wait: 72 * time.Hour},
	}
}

func draft(recipient string) campaign.Draft {
	return campaign.Draft{
		Kind: campaign.Email, Account: "maya@northwind.example", AccountEpoch: 1, Recipient: recipient, Subject: "Hi",
		MessageID: "first@northwind.example", Date: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Boundary: "b",
	}
}

func (b *ledgerBundle) claim(attempt campaign.Attempt) campaign.Delivery {
	b.t.Helper()
	delivery, err := b.Claim(b.ctx, attempt, draft("c@contoso.example"))
	require.NoError(b.t, err)
	return delivery
}

func (b *ledgerBundle) status(id int64) campaign.Status {
	return one[campaign.Status](b, `SELECT status FROM enrollments WHERE id = $1`, id)
}

func (b *ledgerBundle) state(attempt campaign.Attempt) campaign.DeliveryState {
	return one[campaign.DeliveryState](b, `SELECT state FROM deliveries WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3`,
		attempt.EnrollmentID, attempt.StepID, attempt.Visit)
}

func found(problem failure.Problem) campaign.Check {
	return func(campaign.Facts) campaign.Finding { return campaign.Finding{Problem: &problem} }
}

var noSender = failure.Problem{Code: failure.OwnerHasNoSendingAddress, Causes: []failure.Cause{failure.CampaignSender("q4")}}

func emailCheck(facts campaign.Facts) campaign.Finding {
	return campaign.CheckEmail(facts, func() error { return nil })
}

// applyFix does a change and its outbox row in one transaction, as every fix must.
func (b *ledgerBundle) applyFix(cause failure.Cause, sql string, args ...any) {
	b.t.Helper()
	require.NoError(b.t, b.inTx(b.ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.ctx, sql, args...); err != nil {
			return err
		}
		return fix(b.ctx, tx, "test", cause)
	}))
}

// disenrolled is Disenroll for those who do not ask how it has ended.
func (b *ledgerBundle) disenrolled(ctx context.Context, id int64, reason, by string) error {
	_, err := b.Disenroll(ctx, id, 0, reason, by)
	return err
}
