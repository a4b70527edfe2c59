package operator

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/failure"
	"relance/internal/reconcile"
	"relance/internal/settings"
	"relance/internal/store"
)

const (
	mayas    = "maya@northwind.example"
	testKey  = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	waitFor  = 20 * time.Second
	testTick = time.Millisecond
)

// bundle is an Operator over a database of its own, with a campaign q4 of maya
// and enrolled contacts, a Temporal that remembers, and a mail server that
// knows one password.
type bundle struct {
	*Operator
	t        *testing.T
	ctx      context.Context
	db       *store.Store
	pool     *pgxpool.Pool
	env      map[string]string
	temporal *fakeTemporal
	// stand stands in for temporal when it is not nil.
	stand Temporal
	// logins are the accounts with which somebody has tried to log in.
	logins []campaign.EmailAccount
}

func migrate(url string) error {
	o := New(Options{LookupEnv: func(name string) (string, bool) { return url, name == "DATABASE_URL" }})
	defer o.Close()
	_, err := o.Migrate(context.Background(), true)
	return err
}

func setup(t *testing.T, contacts int) *bundle {
	t.Helper()
	url := pgtest.NewFrom(t, "migrated", migrate)
	b := &bundle{t: t, ctx: context.Background(), temporal: &fakeTemporal{}, env: map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": testKey}}
	b.Operator = New(Options{
		LookupEnv: func(name string) (string, bool) { value, ok := b.env[name]; return value, ok }, By: "tess",
		Tick: testTick, Patience: 40 * time.Millisecond, LookAgain: testTick,
		DialTemporal: func(context.Context, settings.Lookup) (Temporal, error) {
			b.temporal.dials++
			if b.stand != nil {
				return b.stand, nil
			}
			return b.temporal, b.temporal.down
		},
		LogIn: func(_ context.Context, account campaign.EmailAccount) error {
			b.logins = append(b.logins, account)
			return nil
		},
	})
	t.Cleanup(b.Close)
	var err error
	b.db, err = b.database(b.ctx)
	require.NoError(t, err)
	b.pool, err = pgxpool.New(b.ctx, url)
	require.NoError(t, err)
	t.Cleanup(b.pool.Close)
	b.exec(`INSERT INTO users (key, name, phone) VALUES ('maya', 'Maya Claes', '+32475000001')`)
	_, err = b.AddAccount(b.ctx, mayas, AccountSettings{Host: ptr("smtp.northwind.example"), Password: ptr(campaign.Secret("given"))})
	require.NoError(t, err)
	b.logins = nil
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', 'Q4', 'maya', $1,
		'[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3}]')`, mayas)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C' || i, 'c' || i || '@contoso.example' FROM generate_series(1, $1::int) AS i`, contacts)
	_, err = b.db.Enroll(b.ctx, "q4", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE enrollments SET started_at = now()`)
	b.exec(`UPDATE outbox SET done_at = now()`)
	return b
}

func ptr[T any](value T) *T { return &value }

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.pool.Exec(b.ctx, sql, args...)
	require.NoError(b.t, err, sql)
}

func one[T any](b *bundle, sql string, args ...any) T {
	b.t.Helper()
	var value T
	require.NoError(b.t, b.pool.QueryRow(b.ctx, sql, args...).Scan(&value), sql)
	return value
}

// park puts the enrollment with this id in error on these causes; the cause of a
// pause pauses it.
func (b *bundle) park(id int64, causes ...failure.Cause) {
	b.t.Helper()
	finding := campaign.Finding{Problem: &failure.Problem{Code: failure.SendingFailed, Causes: causes}}
	if len(causes) > 0 && causes[0] == failure.CampaignActive("q4") {
		finding = campaign.Finding{Paused: true}
	}
	b.hold(campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1}, finding)
}

// parkAgain is a resume after which there is another problem.
func (b *bundle) parkAgain(id int64) {
	b.hold(campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1, ResumedPark: 1, Resume: &campaign.Resume{}},
		campaign.Finding{Problem: &failure.Problem{Code: failure.SendingFailed}})
}

func (b *bundle) hold(attempt campaign.Attempt, finding campaign.Finding) {
	b.t.Helper()
	_, err := b.db.Hold(b.ctx, attempt, func(campaign.Facts) campaign.Finding { return finding })
	require.NoError(b.t, err)
}

// goOn is what a worker does with a contact whose step is done.
func (b *bundle) goOn(id int64) {
	b.exec(`DELETE FROM parked_on WHERE enrollment_id = $1`, id)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, park_seq = NULL, code = NULL, next_at = now() + interval '1 day' WHERE id = $1`, id)
}

// fakeTemporal records what it is asked for.
type fakeTemporal struct {
	reconcile.Temporal

	mutex        sync.Mutex
	dials, woken int
	down         error
	onWake       func()
}

func (f *fakeTemporal) TriggerWake(context.Context) error {
	f.mutex.Lock()
	f.woken++
	f.mutex.Unlock()
	if f.onWake != nil {
		f.onWake()
	}
	return nil
}

func (f *fakeTemporal) StartEnrolling(context.Context, string, int) error { return nil }
func (f *fakeTemporal) Prepare(context.Context) ([]string, error)         { return nil, nil }
func (f *fakeTemporal) Close()                                            {}
