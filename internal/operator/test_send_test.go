package operator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
)

// testBundle is a bundle whose account sends to an inbox, at a pace, and the mail that the
// inbox has.
func (b *bundle) withInbox(o inbox.Options) (server *inbox.Server, mails func() []string) {
	b.t.Helper()
	o.Dir = b.t.TempDir()
	server, err := inbox.Start(b.t.Context(), o)
	require.NoError(b.t, err)
	b.t.Cleanup(server.Stop)
	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{
		Host: ptr("127.0.0.1"), Port: ptr(server.Port()), TLS: ptr("none"), Username: ptr("maya"), Password: ptr(campaign.Secret(inbox.Password)),
	})
	require.NoError(b.t, err)
	b.exec(`UPDATE users SET email = 'maya.claes@northwind.example'`)
	return server, func() []string {
		paths, err := filepath.Glob(filepath.Join(o.Dir, "*", "*.eml"))
		require.NoError(b.t, err)
		more, err := filepath.Glob(filepath.Join(o.Dir, "*.eml"))
		require.NoError(b.t, err)
		var mails []string
		for _, path := range append(paths, more...) {
			text, err := os.ReadFile(path)
			require.NoError(b.t, err)
			mails = append(mails, string(text))
		}
		return mails
	}
}

func (b *bundle) pace(rules string) {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET pace = $1`, rules)
	b.exec(`DELETE FROM account_pace`)
	b.exec(`DELETE FROM test_sends`)
}

func TestATestIsMarkedAndCountsForNobody(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	_, mails := b.withInbox(inbox.Options{})
	b.exec(`UPDATE plan SET unlimited = false, credits = 1`)
	b.pace(`{"gap": 3600000000000, "perDay": 400}`)
	before := one[string](b, `SELECT string_agg(e::text, ';' ORDER BY e.id) FROM enrollments e`)
	sent, err := b.TestSend(b.ctx, "q4", 1, "", "")
	require.NoError(t, err)
	require.Equal(t, TestSent{
		Campaign: "q4", ContactID: 1, StepID: "intro", From: mayas, To: "maya.claes@northwind.example", Subject: "[Test] Hi", MessageID: sent.MessageID, Reply: sent.Reply,
	}, sent)
	require.Regexp(t, `^250 `, sent.Reply)
	require.Len(t, mails(), 1)
	for _, line := range []string{"Subject: [Test] Hi\r\n", "X-Relance-Test: true\r\n", "To: <maya.claes@northwind.example>\r\n", "Message-ID: <" + sent.MessageID + ">\r\n"} {
		require.Contains(t, mails()[0], line)
	}
	preview, err := b.Preview(b.ctx, "q4", 1, "intro")
	require.NoError(t, err)
	require.NotContains(t, preview.Steps[0].Message, "X-Relance-Test")
	_, text, _ := strings.Cut(preview.Steps[0].Message, "Content-Type: text/plain")
	text, _, _ = strings.Cut(text, "\r\n--")
	require.Contains(t, mails()[0], text, "the text is the contact's")

	require.Zero(t, one[int](b, `SELECT count(*) FROM deliveries`))
	require.Zero(t, one[int](b, `SELECT count(*) FROM line`))
	require.Equal(t, 1, one[int](b, `SELECT credits FROM plan`))
	require.Equal(t, before, one[string](b, `SELECT string_agg(e::text, ';' ORDER BY e.id) FROM enrollments e`))
	require.Equal(t, "tess", one[string](b, `SELECT by FROM test_sends WHERE account = $1`, mayas))
	require.Equal(t, 1, one[int](b, `SELECT count FROM account_pace`), "but of the account's day it is")
	page, err := b.Activities(b.ctx, ActivityFilter{}, 0, 1)
	require.NoError(t, err)
	require.Equal(t, "sent a test message of campaign q4", ActivityText(page.Items[0]))

	// The gap holds for the next, and is said with its end.
	_, err = b.TestSend(b.ctx, "q4", 1, "", "")
	var notNow *NotNow
	require.ErrorAs(t, err, &notNow)
	require.ErrorIs(t, err, ErrRefused)
	require.WithinDuration(t, time.Now().Add(time.Hour), notNow.Until, time.Minute)
	require.Regexp(t, `^maya@northwind.example has just sent an email, and keeps its gap; it may send again at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$`, err.Error())
	require.Len(t, mails(), 1)
}

func TestATestKeepsTheAccountsLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	server, mails := b.withInbox(inbox.Options{})
	logins := server.Logins()
	tomorrow := strings.ToLower(time.Now().UTC().AddDate(0, 0, 3).Weekday().String()[:3])
	for name, c := range map[string]struct{ pace, is, was, want string }{
		"day":    {`{"perDay": 2}`, `INSERT INTO account_pace (address, day, count) SELECT 'maya@northwind.example', (now() AT TIME ZONE 'UTC')::date, 2`, ``, "has reached its limit of the day \\(2 sent\\); it may send again at .* 00:00:00 UTC"},
		"ledger": {`{"perDay": 2}`, `INSERT INTO test_sends (account, by) SELECT 'maya@northwind.example', 'x' FROM generate_series(1, 2)`, ``, `has reached its limit of the day \(2 sent\)`},
		"hours":  {`{"hours": [{"days": "` + tomorrow + `", "from": "09:00", "to": "10:00"}]}`, `SELECT`, ``, "is outside its hours; it may send again at .* 09:00:00 UTC"},
		"rest":   {`{}`, `UPDATE email_accounts SET resting_until = now() + interval '1 hour', rest_reason = '421 too many'`, `UPDATE email_accounts SET resting_until = NULL`, "rests, because its server said “421 too many”; it may send again at "},
		"turn": {`{"gap": 1000000000}`, `INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, granted_at) VALUES (1, 'intro', 'q4', 'maya@northwind.example', 2, 'claimed', now())`,
			`DELETE FROM line`, "is sending a contact's message just now; try again in a moment"},
		"in error": {`{}`, `UPDATE email_accounts SET status = 'in_error', reason = '535 no'`, `UPDATE email_accounts SET status = 'connected', reason = ''`, `cannot send: it is in error \(535 no\)`},
		"removed":  {`{}`, `UPDATE email_accounts SET status = 'removed'`, `UPDATE email_accounts SET status = 'connected'`, "cannot send: it is removed"},
	} {
		b.pace(c.pace)
		b.exec(c.is)
		_, err := b.TestSend(b.ctx, "q4", 1, "", "")
		require.ErrorIs(t, err, ErrRefused, name)
		require.Regexp(t, "^maya@northwind.example "+c.want, err.Error(), name)
		if c.was != "" {
			b.exec(c.was)
		}
	}
	require.Empty(t, mails())
	require.Equal(t, logins, server.Logins(), "nobody logs in for what is refused")
	b.pace(`{"perDay": 2}`)
	b.exec(`UPDATE campaigns SET send_window = '{"windows": [{"days": "` + tomorrow + `", "from": "09:00", "to": "10:00"}]}', paused = true`)
	for range 2 {
		_, err := b.TestSend(b.ctx, "q4", 1, "", "")
		require.NoError(t, err, "the campaign's window does not count")
	}
	_, err := b.TestSend(b.ctx, "q4", 1, "", "")
	require.ErrorContains(t, err, "has reached its limit of the day (2 sent)")
	require.Len(t, mails(), 2)
}

func TestARefusedTestIsGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.withInbox(inbox.Options{OnData: func(to []string, _ []byte) *inbox.Reply {
		if strings.HasPrefix(to[0], "cut") {
			return &inbox.Reply{Cut: true}
		}
		return &inbox.Reply{Code: 554, Enhanced: "5.7.1", Text: "blocked"}
	}})
	b.pace(`{"perDay": 2}`)
	_, err := b.TestSend(b.ctx, "q4", 1, "", "me@northwind.example")
	var failed *TestNotSent
	require.ErrorAs(t, err, &failed)
	require.Contains(t, failed.Words, "554 5.7.1 blocked")
	require.Zero(t, one[int](b, `SELECT count FROM account_pace`))
	require.Zero(t, one[int](b, `SELECT count(*) FROM test_sends`))
	require.Equal(t, "connected", one[string](b, `SELECT status::text FROM email_accounts`), "nothing parks")

	// A lost answer is not: it may have left.
	_, err = b.TestSend(b.ctx, "q4", 1, "", "cut@northwind.example")
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.Uncertain)
	require.ErrorContains(t, err, "nobody knows whether the test message was sent, look at cut@northwind.example")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM test_sends`))
	require.Equal(t, 1, one[int](b, `SELECT count FROM account_pace`))

	for name, c := range map[string]struct {
		contact        int64
		step, to, want string
	}{
		"a contact":    {1, "", "C1@contoso.example", "is contact 1: a test goes to an address that is no contact's"},
		"no address":   {1, "", "me", "me"},
		"no such step": {1, "wait-2", "", "there is no email of q4 wait-2"},
		"no contact":   {9, "", "", "there is no contact 9"},
	} {
		_, err := b.TestSend(b.ctx, "q4", c.contact, c.step, c.to)
		require.ErrorContains(t, err, c.want, name)
	}
	b.exec(`UPDATE users SET email = ''`)
	_, err = b.TestSend(b.ctx, "q4", 1, "", "")
	require.ErrorContains(t, err, "the owner of q4 has no address")
	b.exec(`UPDATE campaigns SET steps = '[{"id":"intro","kind":"email","subject":"Hi","body":"{{ missing }}"}]'`)
	_, err = b.TestSend(b.ctx, "q4", 1, "", "me@northwind.example")
	require.ErrorContains(t, err, "step intro cannot be rendered: ")
	b.exec(`UPDATE campaigns SET sender = NULL`)
	_, err = b.TestSend(b.ctx, "q4", 1, "", "me@northwind.example")
	require.ErrorContains(t, err, "campaign q4 has no sender")
	b.exec(`INSERT INTO email_accounts (address, host, port, tls, status, reason) VALUES ('tom@northwind.example', 'smtp.northwind.example', 587, 'starttls', 'removed', '')`)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 no' WHERE address = $1`, mayas)
	b.exec(`UPDATE campaigns SET senders = ARRAY[$1, 'tom@northwind.example']`, mayas)
	_, err = b.TestSend(b.ctx, "q4", 1, "", "me@northwind.example")
	require.EqualError(t, err, "campaign q4: none of the campaign's senders can send: "+mayas+": 535 no; tom@northwind.example (removed)")
}
