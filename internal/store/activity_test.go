package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

const canary = "canary-0815"

// didThings are the changes that people make, with the activity that each leaves.
func didThings(t *testing.T, b *ledgerBundle) []struct {
	name string
	do   func() error
	want []string
} {
	t.Helper()
	address, phone, company := "new-address@contoso.example", "+32475000009", "Contoso"
	account := campaign.EmailAccount{Address: "tom@northwind.example", SMTP: campaign.SMTP{Host: "smtp.example", Port: 587, TLS: campaign.TLSStartTLS, Username: "tom", Password: canary}}
	var request int64
	return []struct {
		name string
		do   func() error
		want []string
	}{
		{"add in error", func() error { return b.KeepAccountInError(b.ctx, account, failure.Words{Said: "535 no"}, "lea") }, []string{"lea added email_account tom@northwind.example [] 0"}},
		{"connect", func() error { _, err := b.ConnectAccount(b.ctx, account, "lea"); return err }, []string{"lea connected email_account tom@northwind.example [status] 0"}},
		{"connect again", func() error { _, err := b.ConnectAccount(b.ctx, account, "tom"); return err }, []string{"tom connected email_account tom@northwind.example [] 0"}},
		{"fail", func() error {
			now, err := b.EmailAccount(b.ctx, account.Address)
			require.NoError(t, err)
			return b.AccountFailed(b.ctx, account.Address, now.Epoch, failure.Words{Said: "535"}, "lea")
		}, []string{"lea failed email_account tom@northwind.example [] 0"}},
		{"fail of settings that are no more", func() error { return b.AccountFailed(b.ctx, account.Address, 1, failure.Words{Said: "535"}, "lea") }, nil},
		{"remove", func() error { _, err := b.RemoveAccount(b.ctx, account.Address, "lea", RemovalSeen{}); return err }, []string{"lea removed email_account tom@northwind.example [] 0"}},
		{"remove again", func() error { _, err := b.RemoveAccount(b.ctx, account.Address, "lea", RemovalSeen{}); return err }, nil},
		{"contact", func() error {
			_, _, err := b.SetContact(b.ctx, 1, ContactEdit{Email: &address, Company: &company, Fields: map[string]string{"city": "Ghent"}}, "lea")
			return err
		}, []string{"lea changed contact 1 [company email field city] 1"}},
		{"contact as it is", func() error { _, _, err := b.SetContact(b.ctx, 1, ContactEdit{Email: &address}, "lea"); return err }, nil},
		{"bounce", func() error { _, err := b.AddBounce(b.ctx, address, "gone", "lea"); return err }, []string{"lea added bounce 1 [] 0"}},
		{"bounce of nobody", func() error { _, err := b.AddBounce(b.ctx, "nobody@contoso.example", "gone", "lea"); return err }, []string{"lea added bounce  [] 0"}},
		{"bounce again", func() error { _, err := b.AddBounce(b.ctx, address, "gone", "lea"); return err }, nil},
		{"no bounce", func() error { _, err := b.RemoveBounce(b.ctx, address, "lea"); return err }, []string{"lea removed bounce 1 [] 1"}},
		{"sender", func() error { _, _, err := b.SetSender(b.ctx, "q4", "", "lea"); return err }, []string{"lea changed campaign q4 [sender] 0"}},
		{"pause, tried", func() error { _, err := b.SetPaused(b.ctx, "q4", true, "lea", BatchOptions{DryRun: true}); return err }, nil},
		{"pause", func() error { _, err := b.SetPaused(b.ctx, "q4", true, "lea", BatchOptions{}); return err }, []string{"lea paused campaign q4 [] 0"}},
		{"unpause", func() error { _, err := b.SetPaused(b.ctx, "q4", false, "lea", BatchOptions{}); return err }, []string{"lea unpaused campaign q4 [] 0"}},
		{"user", func() error { _, _, err := b.SetUser(b.ctx, "maya", UserEdit{Phone: &phone}, "lea"); return err }, []string{"lea changed user maya [phone] 0"}},
		{"plan", func() error { _, err := b.SetPlan(b.ctx, false, nil, "lea"); return err }, []string{"lea changed plan  [plan] 0"}},
		{"credits", func() error { _, _, err := b.AddCredits(b.ctx, 5, "lea"); return err }, []string{"lea changed plan  [credits] 0"}},
		{"resume", func() error {
			done, err := b.RequestResume(b.ctx, Selection{Code: failure.SendingFailed}, campaign.Resume{By: "lea", Note: canary}, BatchOptions{})
			request = done.ID
			return err
		}, []string{"lea resumed contact  [] 1 SendingFailed"}},
		{"rate", func() error { return b.SetRate(b.ctx, request, 5, "lea") }, []string{"lea set_rate background ID [] 0"}},
		{"stop", func() error { _, err := b.Stop(b.ctx, request, "lea"); return err }, []string{"lea stopped background ID [] 1 SendingFailed"}},
		{"answer", func() error {
			_, err := b.RequestResume(b.ctx, Selection{Campaign: "q4", Contacts: []int64{2}}, campaign.Resume{By: "lea", Assume: campaign.AssumeSent}, BatchOptions{})
			return err
		}, []string{"lea said_sent contact 2 [] 1"}},
		{"disenroll", func() error {
			_, err := b.RequestDisenroll(b.ctx, Selection{Campaign: "q4", Contacts: []int64{1, 3}}, canary, "lea", BatchOptions{})
			return err
		}, []string{"lea disenrolled campaign q4 [] 2"}},
		{"disenroll, tried", func() error {
			_, err := b.RequestDisenroll(b.ctx, Selection{Campaign: "q4"}, canary, "lea", BatchOptions{DryRun: true})
			return err
		}, nil},
		{"import", func() error {
			_, err := b.Import(b.ctx, []ImportRow{{Contact: campaign.Contact{FirstName: "Ana", Email: "ana-new@contoso.example"}}}, ImportOptions{By: "lea"})
			return err
		}, []string{"lea imported contact  [] 1"}},
		{"import again", func() error {
			_, err := b.Import(b.ctx, []ImportRow{{Contact: campaign.Contact{FirstName: "Ana", Email: "ana-new@contoso.example"}}}, ImportOptions{By: "lea"})
			return err
		}, nil},
		{"enroll", func() error { _, err := b.Enroll(b.ctx, "q4", nil, "lea", false); return err }, []string{"lea enrolled campaign q4 [] 1"}},
		{"enroll again", func() error { _, err := b.Enroll(b.ctx, "q4", nil, "lea", false); return err }, nil},
		{"apply", func() error {
			_, err := b.Apply(b.ctx, Workspace{Plan: &campaign.Billing{Unlimited: true}, Users: []campaign.User{{Key: "tom", Name: "Tom"}, {Key: "maya", Name: "Maya", Phone: phone}}}, "lea", false)
			return err
		}, []string{"lea added user tom [] 0", "lea applied workspace  [] 0", "lea changed plan  [plan] 0"}},
		{"apply again", func() error {
			_, err := b.Apply(b.ctx, Workspace{Plan: &campaign.Billing{Unlimited: true}}, "lea", false)
			return err
		}, nil},
	}
}

