package cli

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

func TestReconnectLogsInForReal(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "wrong"
	h.team() // sets the right password
	h.exec(`UPDATE email_accounts SET status = 'in_error', reason = 'old news'`)
	h.parkOn(1, failure.EmailAccount(mayas), failure.CampaignSender("q4"))

	got := h.runWith("wrong\n", "email-account", "reconnect", mayas, "--password-stdin")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "could not log in with these settings, which are not kept: 535 5.7.8")
	require.Contains(t, got.err, "try: starter email-account reconnect "+mayas+" --password-stdin")
	require.Empty(t, h.fixes())
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM email_accounts`))

	require.Contains(t, h.ok("email-account", "test", mayas), "can log in at 127.0.0.1:")
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM email_accounts`), "test changes nothing")
	spoken := h.ok("email-account", "test", mayas, "--verbose")
	for _, words := range []string{"connected to 127.0.0.1:", "the server said: 220 ", "it offers to log in with: ", "AUTH PLAIN accepted: 235 "} {
		require.Contains(t, spoken, words)
	}
	require.NotContains(t, spoken, "wrong")
	h.fails(exitRefused, []string{"169.254.169.254 is an address for the metadata of a cloud: no mail server is looked for there"},
		"email-account", "reconnect", mayas, "--host", "169.254.169.254", "--password-env", "MAYA_SMTP_PASSWORD")
	h.fails(exitRefused, []string{"192.0.2.1 is not this machine: without TLS the password could be read on the way"},
		"email-account", "reconnect", mayas, "--host", "192.0.2.1", "--password-env", "MAYA_SMTP_PASSWORD")
	out := h.ok("email-account", "reconnect", "MAYA@northwind.example")
	require.Contains(t, out, "is connected.\n  status in_error → connected\n1 contact in error was waiting for this: it goes on now.\n")
	require.EqualValues(t, 2, one[int](h, `SELECT epoch FROM email_accounts`))

	// A server that changes its mind.
	h.env["NEW"] = "other"
	got = h.run("email-account", "reconnect", mayas, "--password-env", "NEW")
	require.Equal(t, exitFailed, got.code)
	require.Equal(t, "connected", one[string](h, `SELECT status FROM email_accounts`), "what was tried is not kept, what works goes on")
	h.fails(exitUsage, []string{"the environment variable NOWHERE is not set"}, "email-account", "reconnect", mayas, "--password-env", "NOWHERE")
	h.fails(exitUsage, []string{"--tls is \"ssl\"; expected starttls, implicit or none\ntry: starter email-account reconnect --help\n"}, "email-account", "reconnect", mayas, "--tls", "ssl")
	h.fails(exitNotFound, []string{"there is no email account jo@x.example"}, "email-account", "reconnect", "jo@x.example")
	h.fails(exitNotFound, []string{"there is no email account"}, "email-account", "remove", "jo@x.example")
}

func TestAddLogsInForReal(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	port := one[string](h, `SELECT port::text FROM email_accounts`)
	add := []string{"email-account", "add", "Tom@northwind.example", "--host", "127.0.0.1", "--port", port, "--tls", "none", "--password-stdin"}
	got := h.runWith("wrong", add...)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "tom@northwind.example could not log in and is kept in error: 535")
	var lines []operator.Account
	h.decode(&lines, "email-account", "list")
	require.Equal(t, "in_error", string(lines[1].Status))
	require.Contains(t, lines[1].Reason, "535")
	require.Equal(t, "tom@northwind.example", lines[1].Username)
	require.Equal(t, []string{}, lines[1].Campaigns)

	got = h.runWith("inbox", add...)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "has been added before")
	got = h.runWith("inbox\n", "email-account", "reconnect", "tom@northwind.example", "--password-stdin")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.stdout, "password changed")
	require.NotContains(t, got.stdout, "inbox", "a password is never printed")

	h.ok("email-account", "remove", "tom@northwind.example")
	require.Contains(t, h.ok("email-account", "remove", "tom@northwind.example"), "nothing changed")
	h.fails(exitRefused, []string{"has been removed", "try: starter email-account add tom@northwind.example"}, "email-account", "reconnect", "tom@northwind.example")
	require.Contains(t, h.ok("email-account", "add", "tom@northwind.example"), "status removed → connected")

	h.fails(exitUsage, []string{"--host is missing"}, "email-account", "add", "jo@northwind.example")
	h.fails(exitUsage, []string{"the password is missing"}, "email-account", "add", "jo@northwind.example", "--host", "127.0.0.1")
	h.fails(exitUsage, []string{"is not an email address"}, "email-account", "add", "jo")
	delete(h.env, "RELANCE_SECRET_KEY")
	got = h.runWith("inbox", "email-account", "add", "jo@northwind.example", "--host", "127.0.0.1", "--password-stdin")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "RELANCE_SECRET_KEY is not set")
}

