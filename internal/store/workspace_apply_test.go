package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func (b *ledgerBundle) apply(w Workspace) map[string]AppliedItem {
	b.t.Helper()
	dry, err := b.Apply(b.ctx, w, "test", true)
	require.NoError(b.t, err)
	applied, err := b.Apply(b.ctx, w, "test", false)
	require.NoError(b.t, err)
	require.Equal(b.t, dry, applied, "a dry run says what happens")
	items := map[string]AppliedItem{}
	for _, item := range applied.Items {
		items[item.Kind] = item
	}
	return items
}

func TestApplyCreatesThenChangesNothing(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	w := Workspace{
		Plan:          &campaign.Billing{Credits: 5},
		Users:         []campaign.User{{Key: "maya", Name: "Maya"}},
		EmailAccounts: []campaign.EmailAccount{mayasAccount("secret")},
		Campaigns: []CampaignSpec{{Campaign: campaign.Campaign{Key: "q4", Name: "Q4", Owner: "maya", Sender: maya,
			Steps: []campaign.Step{{ID: "intro", Kind: campaign.Email, Subject: "Hi", Body: "Hello"}}}}},
	}
	b := &ledgerBundle{Store: s, t: t, ctx: context.Background()}
	require.Equal(t, "updated", b.apply(w)["plan"].Action)
	for _, item := range b.apply(w) {
		require.Equal(t, "unchanged", item.Action, item.Kind)
	}
	account, err := s.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, campaign.Secret("secret"), account.SMTP.Password)
	require.EqualValues(t, 1, account.Epoch)
	require.NotContains(t, one[string](b, `SELECT encode(password, 'escape') FROM email_accounts`), "secret")

	// Two credits are used: the same file does not fill them up, another number does.
	b.exec(`UPDATE plan SET credits = 3`)
	item := b.apply(w)["plan"]
	require.Equal(t, "unchanged", item.Action)
	require.Len(t, item.Notes, 1)
	w.Plan.Credits = 10
	require.Equal(t, []Edit{{Field: "credits", From: "3", To: "10"}}, b.apply(w)["plan"].Edits)
	require.Equal(t, "unchanged", b.apply(w)["plan"].Action)
}

func TestApplyLeavesTheStateOfAnAccountToTheServer(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	w := b.workspace()
	w.EmailAccounts[0].SMTP.Password = "first"
	require.Equal(t, []Edit{{Field: "password"}}, b.apply(w)["email account"].Edits)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 no', resting_until = now() + interval '1 hour'`)
	item := b.apply(w)["email account"]
	require.Equal(t, "unchanged", item.Action)
	require.Contains(t, item.Notes[0], "535 no")
	w.EmailAccounts[0].Name = "Maya C."
	require.Equal(t, []Edit{{Field: "name", From: "Maya", To: "Maya C."}}, b.apply(w)["email account"].Edits)
	require.Equal(t, "in_error", one[string](b, `SELECT status FROM email_accounts`), "a new name does not log in")

	w.EmailAccounts[0].SMTP.Password = "second"
	require.Equal(t, []Edit{{Field: "password"}, {Field: "status", From: "in_error", To: "connected"}}, b.apply(w)["email account"].Edits)
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, campaign.AccountConnected, account.Status)
	require.True(t, account.RestingUntil.IsZero())
	require.EqualValues(t, 3, account.Epoch)

	_, err = b.RemoveAccount(b.ctx, maya, "test", RemovalSeen{})
	require.NoError(t, err)
	require.Equal(t, []Edit{{Field: "status", From: "removed", To: "connected"}}, b.apply(w)["email account"].Edits)
}

