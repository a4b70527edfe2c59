package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/inbound"
	"relance/internal/mail/imap"
)

func withMailboxes(t *testing.T, o inbox.Options) *inbox.Server {
	t.Helper()
	o.Mailboxes = true
	if o.Moment == 0 {
		o.Moment = time.Millisecond
	}
	return start(t, o)
}

// open reads a folder of a mailbox: its messages, and what EXAMINE says.
func open(t *testing.T, server *inbox.Server, username, folder string) (messages []string, state imap.State) {
	t.Helper()
	client, err := imap.Dial(t.Context(), imap.Settings{Host: "127.0.0.1", Port: server.IMAPPort(), TLS: campaign.TLSNone, Username: username, Password: inbox.Password})
	require.NoError(t, err)
	defer client.Close()
	state, err = client.Examine(t.Context(), folder)
	require.NoError(t, err)
	uids, err := client.UIDs(t.Context(), 1)
	require.NoError(t, err)
	require.NoError(t, client.Fetch(t.Context(), uids, imap.Whole, nil, func(one imap.Fetched) error {
		messages = append(messages, string(one.Raw))
		return nil
	}))
	return messages, state
}

// answered waits for what a recipient causes.
func answered(t *testing.T, server *inbox.Server, n int) []string {
	t.Helper()
	var messages []string
	require.Eventually(t, func() bool { messages, _ = open(t, server, "maya", "INBOX"); return len(messages) == n }, 10*time.Second, 10*time.Millisecond)
	return messages
}

// kinds are what our own reading takes the answers for.
var kinds = map[string]inbound.Kind{
	"reply": inbound.Reply, "vacation": inbound.OutOfOffice, "left": inbound.LeftCompany, "bounce-later": inbound.Bounce,
	"delayed": inbound.Delayed, "complain": inbound.Complaint, "unsubscribe": inbound.Unsubscribe,
}

func TestARecipientCausesAnAnswerByItsLocalPart(t *testing.T) {
	t.Parallel()
	for local, wants := range map[string][]string{
		"reply":        {"Subject: Re: Hello\r\n", "In-Reply-To: <1@northwind.example>\r\n", "> Hi\r\n"},
		"vacation":     {"Subject: Automatic reply: Hello\r\n", "Auto-Submitted: auto-replied\r\n", "Return-Path: <>\r\n", "out of the office until " + time.Now().AddDate(0, 0, 10).Format("Monday, 2 January 2006")},
		"left":         {"Auto-Submitted: auto-replied\r\n", "no longer works"},
		"bounce-later": {"report-type=delivery-status", "Final-Recipient: rfc822; bounce-later+7@contoso.example\r\nOriginal-Recipient", "Action: failed\r\n", "Status: 5.1.1\r\n", "Original-Envelope-Id: QQ314159\r\n", "Content-Type: message/rfc822\r\n\r\nFrom: maya", "Message-ID: <1@northwind.example>\r\n"},
		"delayed":      {"Action: delayed\r\n", "Status: 4.4.1\r\n", "Will-Retry-Until: ", "Content-Type: text/rfc822-headers\r\n"},
		"complain":     {"report-type=feedback-report", "Feedback-Type: abuse\r\n", "Message-ID: <1@northwind.example>\r\n"},
		"unsubscribe":  {"\r\n\r\nUnsubscribe\r\n"},
	} {
		t.Run(local, func(t *testing.T) {
			t.Parallel()
			server := withMailboxes(t, inbox.Options{})
			client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
			require.NoError(t, client.Mail("maya@northwind.example", &smtp.MailOptions{EnvelopeID: "QQ314159"}))
			require.NoError(t, client.Rcpt(local+"+7@contoso.example", nil))
			data, err := client.Data()
			require.NoError(t, err)
			_, err = data.Write([]byte(message))
			require.NoError(t, err)
			require.NoError(t, data.Close())

			got := answered(t, server, 1)[0]
			for _, want := range wants {
				require.Contains(t, got, want)
			}
			require.NotContains(t, strings.ReplaceAll(got, "\r\n", ""), "\n", "its line ends are CRLF")
			_, verdict := inbound.Judge([]byte(got), time.Now(), inbound.Self{Addresses: []string{"maya@northwind.example"}})
			require.Equal(t, kinds[local], verdict.Kind, "what we take it for: %+v", verdict)
			if local == "vacation" {
				require.False(t, verdict.Away.Undated, "%+v", verdict.Away)
				require.Equal(t, time.Now().AddDate(0, 0, 10).Format(time.DateOnly), verdict.Away.Until.Format(time.DateOnly))
			}
			parsed, err := mail.ReadMessage(strings.NewReader(got))
			require.NoError(t, err)
			_, err = parsed.Header.Date()
			require.NoError(t, err)
			var entry inbox.Answer
			require.Eventually(t, func() bool {
				log, err := os.ReadFile(filepath.Join(dirOf(t, server), inbox.AnswersName))
				return err == nil && json.Unmarshal(log, &entry) == nil
			}, 10*time.Second, time.Millisecond)
			entry.Time = time.Time{}
			require.Equal(t, inbox.Answer{Mailbox: "maya@northwind.example", Kind: local, From: local + "+7@contoso.example", InReplyTo: "<1@northwind.example>"}, entry)

			sent, _ := open(t, server, "maya@northwind.example", "Sent")
			require.Equal(t, []string{message}, sent, "under the address too")
		})
	}
}