func TestAnAccountThatNoLongerLogsInIsInError(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	h.env["MAYA_SMTP_PASSWORD"] = "wrong"
	h.ok("apply", "-f", h.path("workspace.yaml")) // taken at its word
	got := h.run("email-account", "reconnect", mayas)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "could not log in and is in error: 535")
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM email_accounts`))
	require.Contains(t, h.ok("email-account", "list"), "in error")
	require.Contains(t, h.ok("apply", "-f", h.path("workspace.yaml")), "note: it is in error (535")
	require.Equal(t, "in_error", one[string](h, `SELECT status FROM email_accounts`))

	// A server that is away is no fault of a connected account.
	h.exec(`UPDATE email_accounts SET status = 'connected', reason = '', port = 1`)
	got = h.run("email-account", "reconnect", mayas)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "could not be tried, and stays connected")
	require.Equal(t, "connected", one[string](h, `SELECT status FROM email_accounts`))
	h.fails(exitFailed, []string{"could not log in"}, "email-account", "test", mayas)
}

// A server that holds its greeting back (greet_pause, postscreen, a tarpit)
// is waited for as a worker waits, and the command says so.
func TestASlowGreetingIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	inbox := net.JoinHostPort("127.0.0.1", one[string](h, `SELECT port::text FROM email_accounts`))
	waiting := make(chan struct{})
	h.greet = time.Millisecond
	h.heard = func(words string) {
		if strings.Contains(words, "waiting for 127.0.0.1:") {
			close(waiting)
		}
	}
	_, port, err := net.SplitHostPort(slowGreeting(t, inbox, waiting))
	require.NoError(t, err)
	got := h.runWith("inbox", "email-account", "add", "tom@northwind.example", "--host", "127.0.0.1", "--port", port, "--tls", "none", "--password-stdin")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.stdout, "is connected")
	require.Equal(t, "connected", one[string](h, `SELECT status FROM email_accounts WHERE address = 'tom@northwind.example'`))
}

// slowGreeting is a way to the server at address on which nothing is said before go.
func slowGreeting(t *testing.T, address string, ready <-chan struct{}) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var both sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); both.Wait() })
	both.Go(func() {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = near.Close() }()
		select {
		case <-ready:
		case <-t.Context().Done():
			return
		}
		far, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		defer func() { _ = far.Close() }()
		both.Go(func() { _, _ = io.Copy(far, near); _ = far.Close() })
		_, _ = io.Copy(near, far)
	})
	return listener.Addr().String()
}

// A trouble of the moment is no fault of the account: it is kept neither as one nor in
// the place of one.
func TestATroubleOfTheMomentIsNoFaultOfTheAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	got := h.runWith("inbox", "email-account", "add", "tom@northwind.example", "--host", "127.0.0.1", "--port", "1", "--tls", "none", "--password-stdin")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "tom@northwind.example could not be tried just now and has not been added; run the same command again later: ")
	require.Equal(t, 1, one[int](h, `SELECT count(*) FROM email_accounts`))

	got = h.runWith("inbox", "email-account", "reconnect", mayas, "--port", "1", "--password-stdin")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "could not be tried just now with these settings, which are not kept")
	require.Equal(t, "connected", one[string](h, `SELECT status FROM email_accounts`))

	h.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no', port = 1`)
	got = h.run("email-account", "reconnect", mayas)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "could not be tried, and stays in error")
	require.Equal(t, "535 5.7.8 no", one[string](h, `SELECT reason FROM email_accounts`), "what is wrong with it is still known")
}

// A password was given for one server: a slip in --host does not show it to another.
func TestAStoredPasswordIsNotSentElsewhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	got := h.run("email-account", "reconnect", mayas, "--host", "smtp.elsewhere.example")
	require.Equal(t, exitRefused, got.code)
	require.Equal(t, "starter: the stored password of "+mayas+" is not sent to another host; give the password again\n"+
		"try: starter email-account reconnect "+mayas+" --password-stdin\n", got.err)
	h.exec(`UPDATE email_accounts SET status = 'removed'`)
	h.fails(exitRefused, []string{"is not sent to another port and user name", "try: starter email-account add " + mayas + " --password-stdin"},
		"email-account", "add", mayas, "--port", "2525", "--username", "tom")
}
