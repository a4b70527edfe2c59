package cli

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	oauthserver "relance/internal/devstack/tokens"
	"relance/internal/failure"
	"relance/internal/operator"
)

const leas = "lea@northwind.example"

// provider is the dev stack's token server, and an inbox that takes its tokens.
func (h *harness) provider() (*oauthserver.Server, *inbox.Server) {
	h.t.Helper()
	server, err := oauthserver.Start(h.ctx, oauthserver.Options{Dir: h.t.TempDir()})
	require.NoError(h.t, err)
	h.t.Cleanup(server.Stop)
	h.env["RELANCE_OAUTH_DEV_URL"] = server.URL()
	mail, err := inbox.Start(h.ctx, inbox.Options{Dir: h.t.TempDir(), Mailboxes: true, OnToken: server.Valid})
	require.NoError(h.t, err)
	h.t.Cleanup(mail.Stop)
	return server, mail
}

var (
	askedInBrowser = regexp.MustCompile(`\n  (http\S+)\n`)
	askedToConsent = regexp.MustCompile(`^Open this address in a browser on this machine, and consent:\n  \S+\n`)
	askedOnDevice  = regexp.MustCompile(`Open (http\S+) in a browser, and type the code (\S+)`)
)

// consents is a person who answers whatever is asked, for this mailbox.
func (h *harness) consents(say, mailbox string) {
	h.heard = func(words string) {
		address, form := "", url.Values{"say": {say}, "user": {mailbox}}
		if asked := askedInBrowser.FindStringSubmatch(words); asked != nil {
			address = asked[1]
		} else if asked := askedOnDevice.FindStringSubmatch(words); asked != nil {
			address = asked[1]
			form.Set("code", asked[2])
		}
		if address != "" {
			go func() {
				if got, err := http.PostForm(address, form); err == nil {
					_ = got.Body.Close()
				}
			}()
		}
	}
}

func TestAMailboxIsConnectedWithAToken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	server, mail := h.provider()
	connect := []string{"email-account", "connect", leas, "--provider", "dev", "--port", strconv.Itoa(mail.Port()), "--imap-port", strconv.Itoa(mail.IMAPPort())}
	accounts := func() int { return one[int](h, `SELECT count(*) FROM email_accounts WHERE address = $1`, leas) }

	h.fails(exitUsage, []string{"--provider is missing; expected google, microsoft, dev"}, "email-account", "connect", leas)
	h.fails(exitUsage, []string{`--provider is "yahoo"; expected google, microsoft or dev`}, "email-account", "connect", leas, "--provider", "yahoo")
	h.fails(exitRefused, []string{"RELANCE_OAUTH_GOOGLE_CLIENT_ID is not set, so Google does not know who asks; docs/oauth.md says how to register"}, "email-account", "connect", leas, "--provider", "google")
	h.fails(exitUsage, []string{"Google lets nobody consent to mail on another device"}, "email-account", "connect", leas, "--provider", "google", "--device")
	h.consents("no", leas)
	h.fails(exitFailed, []string{"the consent was not given (access_denied"}, connect...)
	h.consents("yes", "tom@northwind.example")
	h.fails(exitFailed, []string{leas + " could not log in with these settings, which are not kept: 535 5.7.8", "try: starter email-account connect " + leas + " --provider dev"}, connect...)
	require.Zero(t, accounts(), "another's consent opens nothing, and nothing is kept")

	for _, device := range [][]string{nil, {"--device"}} {
		h.consents("yes", leas)
		got := h.run(append(connect, device...)...)
		require.Equal(t, exitDone, got.code, got.err)
		require.Contains(t, got.stdout, leas+" has logged in at 127.0.0.1 and is connected; its mail is read at 127.0.0.1.")
		require.NotContains(t, got.stdout+got.err, "dev-")
	}
	var listed []operator.Account
	h.decode(&listed, "email-account", "list")
	require.Equal(t, "dev", listed[0].Provider)
	require.Equal(t, leas, listed[0].Mailbox.Username)
	require.Contains(t, h.ok("email-account", "test", leas), "and at its mailbox. It is connected.")
	h.fails(exitRefused, []string{"the token of " + leas + " is not sent to another host; connect it again, or give a password", "try: starter email-account connect " + leas + " --provider dev"},
		"email-account", "reconnect", leas, "--host", "smtp.elsewhere.example")
	h.fails(exitRefused, []string{"the token of " + leas + " is not sent to another IMAP host"}, "email-account", "reconnect", leas, "--imap-host", "imap.elsewhere.example")

	server.Expire(leas)
	require.Contains(t, h.ok("email-account", "reconnect", leas), "is connected", "a token that was taken back is replaced")
	require.Equal(t, 1, server.Refreshes(), "and the mailbox has the new one at once")

	server.Switch(oauthserver.Switches{Down: true})
	server.Expire(leas)
	h.fails(exitFailed, []string{"could not be tried, and stays connected: ", "the token server of the dev stack cannot be asked just now (status 503)"}, "email-account", "reconnect", leas)
	server.Switch(oauthserver.Switches{})

	server.Revoke(leas)
	h.parkOn(1, failure.EmailAccount(leas), failure.CampaignSender("q4"))
	h.fails(exitFailed, []string{"could not log in and is in error: the dev stack gives no token for " + leas + " any more (invalid_grant: ", "try: starter email-account connect " + leas + " --provider dev"}, "email-account", "reconnect", leas)
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM email_accounts WHERE address = $1`, leas))
	h.decode(&listed, "email-account", "list")
	require.Contains(t, listed[0].Reason, "connect it again: starter email-account connect "+leas+" --provider dev")
	h.consents("yes", leas)
	again := h.run("email-account", "connect", leas, "--provider", "dev")
	require.Equal(t, exitDone, again.code, again.err)
	require.Contains(t, again.stdout, "1 contact in error was waiting for this: it goes on now.", "at the servers that it had")

	h.env["LEA"] = "inbox"
	require.Contains(t, h.ok("email-account", "reconnect", leas, "--password-env", "LEA"), "provider dev → (none)")
	require.Zero(t, one[int](h, `SELECT count(*) FROM account_tokens`))
	require.NotContains(t, one[string](h, `SELECT json_agg(a)::text FROM activity a`), "dev-")
}