func dirOf(t *testing.T, server *inbox.Server) string {
	t.Helper()
	dir, ok := dirs.Load(server)
	require.True(t, ok)
	return dir.(string)
}

func TestUnsubscribingUsesTheAddressOfTheHeader(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	with := "List-Unsubscribe: <https://u.example/1>, <mailto:maya+stop@northwind.example?subject=stop%20t0ken>\r\n" + message
	require.NoError(t, client.SendMail("maya@northwind.example", []string{"unsubscribe@contoso.example"}, strings.NewReader(with)))
	got := answered(t, server, 1)[0]
	require.Contains(t, got, "To: maya+stop@northwind.example\r\nSubject: stop t0ken\r\n")
}

func TestAResponderAnswersOnce(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	require.NoError(t, send(client, "vacation@contoso.example"))
	answered(t, server, 1)
	require.NoError(t, send(client, "vacation@contoso.example"))
	require.NoError(t, send(client, "vacation+2@contoso.example"))
	require.NoError(t, send(client, "tom@contoso.example"))
	answered(t, server, 2)
	sent, _ := open(t, server, "maya", "Sent")
	require.Len(t, sent, 4)
}

func TestAProviderRewritesTheMessageID(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{RewriteIDs: true})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	require.NoError(t, send(client, "reply@contoso.example"))
	got := answered(t, server, 1)[0]
	sent, _ := open(t, server, "maya", "Sent")
	parsed, err := mail.ReadMessage(strings.NewReader(sent[0]))
	require.NoError(t, err)
	require.Contains(t, parsed.Header.Get("Message-Id"), "@eu-west-1.amazonses.com>")
	require.Equal(t, "<1@northwind.example>", parsed.Header.Get("X-Microsoft-Original-Message-Id"))
	require.Contains(t, got, "In-Reply-To: "+parsed.Header.Get("Message-Id"))
	require.Equal(t, "<1@northwind.example>", entriesOf(t, server)[0].MessageID, "the log has what we sent")
}

// A message that was accepted without an answer is in Sent: it shows that it was sent.
func TestADroppedAnswerLeavesACopyInSent(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{})
	require.Error(t, send(login(t, server, sasl.NewPlainClient("", "maya", inbox.Password)), "drop@contoso.example"))
	sent, _ := open(t, server, "maya", "Sent")
	require.Equal(t, []string{message}, sent)
}

func TestMailboxesSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := withMailboxes(t, inbox.Options{Dir: dir, Moment: time.Hour})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	require.NoError(t, send(client, "reply@contoso.example"))
	require.NoError(t, send(client, "tom@contoso.example"))
	_, before := open(t, server, "maya", "Sent")
	server.Stop()

	server = withMailboxes(t, inbox.Options{Dir: dir})
	_, after := open(t, server, "maya@northwind.example", "Sent")
	require.Equal(t, before, after, "UIDVALIDITY and UIDs are as before")
	messages, _ := open(t, server, "maya", "INBOX")
	require.Len(t, messages, 1, "an answer that was on its way has arrived")

	require.NoError(t, server.Move("maya@northwind.example"))
	messages, moved := open(t, server, "maya", "Sent")
	require.Len(t, messages, 2)
	require.NotEqual(t, before.UIDValidity, moved.UIDValidity)
	server.Stop()
	server = withMailboxes(t, inbox.Options{Dir: dir})
	_, after = open(t, server, "maya", "Sent")
	require.Equal(t, moved, after)
}

func TestAWrongPasswordReadsNothing(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{})
	_, err := imap.Dial(t.Context(), imap.Settings{Host: "127.0.0.1", Port: server.IMAPPort(), TLS: campaign.TLSNone, Username: "maya", Password: "wr0ng"})
	var fault *imap.Error
	require.ErrorAs(t, err, &fault)
	require.Equal(t, imap.LoginRefused, fault.Fault)
	require.NoError(t, context.Cause(t.Context()))
}

func TestFoldersSayTheirRoles(t *testing.T) {
	t.Parallel()
	server := withMailboxes(t, inbox.Options{})
	client, err := imap.Dial(t.Context(), imap.Settings{Host: "127.0.0.1", Port: server.IMAPPort(), TLS: campaign.TLSNone, Username: "maya", Password: inbox.Password})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	require.True(t, client.CanIdle())
	folders, err := client.Folders(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []imap.Folder{{Name: "INBOX", Role: imap.Inbox}, {Name: "Junk", Role: imap.Junk}, {Name: "Sent", Role: imap.Sent}}, folders)
}

// A test can choose who answers and when, and see how a mailbox is read.
func TestAnswersAndReadersCanBeWatched(t *testing.T) {
	t.Parallel()
	var mutex sync.Mutex
	var commands []string
	server := withMailboxes(t, inbox.Options{
		Moment: time.Hour,
		OnAnswer: func(kind, to string) (time.Duration, bool) {
			return time.Millisecond, kind == "reply" && to == "reply+2@contoso.example"
		},
		OnRead: func(username string, connection int64, command string) {
			mutex.Lock()
			defer mutex.Unlock()
			commands = append(commands, fmt.Sprint(username, " ", connection, " ", command))
		},
	})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	for _, to := range []string{"reply+1@contoso.example", "reply+2@contoso.example", "left@contoso.example"} {
		require.NoError(t, send(client, to))
	}
	require.Contains(t, answered(t, server, 1)[0], "From: <reply+2@contoso.example>\r\n")
	mutex.Lock()
	defer mutex.Unlock()
	require.Equal(t, "maya 1 SELECT INBOX", commands[0])
}

// A reader that has logged in with the address, before anything was sent, reads the mailbox into
// which the answers come, over the same connection and after a restart.
func TestAReaderMayComeBeforeTheFirstMessage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := withMailboxes(t, inbox.Options{Dir: dir})
	reader, err := imap.Dial(t.Context(), imap.Settings{Host: "127.0.0.1", Port: server.IMAPPort(), TLS: campaign.TLSNone, Username: "maya@northwind.example", Password: inbox.Password})
	require.NoError(t, err)
	t.Cleanup(reader.Close)
	state, err := reader.Examine(t.Context(), "INBOX")
	require.NoError(t, err)
	require.Zero(t, state.Exists)
	require.NoError(t, send(login(t, server, sasl.NewPlainClient("", "maya", inbox.Password)), "reply@contoso.example"))
	answered(t, server, 1)
	state, err = reader.Examine(t.Context(), "INBOX")
	require.NoError(t, err)
	require.EqualValues(t, 1, state.Exists)
	server.Stop()
	server = withMailboxes(t, inbox.Options{Dir: dir})
	for _, name := range []string{"maya", "maya@northwind.example"} {
		messages, _ := open(t, server, name, "INBOX")
		require.Len(t, messages, 1, name)
	}
}
