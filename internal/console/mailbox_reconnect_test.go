package console

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/tokens"
	"relance/internal/failure"
	"relance/internal/store"
)

// mailServer is an inbox with mailboxes, to which maya's account is moved.
func (b *bundle) mailServer() *inbox.Server {
	b.t.Helper()
	server, err := inbox.Start(b.t.Context(), inbox.Options{Dir: b.t.TempDir(), Mailboxes: true})
	require.NoError(b.t, err)
	b.t.Cleanup(server.Stop)
	b.op.LogIn = nil
	b.exec(`UPDATE email_accounts SET host = '127.0.0.1', port = $1, tls = 'none' WHERE address = $2`, server.Port(), mayas)
	return server
}

// The form that repairs a mailbox which cannot be read has the mailbox's own settings.
func TestAMailboxIsReconnected(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	server := b.mailServer()
	const path, action = "/accounts/" + mayas, "/accounts/" + mayas + "/reconnect"
	send := func(typed ...string) page { return b.send(b.get(path), action, typed...) }
	imap := func() bool {
		return one[bool](b, `SELECT imap IS NOT NULL FROM email_accounts WHERE address = $1`, mayas)
	}
	require.Contains(t, b.get(path).body, "<details><summary>Mailbox (not read)", "a repair is no place to set it up")
	b.get(path).says(http.StatusOK, "Its mail is not read", "IMAP host", "Without a host its mail is not read.")

	typed := []string{"imap_host", "127.0.0.1", "imap_port", fmt.Sprint(server.IMAPPort()), "imap_tls", "none"}
	send(append(typed, "imap_host", "imap://x", "password", inbox.Password)...).says(http.StatusUnprocessableEntity, `IMAP host is "imap://x"; expected the name of the server`)
	send(append(typed, "imap_port", "many", "password", inbox.Password)...).says(http.StatusUnprocessableEntity, `IMAP port is "many"; expected 1 to 65535`)
	refused := send(append(typed, "password", inbox.Password, "imap_password", canary)...)
	refused.says(http.StatusUnprocessableEntity, "maya@northwind.example could log in to send, but not to read its mailbox; these settings are not kept: ")
	require.NotContains(t, refused.body, canary)
	require.Contains(t, refused.body, "<details open><summary>Mailbox (not read)")
	require.Equal(t, "127.0.0.1", refused.fill(action).Get("imap_host"), "what was typed is kept")
	require.False(t, imap())
	send(append(typed, "password", inbox.Password)...).says(http.StatusSeeOther, "has logged in and is connected", "read, not to its end yet")
	require.True(t, imap())
	send(append(typed, "imap_username", "tom")...).says(http.StatusUnprocessableEntity, "is not sent to another IMAP user name; give the password again")

	taken, _, err := b.db.TakeMailbox(t.Context(), mayas, "reader")
	require.NoError(t, err)
	_, err = b.db.MailboxFailed(t.Context(), mayas, taken.Lease, "NO <b>no</b>", nil, true)
	require.NoError(t, err)
	b.park(1, failure.Problem{Code: failure.MailboxUnreadable, Detail: mayas + ": no", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.Mailbox(mayas), failure.CampaignSender("q4")}})
	repairs := b.get("/")
	repairs.says(http.StatusOK, "Mailbox cannot be read", "The server said: NO <b>no</b>", "Reconnect and let 1 go on")
	require.Contains(t, repairs.body, "<details open><summary>Mailbox (read at 127.0.0.1)", "it is what is to repair")
	b.send(repairs, action).says(http.StatusSeeOther, "has logged in and is connected")
	require.Equal(t, "reading", one[string](b, `SELECT status FROM mailboxes`))
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE cause = $1`, failure.Mailbox(mayas)), "who waited for it goes on")

	send("imap_host", "").says(http.StatusSeeOther, "Its mail is not read")
	require.False(t, imap())
	require.NotContains(t, b.log.String(), canary)
}

// An account whose token is denied says which command mends it; a reconnect with the token that is
// kept fails in the same words.
func TestADeniedTokenSaysItsCommand(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.mailServer()
	server, err := tokens.Start(t.Context(), tokens.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	b.env["RELANCE_OAUTH_DEV_URL"] = server.URL()
	account, err := b.db.EmailAccount(t.Context(), mayas)
	require.NoError(t, err)
	account.SMTP.Password, account.SMTP.Provider = "", "dev"
	_, err = b.db.ConnectAccountWithToken(t.Context(), account, store.OAuthToken{Refresh: canary}, "test")
	require.NoError(t, err)
	const command = "starter email-account connect maya@northwind.example --provider dev"
	b.get("/accounts/"+mayas).says(http.StatusOK, "with a token of dev that is kept sealed", command)
	refused := b.send(b.get("/accounts/"+mayas), "/accounts/"+mayas+"/reconnect")
	refused.says(http.StatusUnprocessableEntity, "could not log in and is in error", "invalid_grant", "connect it again: "+command)
	b.park(1, failure.Problem{Code: failure.EmailAccountInError, Detail: "no", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}})
	repairs := b.get("/")
	repairs.says(http.StatusOK, "maya@northwind.example is in error", "any more (invalid_grant", command)
	for _, where := range []string{refused.body, repairs.body, b.log.String(), one[string](b, `SELECT json_agg(a)::text FROM activity a`)} {
		require.NotContains(t, where, canary)
	}
}