func TestApplyKeepsWhatTheFileDoesNotSay(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE email_accounts SET password = $1`, func() []byte { sealed, _ := b.sealPassword(maya, "kept"); return sealed }())
	w := b.workspace()
	w.Users[0].Phone, w.Campaigns[0].Sender, w.Campaigns[0].KeepSender = "", "", true
	for kind, item := range b.apply(w) {
		require.Equal(t, "unchanged", item.Action, kind)
	}
	require.Equal(t, maya, one[string](b, `SELECT sender FROM campaigns`))
	require.Equal(t, "+32475000001", one[string](b, `SELECT phone FROM users`))
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, campaign.Secret("kept"), account.SMTP.Password)
}

// A password was given for one login: a file that names another server and no
// password does not send it there.
func TestApplyDoesNotSendAPasswordToAnotherServer(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	w := b.workspace()
	smtp := &w.EmailAccounts[0].SMTP
	smtp.Username, smtp.Password = "maya", "given"
	b.apply(w)
	before := *smtp
	for name, change := range map[string]func(){
		"host": func() { smtp.Host = "smtp.elsewhere.example" },
		"port": func() { smtp.Port = 2525 },
		"tls":  func() { smtp.TLS = campaign.TLSImplicit },
		"user": func() { smtp.Username = "tom" },
	} {
		*smtp = before
		smtp.Password = ""
		change()
		_, err := b.Apply(b.ctx, w, "test", false)
		require.ErrorIs(t, err, ErrRefused, name)
		require.ErrorContains(t, err, "give the password too", name)
		account, err := b.EmailAccount(b.ctx, maya)
		require.NoError(t, err)
		require.Equal(t, before, account.SMTP, name)
	}
	smtp.Host, smtp.Username = "smtp.elsewhere.example", "" // a server without login needs none
	b.apply(w)
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Empty(t, account.SMTP.Password)
}

func TestApplySaysHowManyAnEditReaches(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	w := b.workspace()
	steps := w.Campaigns[0].Steps
	steps[0].Body = "Hello again"
	item := b.apply(w)["campaign"]
	require.Equal(t, []Edit{{Field: "step intro body"}}, item.Edits)
	require.Empty(t, item.Notes, "a new text reaches everybody")

	steps[0].ID = "opening"
	item = b.apply(w)["campaign"]
	require.Equal(t, []Edit{{Field: "step opening", Action: Added}, {Field: "step intro", Action: Removed}}, item.Edits)
	require.Equal(t, []campaign.Reach{
		{StepID: "opening", Edit: campaign.EditAdded, Get: 2}, {StepID: "intro", Edit: campaign.EditRemoved, Skip: 2},
	}, item.Reach)
	require.Contains(t, item.Notes[0], "step opening has the text that step intro had. Say `renamed_from: intro` in step opening if it is the same one")

	steps[0].ID, steps[0].RenamedFrom = "greeting", "opening"
	item = b.apply(w)["campaign"]
	require.Equal(t, []Edit{{Field: "step greeting id", From: "opening", To: "greeting"}}, item.Edits)
	require.Equal(t, []campaign.Reach{{StepID: "greeting", Edit: campaign.EditRenamed, Get: 2}}, item.Reach)
	require.Empty(t, b.apply(w)["campaign"].Edits, "it is said once")
}

func TestApplyRefusesWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	w := b.workspace()
	w.Campaigns[0].Owner = "jo"
	_, err := b.Apply(b.ctx, w, "test", false)
	require.ErrorIs(t, err, ErrNotFound)
	w = b.workspace()
	w.Campaigns[0].Sender = "jo@northwind.example"
	w.Users[0].Name = "Mayra"
	_, err = b.Apply(b.ctx, w, "test", false)
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, "Maya", one[string](b, `SELECT name FROM users`), "nothing is half applied")

	keyless, err := Open(b.ctx, b.pool.Config().ConnString(), nil)
	require.NoError(t, err)
	defer keyless.Close()
	w = b.workspace()
	w.EmailAccounts[0].SMTP.Password = "x"
	_, err = keyless.Apply(b.ctx, w, "test", false)
	require.ErrorIs(t, err, ErrNoSecretKey)
}

// A file can name an account that logs in with a token, which no file has: it is in error until its
// owner has consented, and then stays as it is.
func TestAnAccountWithATokenIsConnectedByHand(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	lea := campaign.EmailAccount{Address: "lea@northwind.example", Name: "Lea", SMTP: campaign.SMTP{Host: "smtp.gmail.com", Port: 587, TLS: campaign.TLSStartTLS, Username: "lea@northwind.example", Provider: "google"}}
	apply := func() error {
		_, err := b.Apply(b.ctx, Workspace{EmailAccounts: []campaign.EmailAccount{lea}}, "test", false)
		return err
	}
	status := func() campaign.EmailAccount {
		account, err := b.EmailAccount(b.ctx, lea.Address)
		require.NoError(t, err)
		return account
	}
	require.NoError(t, apply())
	require.Equal(t, campaign.AccountInError, status().Status)
	require.Contains(t, status().Reason, "starter email-account connect lea@northwind.example --provider google")
	_, err := b.ConnectAccountWithToken(b.ctx, lea, OAuthToken{Refresh: "r", Access: "a"}, "test")
	require.NoError(t, err)
	epoch := status().Epoch
	require.NoError(t, apply())
	require.Equal(t, campaign.AccountConnected, status().Status)
	require.Equal(t, epoch, status().Epoch, "nothing has changed")
	lea.SMTP.Host = "smtp.elsewhere.example"
	require.ErrorIs(t, apply(), ErrRefused)
	lea.SMTP = campaign.SMTP{Host: "smtp.elsewhere.example", Port: 587, TLS: campaign.TLSStartTLS, Username: "lea", Password: "p"}
	require.NoError(t, apply())
	_, err = b.OAuthToken(b.ctx, lea.Address)
	require.ErrorIs(t, err, ErrNoToken)
}