func (b *ledgerBundle) activities() []string {
	return one[[]string](b, `SELECT coalesce(array_agg(line ORDER BY line), '{}') FROM (
		SELECT concat_ws(' ', by, kind, thing, CASE WHEN thing = 'background' THEN 'ID' ELSE subject END, '[' || array_to_string(fields, ' ') || ']', count, nullif(code, '')) AS line FROM activity) x`)
}

func setupActivity(t *testing.T) *ledgerBundle {
	t.Helper()
	b := setupLedger(t, 3)
	b.park(1, failure.Problem{Code: failure.MessageCannotBeRendered, Causes: []failure.Cause{failure.ContactFields(1), failure.ContactEmail(1)}})
	b.park(2, failure.Problem{Code: failure.DeliveryUncertain})
	b.park(3, failure.Problem{Code: failure.SendingFailed})
	b.exec(`DELETE FROM activity`)
	return b
}

func TestEveryChangeKeepsWhoHasMadeIt(t *testing.T) {
	t.Parallel()
	b := setupActivity(t)
	for _, thing := range didThings(t, b) {
		require.NoError(t, thing.do(), thing.name)
		got := b.activities()
		if len(thing.want) == 0 {
			require.Empty(t, got, thing.name)
		} else {
			require.Equal(t, thing.want, got, thing.name)
		}
		text := one[string](b, `SELECT coalesce(json_agg(a)::text, '') FROM activity a`)
		for _, secret := range []string{canary, "new-address@", "c1@contoso", "ana-new", "475000009", "nobody@"} {
			require.NotContains(t, text, secret, thing.name)
		}
		b.exec(`DELETE FROM activity`)
	}
}

// The row and its change are kept together or not at all.
func TestActivityIsRolledBackWithItsChange(t *testing.T) {
	t.Parallel()
	b := setupActivity(t)
	b.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$`)
	const digest = `SELECT md5(concat((SELECT json_agg(a) FROM email_accounts a), (SELECT json_agg(c ORDER BY id) FROM contacts c), (SELECT json_agg(c) FROM campaigns c),
		(SELECT json_agg(u ORDER BY key) FROM users u), (SELECT json_agg(p) FROM plan p), (SELECT json_agg(o ORDER BY id) FROM outbox o), (SELECT json_agg(x) FROM bounces x),
		(SELECT count(*) FROM enrollments)))`
	for _, thing := range didThings(t, b) {
		if len(thing.want) > 0 {
			b.exec(`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON activity DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
			before := one[string](b, digest)
			require.ErrorContains(t, thing.do(), "not today", "%s: its row is written in its transaction", thing.name)
			require.Equal(t, before, one[string](b, digest), thing.name)
			require.Empty(t, b.activities(), thing.name)
			b.exec(`DROP TRIGGER refuse ON activity`)
		}
		require.NoError(t, thing.do(), thing.name)
		b.exec(`DELETE FROM activity`)
	}
}

func TestActivityIsReadInPages(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`DELETE FROM activity`)
	for i := range 7 {
		b.exec(`INSERT INTO activity (by, kind, thing, subject, count) VALUES ($1, 'changed', $2, $3, $4)`,
			fmt.Sprintf("person %d", i%2), []string{"contact", "campaign"}[i%2], []string{"1", "q4"}[i%2], i)
	}
	var counts []int
	for before := int64(0); ; {
		page, err := b.Activities(b.ctx, ActivityFilter{}, before, 3)
		require.NoError(t, err)
		for _, a := range page {
			counts, before = append(counts, a.Count), a.ID
		}
		if len(page) < 3 {
			break
		}
	}
	require.Equal(t, []int{6, 5, 4, 3, 2, 1, 0}, counts)
	for _, filter := range []ActivityFilter{{By: "person 0"}, {Thing: AContact}, {Thing: AContact, Subject: "1"}, {Subject: "1", By: "person 0"}} {
		page, err := b.Activities(b.ctx, filter, 0, 100)
		require.NoError(t, err)
		require.Len(t, page, 4, filter)
		require.Equal(t, "C", page[0].Name, "the page has the name, the table its id")
	}
	page, err := b.Activities(b.ctx, ActivityFilter{By: "nobody"}, 0, 100)
	require.NoError(t, err)
	require.Empty(t, page)
}
