package store

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

const maya = "maya@northwind.example"

func mayasAccount(password campaign.Secret) campaign.EmailAccount {
	return campaign.EmailAccount{Address: maya, Name: "Maya", SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: campaign.TLSNone, Password: password}}
}

func ptr[T any](value T) *T { return &value }

// workspace says what the ledger's bundle holds, so that applying
// it changes nothing.
func (b *ledgerBundle) workspace() Workspace {
	b.t.Helper()
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(b.t, err)
	return Workspace{
		Plan:          &campaign.Billing{Unlimited: true},
		Users:         []campaign.User{{Key: "maya", Name: "Maya", Phone: "+32475000001"}},
		EmailAccounts: []campaign.EmailAccount{mayasAccount("")},
		Campaigns:     []CampaignSpec{{Campaign: of}},
	}
}

// everyFix is every change that can be a fix, with what it fixes.
var everyFix = map[string]struct {
	// before brings the facts into the state that the change ends.
	before string
	change func(b *ledgerBundle) (Change, error)
	causes []failure.Cause
}{
	"account reconnected": {
		before: `UPDATE email_accounts SET status = 'in_error', reason = '535 no'`,
		change: func(b *ledgerBundle) (Change, error) {
			return b.ConnectAccount(b.ctx, mayasAccount("new"), "test")
		},
		causes: []failure.Cause{failure.EmailAccount(maya)},
	},
	"account added again": {
		before: `UPDATE email_accounts SET status = 'removed'`,
		change: func(b *ledgerBundle) (Change, error) {
			return b.ConnectAccount(b.ctx, mayasAccount(""), "test")
		},
		causes: []failure.Cause{failure.EmailAccount(maya)},
	},
	"account's settings applied": {
		before: `UPDATE email_accounts SET status = 'in_error', reason = '535 no'`,
		change: func(b *ledgerBundle) (Change, error) {
			w := b.workspace()
			w.EmailAccounts[0].SMTP.Password = "new"
			applied, err := b.Apply(b.ctx, w, "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.EmailAccount(maya)},
	},
	"sender selected": {
		before: `UPDATE campaigns SET sender = NULL`,
		change: func(b *ledgerBundle) (Change, error) {
			_, change, err := b.SetSender(b.ctx, "q4", maya, "test")
			return change, err
		},
		causes: []failure.Cause{failure.CampaignSender("q4")},
	},
	"texts edited": {
		change: func(b *ledgerBundle) (Change, error) {
			w := b.workspace()
			w.Campaigns[0].Steps[0].Body = "Hello again"
			applied, err := b.Apply(b.ctx, w, "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.CampaignSteps("q4")},
	},
	"window changed": {
		change: func(b *ledgerBundle) (Change, error) {
			w := b.workspace()
			w.Campaigns[0].Window = pace.CampaignRules{Windows: windowsOf(b.t, "09:00-17:00")}
			applied, err := b.Apply(b.ctx, w, "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.CampaignWindow("q4")},
	},
	"calendar changed": {
		change: func(b *ledgerBundle) (Change, error) {
			applied, err := b.Apply(b.ctx, Workspace{Timezone: "Europe/Brussels"}, "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.Calendar},
	},
	"pace changed": {
		change: func(b *ledgerBundle) (Change, error) {
			change, _, err := b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return brusselsPace, nil })
			return change, err
		},
		causes: []failure.Cause{failure.AccountPace(maya)},
	},
	"owner changed": {
		before: `UPDATE users SET phone = ''`,
		change: func(b *ledgerBundle) (Change, error) {
			w := b.workspace()
			w.Users = []campaign.User{{Key: "jo", Name: "Jo", Phone: "+32475000002"}}
			w.Campaigns[0].Owner = "jo"
			applied, err := b.Apply(b.ctx, w, "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.OwnerPhone("maya")},
	},
	"unpaused": {
		before: `UPDATE campaigns SET paused = true`,
		change: func(b *ledgerBundle) (Change, error) { return b.SetPaused(b.ctx, "q4", false, "test", BatchOptions{}) },
		causes: []failure.Cause{failure.CampaignActive("q4")},
	},
	"address changed": {
		change: func(b *ledgerBundle) (Change, error) {
			_, change, err := b.SetContact(b.ctx, 1, ContactEdit{Email: ptr("New@Contoso.example")}, "test")
			return change, err
		},
		causes: []failure.Cause{failure.ContactEmail(1), failure.ContactFields(1)},
	},
	"field filled in": {
		change: func(b *ledgerBundle) (Change, error) {
			_, change, err := b.SetContact(b.ctx, 1, ContactEdit{Fields: map[string]string{"city": "Ghent"}}, "test")
			return change, err
		},
		causes: []failure.Cause{failure.ContactFields(1)},
	},
	"address imported": {
		before: `UPDATE contacts SET email = '', record_id = 'R1' WHERE id = 1`,
		change: func(b *ledgerBundle) (Change, error) {
			imported, err := b.Import(b.ctx, []ImportRow{{Contact: campaign.Contact{FirstName: "C", Email: "c9@contoso.example", RecordID: "R1"}}}, ImportOptions{})
			return Change{Resuming: imported.Resuming}, err
		},
		causes: []failure.Cause{failure.ContactEmail(1), failure.ContactFields(1)},
	},
	"bounce removed": {
		before: `INSERT INTO bounces (address) VALUES ('c1@contoso.example')`,
		change: func(b *ledgerBundle) (Change, error) {
			return b.RemoveBounce(b.ctx, "C1@contoso.example", "test")
		},
		causes: []failure.Cause{failure.ContactEmail(1)},
	},
	"phone set": {
		before: `UPDATE users SET phone = ''`,
		change: func(b *ledgerBundle) (Change, error) {
			_, change, err := b.SetUser(b.ctx, "maya", UserEdit{Phone: ptr("+32475000009")}, "test")
			return change, err
		},
		causes: []failure.Cause{failure.OwnerPhone("maya")},
	},
	"credits added": {
		before: `UPDATE plan SET unlimited = false, credits = 0`,
		change: func(b *ledgerBundle) (Change, error) {
			_, change, err := b.AddCredits(b.ctx, 5, "test")
			return change, err
		},
		causes: []failure.Cause{failure.Plan},
	},
	"plan changed": {
		before: `UPDATE plan SET unlimited = false, credits = 0`,
		change: func(b *ledgerBundle) (Change, error) {
			return b.SetPlan(b.ctx, true, nil, "test")
		},
		causes: []failure.Cause{failure.Plan},
	},
	"plan applied": {
		before: `UPDATE plan SET unlimited = false, credits = 0`,
		change: func(b *ledgerBundle) (Change, error) {
			applied, err := b.Apply(b.ctx, b.workspace(), "test", false)
			return Change{Resuming: applied.Resuming}, err
		},
		causes: []failure.Cause{failure.Plan},
	},
}

// waiting finds that a step waits for each of the causes; a pause has one of its own.
func waiting(causes ...failure.Cause) campaign.Finding {
	if causes[0] == failure.CampaignActive("q4") {
		return campaign.Finding{Paused: true}
	}
	return campaign.Finding{Problem: &failure.Problem{Code: failure.SendingFailed, Causes: causes}}
}

// parkOn parks enrollment 1.
func (b *ledgerBundle) parkOn(causes ...failure.Cause) {
	b.t.Helper()
	_, err := b.Hold(b.ctx, b.attempt(1), func(campaign.Facts) campaign.Finding { return waiting(causes...) })
	require.NoError(b.t, err)
}

func (b *ledgerBundle) parkSeq() int64 { return one[int64](b, `SELECT max(seq) FROM parked_on`) }

func (b *ledgerBundle) openCauses() []failure.Cause {
	return one[[]failure.Cause](b, `SELECT coalesce(array_agg(cause ORDER BY cause), '{}') FROM outbox WHERE kind = 'fix' AND done_at IS NULL`)
}

func TestAFixLeavesNoRowWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.parkOn("somebody else's cause")
	for _, name := range slices.Sorted(maps.Keys(everyFix)) {
		of := everyFix[name]
		if of.before != "" {
			b.exec(of.before)
		}
		change, err := of.change(b)
		require.NoError(t, err, name)
		require.Empty(t, b.openCauses(), name)
		require.Zero(t, change.Resuming, name)
	}
}

// Law 3, at the lock boundary, for every fix there is: a park has read the old
// facts and has not committed; the fix waits for it, and then sees it.
func TestEveryFixWaitsForAParkInTheMaking(t *testing.T) {
	t.Parallel()
	for name, of := range everyFix {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 2)
			if of.before != "" {
				b.exec(of.before)
			}
			deciding, decide := make(chan struct{}), make(chan struct{})
			var holdErr, fixErr error
			var change Change
			var group sync.WaitGroup
			group.Go(func() {
				var once sync.Once
				_, holdErr = b.Hold(b.ctx, b.attempt(1), func(campaign.Facts) campaign.Finding {
					once.Do(func() { close(deciding) })
					<-decide
					return waiting(of.causes...)
				})
			})
			<-deciding
			fixed := make(chan struct{})
			group.Go(func() {
				defer close(fixed)
				change, fixErr = of.change(b)
			})
			b.awaitLockWait()
			select {
			case <-fixed:
				t.Error("the fix must wait for the park")
			default:
			}
			close(decide)
			group.Wait()
			require.NoError(t, holdErr)
			require.NoError(t, fixErr)
			require.ElementsMatch(t, of.causes, b.openCauses(), "the fix has seen the park")
			require.Equal(t, 1, change.Resuming, "who waits for it is counted")
			require.Greater(t, one[int64](b, `SELECT min(id) FROM outbox WHERE done_at IS NULL`), b.parkSeq(), "the fix is younger than the park")
		})
	}
}

func TestAChangeThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.parkOn(failure.EmailAccount(maya), failure.CampaignSender("q4"), failure.CampaignSteps("q4"), failure.CampaignActive("q4"),
		failure.ContactEmail(1), failure.ContactFields(1), failure.OwnerPhone("maya"), failure.Plan)
	for name, change := range map[string]func() (Change, error){
		"sender": func() (Change, error) { _, c, err := b.SetSender(b.ctx, "q4", maya, ""); return c, err },
		"active": func() (Change, error) { return b.SetPaused(b.ctx, "q4", false, "", BatchOptions{}) },
		"user": func() (Change, error) {
			_, c, err := b.SetUser(b.ctx, "maya", UserEdit{Phone: ptr("+32475000001")}, "")
			return c, err
		},
		"contact": func() (Change, error) {
			_, c, err := b.SetContact(b.ctx, 1, ContactEdit{Email: ptr(" C1@Contoso.example"), Fields: map[string]string{"x": ""}}, "")
			return c, err
		},
		"plan": func() (Change, error) { return b.SetPlan(b.ctx, true, ptr(int64(7)), "") },
		"apply": func() (Change, error) {
			applied, err := b.Apply(b.ctx, b.workspace(), "", false)
			require.False(t, applied.Changed())
			return Change{Resuming: applied.Resuming}, err
		},
	} {
		did, err := change()
		require.NoError(t, err, name)
		require.Empty(t, did.Edits, name)
		require.Zero(t, did.Resuming, name)
	}
	require.Empty(t, b.openCauses())
	require.EqualValues(t, 1, one[int64](b, `SELECT epoch FROM email_accounts`))
}

// A contact that gets a bounced address while the bounce is being taken back
// must not park on it unseen.
func TestABounceGoesOnlyWhenItsContactsAreKnown(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`INSERT INTO bounces (address) VALUES ('x@contoso.example')`)
	tx, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	require.NoError(t, lockContactWriters(b.ctx, tx))
	_, err = tx.Exec(b.ctx, `UPDATE contacts SET email = 'x@contoso.example' WHERE id = 1`)
	require.NoError(t, err)
	var change Change
	var removeErr error
	var group sync.WaitGroup
	group.Go(func() { change, removeErr = b.RemoveBounce(b.ctx, "x@contoso.example", "test") })
	b.awaitLockWait()
	require.NoError(t, tx.Commit(b.ctx))
	group.Wait()
	require.NoError(t, removeErr)
	require.NotEmpty(t, change.Edits)
	held, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.Held{}, held)
}
