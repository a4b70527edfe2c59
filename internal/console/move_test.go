package console

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/failure"
	"relance/internal/operator"
)

const toms = "tom@northwind.example"

func TestContactsOfOneSenderAreMovedToAnother(t *testing.T) {
	t.Parallel()
	b := setup(t, 5, "Claes")
	b.get("/campaigns/q4/move?from="+mayas+"&to="+toms).says(http.StatusOK, "Campaign q4 has one sender, for everybody")
	require.NotContains(t, b.get("/campaigns/q4").text(), "Move the contacts")
	b.exec(`UPDATE campaigns SET senders = $1`, []string{mayas, toms})
	b.sendIntro(2)
	b.accountFailed(1, "535 5.7.8 no")
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, settled_at) VALUES (1, 'hello', 1, 'email', 'sent', $1, 'c1@contoso.example', now(), now())`, mayas)
	form := b.get("/campaigns/q4")
	form.says(http.StatusOK, "Move the contacts that one sender has mailed to another", mayas+" (2 contacts)")
	address := "/campaigns/q4/move?from=" + form.fill("/campaigns/q4/move", "from", mayas).Get("from") + "&to=" + toms
	b.get("/campaigns/q4/move").says(http.StatusOK, "Choose from which sender")
	require.Equal(t, http.StatusNotFound, b.get("/campaigns/q4/move?from=x@y.example&to="+toms).status)
	ask := b.get(address)
	ask.says(http.StatusOK, "2 contacts that maya@northwind.example has mailed get the next email from tom@northwind.example , for good, and it begins a new thread", "1 contact in error because of maya@northwind.example goes on")
	b.sendIntro(3)
	grown := b.send(ask, "/campaigns/q4/move/confirm")
	grown.says(http.StatusConflict, "there are 3 now, 1 more than you confirmed", "3 contacts that")
	require.Zero(t, one[int](b, `SELECT count(*) FROM enrollments WHERE sender IS NOT NULL`))
	done := b.send(grown, "/campaigns/q4/move/confirm")
	done.says(http.StatusSeeOther, "3 contacts moved from maya@northwind.example to tom@northwind.example: the next email begins a new thread. 1 contact goes on.")
	require.Equal(t, 3, one[int](b, `SELECT count(*) FROM enrollments WHERE sender = $1`, toms))
	require.Equal(t, 3, one[int](b, `SELECT count FROM activity WHERE kind = 'moved' AND by = 'console'`))
	b.send(grown, "/campaigns/q4/move/confirm").says(http.StatusSeeOther, "nothing was moved")

	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no' WHERE address = $1`, toms)
	b.park(4, failure.Problem{Code: failure.EmailAccountInError, Detail: toms + ": no", Causes: []failure.Cause{failure.EmailAccount(toms), failure.CampaignSender("q4")}})
	back := b.get("/campaigns/q4/move?from=" + toms + "&to=" + mayas)
	back.says(http.StatusOK, "maya@northwind.example is in error: they are put in error at their next email")
	_, err := b.op.As("tess").ReconnectAccount(t.Context(), toms, operator.AccountSettings{Password: secret(password)})
	require.NoError(t, err)
	stale := b.send(back, "/campaigns/q4/move/confirm")
	stale.says(http.StatusConflict, "This has been fixed meanwhile (by tess")
	require.Equal(t, 3, one[int](b, `SELECT count(*) FROM enrollments WHERE sender = $1`, toms), "whose account was mended is not moved unseen")
}

func secret(text string) *campaign.Secret {
	s := campaign.Secret(text)
	return &s
}

func TestATestIsSentFromTheCampaignsPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	dir := t.TempDir()
	server, err := inbox.Start(t.Context(), inbox.Options{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	b.logIn = func(context.Context, campaign.EmailAccount) error { return nil }
	host, port, tls := "127.0.0.1", server.Port(), "none"
	_, err = b.op.ReconnectAccount(t.Context(), mayas, operator.AccountSettings{Host: &host, Port: &port, TLS: &tls, Password: secret(inbox.Password)})
	require.NoError(t, err)
	page := b.get("/campaigns/q4")
	mails := func() int {
		found, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		require.NoError(t, err)
		return len(found)
	}
	b.send(page, "/campaigns/q4/test", "contact", "").says(http.StatusUnprocessableEntity, "Say as which contact")
	b.send(page, "/campaigns/q4/test", "contact", "77").says(http.StatusUnprocessableEntity, "77")
	b.send(page, "/campaigns/q4/test", "contact", "1").says(http.StatusConflict, "The owner of q4 has no address")
	refused := b.send(page, "/campaigns/q4/test", "contact", "1", "to", "c2@contoso.example")
	refused.says(http.StatusConflict, "c2@contoso.example is contact 2: a test goes to an address that is no contact's")
	require.Equal(t, "c2@contoso.example", refused.fill("/campaigns/q4/test").Get("to"), "what was typed is kept")
	b.send(page, "/campaigns/q4/test", "contact", "1", "to", "no address").says(http.StatusUnprocessableEntity, "no address")
	require.Zero(t, mails())
	b.send(page, "/campaigns/q4/test", "contact", "c1@contoso.example", "to", "me@northwind.example").
		says(http.StatusSeeOther, "A test of intro was sent from maya@northwind.example to me@northwind.example, as contact 1 would get it. The server said: “250")
	require.Equal(t, 1, mails())
	found, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	text, err := os.ReadFile(found[0])
	require.NoError(t, err)
	require.Contains(t, string(text), "Subject: [Test] Hi\r\n")
	require.Equal(t, "console", one[string](b, `SELECT by FROM activity WHERE kind = 'tested'`))
	require.Zero(t, one[int](b, `SELECT count(*) FROM deliveries`))
	server.Stop()
	b.send(page, "/campaigns/q4/test", "contact", "1", "to", "me@northwind.example").says(http.StatusUnprocessableEntity, "maya@northwind.example could not send the test message")
}
