package cli

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/failure"
	"relance/internal/operator"
)

// mailServer is an inbox with mailboxes, to which maya's account is moved.
func (h *harness) mailServer() *inbox.Server {
	h.t.Helper()
	server, err := inbox.Start(h.ctx, inbox.Options{Dir: h.t.TempDir(), Mailboxes: true})
	require.NoError(h.t, err)
	h.t.Cleanup(server.Stop)
	h.exec(`UPDATE email_accounts SET port = $1`, server.Port())
	return server
}

func TestAMailboxIsConnectedByHand(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	port := strconv.Itoa(h.mailServer().IMAPPort())
	here := []string{"email-account", "reconnect", mayas, "--imap-host", "127.0.0.1", "--imap-port", port, "--imap-tls", "none"}
	mailboxes := func() int { return one[int](h, `SELECT count(*) FROM email_accounts WHERE imap IS NOT NULL`) }

	h.fails(exitUsage, []string{`--imap-host is "imap://x"; expected the name of the server`}, "email-account", "reconnect", mayas, "--imap-host", "imap://x")
	h.fails(exitUsage, []string{"--imap-host is missing; expected the name of the IMAP server of " + mayas}, "email-account", "reconnect", mayas, "--imap-port", port)
	h.fails(exitUsage, []string{`--imap-tls is "ssl"; expected starttls, implicit or none`}, append(here, "--imap-tls", "ssl")...)
	h.fails(exitUsage, []string{`--imap-port is 0; expected 1 to 65535`}, append(here, "--imap-port", "0")...)
	h.fails(exitUsage, []string{"give --no-imap or --imap-host, not both"}, append(here, "--no-imap")...)
	h.fails(exitUsage, []string{"the environment variable NOWHERE is not set"}, append(here, "--imap-password-env", "NOWHERE")...)
	h.fails(exitRefused, []string{"the stored password of " + mayas + " is not sent to another IMAP server; give the password again"}, here...)
	h.fails(exitRefused, []string{"169.254.169.254 is an address for the metadata of a cloud"}, append(here, "--imap-host", "169.254.169.254", "--password-env", "MAYA_SMTP_PASSWORD")...)
	h.env["WRONG"] = "wrong"
	h.fails(exitFailed, []string{mayas + " could log in to send, but not to read its mailbox; these settings are not kept: "}, append(here, "--imap-password-env", "WRONG")...)
	h.fails(exitFailed, []string{"its mailbox could not be tried just now; these settings are not kept; try again later: "}, append(here, "--imap-port", "1", "--password-env", "MAYA_SMTP_PASSWORD")...)
	require.Zero(t, mailboxes(), "nothing of all this is kept")
	require.EqualValues(t, 1, one[int](h, `SELECT epoch FROM email_accounts`))

	out := h.ok(append(here, "--password-env", "MAYA_SMTP_PASSWORD", "--imap-folders", "Answers,Old")...)
	require.Contains(t, out, "is connected; its mail is read at 127.0.0.1.")
	require.Contains(t, out, "imap host (none) → 127.0.0.1")
	require.Equal(t, `{"tls": "none", "host": "127.0.0.1", "port": `+port+`, "folders": ["Answers", "Old"], "username": "maya"}`, one[string](h, `SELECT imap::text FROM email_accounts`))
	require.Nil(t, one[[]byte](h, `SELECT imap_password FROM email_accounts`), "it has none of its own")
	var accounts []operator.Account
	h.decode(&accounts, "email-account", "list")
	require.Equal(t, []string{"Answers", "Old"}, accounts[0].Mailbox.Folders)
	require.Contains(t, h.ok("email-account", "test", mayas), "and at its mailbox. It is connected.")

	require.NotContains(t, h.ok("email-account", "reconnect", mayas, "--imap-folders", ""), "imap host")
	require.Contains(t, h.ok("email-account", "reconnect", mayas, "--no-imap"), "imap host 127.0.0.1 → (none)")
	require.Zero(t, mailboxes())
	require.NotContains(t, h.ok("email-account", "test", mayas), "mailbox")

	h.env["TOM"] = "inbox"
	smtp := one[string](h, `SELECT port::text FROM email_accounts`)
	add := []string{"email-account", "add", "tom@northwind.example", "--host", "127.0.0.1", "--port", smtp, "--tls", "none", "--password-env", "TOM", "--imap-host", "127.0.0.1", "--imap-tls", "none", "--imap-port"}
	h.fails(exitFailed, []string{"nothing is kept, and it has not been added; try again later"}, append(add, "1")...)
	require.Zero(t, one[int](h, `SELECT count(*) FROM email_accounts WHERE address LIKE 'tom%'`))
	require.Contains(t, h.ok(append(add, port)...), "its mail is read at 127.0.0.1")
	require.Equal(t, 1, mailboxes())
}

// A mailbox that could not be read is looked at at once, and who waited for it goes on.
func TestReconnectWakesAMailbox(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	port := strconv.Itoa(h.mailServer().IMAPPort())
	h.ok("email-account", "reconnect", mayas, "--imap-host", "127.0.0.1", "--imap-port", port, "--imap-tls", "none", "--password-env", "MAYA_SMTP_PASSWORD")
	taken, _, err := h.TakeMailbox(h.ctx, mayas, "reader")
	require.NoError(t, err)
	_, err = h.MailboxFailed(h.ctx, mayas, taken.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
	require.NoError(t, err)
	h.parkOn(1, failure.EmailAccount(mayas), failure.Mailbox(mayas), failure.CampaignSender("q4"))
	idle, err := h.Idle(h.ctx)
	require.NoError(t, err)
	require.Empty(t, idle, "it is tried again in ten minutes")

	h.exec(`UPDATE email_accounts SET imap = jsonb_set(imap, '{port}', '1')`)
	h.exec(`UPDATE outbox SET done_at = now()`)
	got := h.run("email-account", "reconnect", mayas)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "its mailbox could not be tried just now; it is connected, and its mailbox is tried again by itself: ")
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM mailboxes`))
	require.Equal(t, []failure.Cause{failure.EmailAccount(mayas)}, h.fixes(), "it can send again")

	h.exec(`UPDATE email_accounts SET imap = jsonb_set(imap, '{port}', to_jsonb($1::int))`, port)
	h.exec(`UPDATE outbox SET done_at = now()`)
	require.Contains(t, h.ok("email-account", "reconnect", mayas), "1 contact in error was waiting for this: it goes on now.")
	require.ElementsMatch(t, []failure.Cause{failure.EmailAccount(mayas), failure.Mailbox(mayas)}, h.fixes())
	require.Equal(t, "reading", one[string](h, `SELECT status FROM mailboxes`))
	idle, err = h.Idle(h.ctx)
	require.NoError(t, err)
	require.Equal(t, []string{mayas}, idle)
	_, _, err = h.Cursors(h.ctx, mayas, taken.Lease)
	require.Error(t, err, "the reader of before has lost it")
}
