package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

const casesWorkspace = `
users: [{key: cas, name: Cas, email: cas@cases.example}]
email_accounts:
  - {address: cas@cases.example, name: Cas, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: cas, password: inbox}, imap: {host: 127.0.0.1, port: READ, tls: none}}
  - {address: lat@cases.example, name: Lat, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: lat, password: inbox}, imap: {host: 127.0.0.1, port: READ, tls: none}}
  - {address: rew@cases.example, name: Rew, smtp: {host: 127.0.0.1, port: REWRITE, tls: none, username: rew, password: inbox}, imap: {host: 127.0.0.1, port: REREAD, tls: none}}
campaigns:
  - {key: c-seq, name: Cases, owner: cas, sender: cas@cases.example, steps: [{id: hello, email: {subject: Hello, body: "B {{ unsubscribe_url }}"}}, {wait: WAIT}, {id: again, email: {reply_to: hello, body: B}}]}
  - {key: c-late, name: Late, owner: cas, sender: lat@cases.example, steps: [{id: hello, email: {subject: Hello, body: B}}, {wait: 15s}, {id: again, email: {reply_to: hello, body: B}}]}
  - {key: c-rew, name: Rewritten, owner: cas, sender: rew@cases.example, steps: [{id: hello, email: {subject: Prices, body: B}}, {wait: WAIT}, {id: again, email: {reply_to: hello, body: B}}]}
  - {key: c-two, name: Two, owner: cas, sender: cas@cases.example, steps: [{wait: 2s}, {id: card, email: {subject: Card, body: B}}]}
`

// heardCase is one mail that comes in answer to the first mail to somebody, and what follows.
type heardCase struct {
	name, who string
	answer    func(id string) string // the raw mail, for the Message-ID of ours; nil for none
	mails     int                    // that the person has had in the end
	ended     string                 // how the enrollment has ended, where it has
	status    string                 // or else where it stands
	bounced   bool                   // the address is on the bounce list
}

// answering is a mail in answer to one of ours.
func answering(from, id, fields, body string) string {
	return fmt.Sprintf("From: %s\r\nTo: cas@cases.example\r\nSubject: Re: Hello\r\nDate: %s\r\nMessage-ID: <%d@answers.example>\r\n%s%s\r\n%s\r\n",
		from, time.Now().Format(time.RFC1123Z), time.Now().UnixNano(), strings.ReplaceAll(fields, "ID", id), "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n", body)
}

// reporting is a delivery report about one of ours, with a group a recipient.
func reporting(id, fields string, groups ...string) string {
	return "Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@mx.cases.test>\r\nTo: cas@cases.example\r\nSubject: Delivery report\r\n" + fields +
		fmt.Sprintf("Message-ID: <%d@mx.cases.test>\r\n", time.Now().UnixNano()) +
		"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mx.cases.test\r\n\r\n" + strings.Join(groups, "\r\n") + "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + id + "\r\nSubject: Hello\r\n\r\n--b--\r\n"
}

func group(to, action, status, words string) string {
	return "Final-Recipient: rfc822; " + to + "\r\nAction: " + action + "\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; " + words + "\r\n"
}

const isReply = "In-Reply-To: ID\r\nReferences: ID\r\n"

// heardCases are those of the ten that one mail makes; the others are tests of their own below
// and beside this: the table in docs/hearing.md has all.
func heardCases(german string) []heardCase {
	const unsubscribeFooter = "Sounds good, please call me on Tuesday.\r\n\r\nOn Mon, Cas <cas@cases.example> wrote:\r\n> B\r\n> If you do not want to hear from us, unsubscribe here\r\n> Unsubscribe\r\n"
	return []heardCase{
		{name: "2 a bounce that says auto-replied", who: "mirror-bounce@2.test", mails: 1, status: "InError", bounced: true, answer: func(id string) string {
			return reporting(id, "Auto-Submitted: auto-replied\r\nIn-Reply-To: "+id+"\r\n", group("mirror-bounce@2.test", "failed", "5.1.1", "550 5.1.1 <mirror-bounce@2.test>: Recipient address rejected: User unknown"))
		}},
		{name: "2 a vacation with the envelope of postmaster", who: "mirror-away@2.test", mails: 1, status: "Waiting", answer: func(id string) string {
			return "Return-Path: <postmaster@2.test>\r\n" + answering("mirror-away@2.test", id, isReply+"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n",
				"I am on leave and will be back on "+time.Now().AddDate(0, 0, 9).Format("2 January 2006")+".")
		}},
		{name: "3 delayed", who: "later@3.test", mails: 2, status: "Completed", answer: func(id string) string {
			return reporting(id, "", group("later@3.test", "delayed", "4.4.7", "451 4.4.1 connection timed out"))
		}},
		{name: "3 failed for another, delayed for this one", who: "half@3.test", mails: 2, status: "Completed", answer: func(id string) string {
			return reporting(id, "", group("other@3.test", "failed", "5.1.1", "550 5.1.1 no such user"), group("half@3.test", "delayed", "4.4.7", "451 4.4.1 connection timed out"))
		}},
		{name: "4 our own copy, from an alias", who: "shadow@4.test", mails: 2, status: "Completed", answer: func(id string) string {
			return answering("Cas <cas.alias@other.example>", id, isReply+"X-Relance-Id: aaaaaaaaaaaaaaaaaaaaaaaa@cases.example\r\n", "just following up")
		}},
		{name: "5 a person's, forwarded by Exchange", who: "forwarded@5.test", mails: 1, ended: "replied", answer: func(id string) string {
			return answering("Jane Private <jane@elsewhere.test>", id, isReply+"X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-forwarded\r\nX-MS-Exchange-Inbox-Rules-Loop: forwarded@5.test\r\n", "Yes, tell me more.")
		}},
		{name: "8 the German vacation", who: "urlaub@8.test", mails: 1, status: "Waiting", answer: func(id string) string {
			return answering("urlaub@8.test", id, isReply+"Auto-Submitted: auto-replied\r\n", "Ich bin bis einschließlich "+german+" nicht im Büro, Tel. +49 30 1234567.")
		}},
		{name: "9 a forged report", who: "forged@9.test", mails: 2, status: "Completed", answer: func(string) string {
			return reporting("<bbbbbbbbbbbbbbbbbbbbbbbb@cases.example>", "", group("nobody@9.test", "failed", "5.1.1", "550 5.1.1 no such user"))
		}},
		{name: "9 a reply above our footer", who: "footer@9.test", mails: 1, ended: "replied", answer: func(id string) string { return answering("footer@9.test", id, isReply, unsubscribeFooter) }},
		{name: "9 please don't stop", who: "goon@9.test", mails: 1, ended: "replied", answer: func(id string) string {
			return answering("goon@9.test", id, isReply, "Please don't stop, this is useful.")
		}},
		{name: "9 a spam block", who: "blocked-later@9.test", mails: 2, status: "Completed", answer: func(id string) string {
			return reporting(id, "", group("blocked-later@9.test", "failed", "5.7.1", "554 5.7.1 Message rejected as spam"))
		}},
		{name: "9 a scanner looks at the link", who: "scanned@9.test", mails: 2, status: "Completed"},
		{name: "10 broken beyond reading", who: "poison@10.test", mails: 2, status: "Completed", answer: func(string) string {
			return "From: =?x?q?\x00\xff\r\nContent-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n\x00\x01\xfe" + strings.Repeat("\r\n--\r\n", 50)
		}},
	}
}

// The ten cases of docs/hearing.md, as real mail in real mailboxes, with a stock client beside the reader.
func TestTheTenCasesOfHearing(t *testing.T) {
	t.Parallel()
	s := start(t)
	rewriting, err := inbox.Start(t.Context(), inbox.Options{Dir: t.TempDir(), Mailboxes: true, RewriteIDs: true})
	require.NoError(t, err)
	t.Cleanup(rewriting.Stop)
	apply := func(wait string) {
		s.apply(strings.NewReplacer("REWRITE", fmt.Sprint(rewriting.Port()), "REREAD", fmt.Sprint(rewriting.IMAPPort()), "READ", fmt.Sprint(s.Inbox.IMAPPort()), "WAIT", wait).Replace(casesWorkspace))
	}
	apply("2h")
	last := time.Now().AddDate(0, 0, 9) // the last day of the German's absence
	table := heardCases(last.Format("02.01."))

	ids, file := map[string]int64{}, "Email\n"
	for _, one := range table {
		file += one.who + "\n"
	}
	others := []string{"late@1.test", "colleague@7.test", "free@gmail.com", "boss-knows@7b.test", "drop@10.test"}
	s.feed(file+strings.Join(others, "\n")+"\n", "contacts", "import", "-")
	var known []struct {
		ID    int64
		Email string
	}
	require.NoError(t, json.Unmarshal([]byte(s.run("contacts", "list", "--limit", "0", "-o", "json")), &known))
	for _, contact := range known {
		ids[contact.Email] = contact.ID
	}
	enroll := func(campaign string, people ...string) {
		t.Helper()
		var all []int64
		for _, who := range people {
			require.NotZero(t, ids[who], who)
			all = append(all, ids[who])
		}
		s.run("enroll", campaign, "--contacts", joined(all))
	}
	var people []string
	for _, one := range table {
		people = append(people, one.who)
	}
	client, late, other := dialStock(t, s.Inbox, "cas"), dialStock(t, s.Inbox, "lat"), dialStock(t, rewriting, "rew")
	for _, account := range []string{"cas@cases.example", "lat@cases.example", "rew@cases.example"} {
		s.reads(account)
	}

	enroll("c-seq", people...)
	enroll("c-rew", "colleague@7.test", "free@gmail.com", "boss-knows@7b.test", "drop@10.test")
	enroll("c-late", "late@1.test")

	// 1: in a folder in which nothing announces it, before the follow-up is due. Only a look that begins after that sees it.
	late.file("Junk", []byte(answering("late@1.test", s.firstTo("late@1.test"), isReply, "Yes, call me.")))
	delivered := 0
	for _, one := range table {
		first := s.firstTo(one.who)
		if one.answer == nil {
			continue
		}
		require.NoError(t, s.Inbox.Deliver("cas", []byte(one.answer(first))), one.name)
		delivered++
	}
	s.scan("scanned@9.test")
	s.away(ids["urlaub@8.test"])
	enroll("c-two", "urlaub@8.test") // after the answer: Exchange writes no second one

	// 7: the id that a provider has put in place of ours is known from the copy in Sent.
	wire := map[string]string{}
	s.await(func() string { return "four copies are in Sent" }, func() bool {
		for _, raw := range other.messages("Sent") {
			to, id := field(raw, "To"), field(raw, "Message-ID")
			wire[strings.Trim(to, "<>")] = id
		}
		return len(wire) == 4
	})
	require.Contains(t, wire["colleague@7.test"], "amazonses.com")
	require.NoError(t, rewriting.Deliver("rew", []byte(strings.Replace(answering("boss@7.test", wire["colleague@7.test"], "References: ID\r\n", "We are interested."), "Re: Hello", "Re: Prices", 1))))
	require.NoError(t, rewriting.Deliver("rew", []byte(strings.Replace(answering("somebody@gmail.com", "", "", "Hi there"), "Re: Hello", "Re: Prices", 1))))
	require.NoError(t, rewriting.Deliver("rew", []byte(strings.Replace(answering("boss@7b.test", "", "", "I answer for Jo"), "Re: Hello", "Re: Prices", 1))))

	s.kept("cas@cases.example", delivered)
	s.kept("rew@cases.example", 3)
	apply("1s")

	s.eventually("c-late", "1: the late reader", func(c counts) bool { return c.Disenrolled == 1 })
	require.Len(t, s.mailsTo("late@1.test"), 1)
	s.eventually("c-seq", "all answers are followed", func(c counts) bool { return c.Active == 0 && c.Waiting == 2 })
	s.eventually("c-rew", "the colleague ends it, one is held, two are through", func(c counts) bool {
		return c.Disenrolled == 1 && c.Waiting == 1 && c.Completed == 2
	})
	bounces := s.run("bounce", "list")
	for _, one := range table {
		t.Run(one.name, func(t *testing.T) {
			require.Len(t, s.mailsTo(one.who), one.mails)
			of := s.enrollment(ids[one.who], "c-seq")
			if one.ended != "" {
				require.Equal(t, []string{"Disenrolled", one.ended}, []string{of.Status, of.EndedBy})
			} else {
				require.Equal(t, one.status, of.Status)
			}
			require.Equal(t, one.bounced, strings.Contains(bounces, one.who))
		})
	}
	require.NotContains(t, bounces, "nobody@9.test")
	require.NotContains(t, bounces, "other@3.test")

	t.Run("7 a colleague, and free mail", func(t *testing.T) {
		require.Equal(t, "replied", s.enrollment(ids["colleague@7.test"], "c-rew").EndedBy)
		require.Equal(t, "Completed", s.enrollment(ids["free@gmail.com"], "c-rew").Status)
		require.Equal(t, "Waiting", s.enrollment(ids["boss-knows@7b.test"], "c-rew").Status)
		require.Contains(t, s.run("inbound", "list"), "boss@7b.test")
	})
	t.Run("8 the hold is on the person", func(t *testing.T) {
		require.Len(t, s.mailsTo("urlaub@8.test"), 1, "in no campaign")
		type answer struct {
			Campaign, Because string
			Limits            []struct {
				Until time.Time
			}
		}
		var said struct {
			answer
			Others []answer
		}
		require.NoError(t, json.Unmarshal([]byte(s.run("why", fmt.Sprint(ids["urlaub@8.test"]), "-o", "json")), &said))
		back := last.AddDate(0, 0, 1)
		for back.Weekday() == time.Saturday || back.Weekday() == time.Sunday {
			back = back.AddDate(0, 0, 1)
		}
		require.Len(t, said.Others, 1)
		for _, why := range append(said.Others, said.answer) {
			require.Equal(t, "held", why.Because, why.Campaign)
			require.Equal(t, back.Format(time.DateOnly), why.Limits[0].Until.Format(time.DateOnly), "the working day after the last one")
		}
	})
	t.Run("10 a doubt settles itself, by a copy under another Message-ID", func(t *testing.T) {
		require.Equal(t, "Completed", s.enrollment(ids["drop@10.test"], "c-rew").Status)
		require.Equal(t, 2, mailsIn(t, rewriting, "drop@10.test"), "and nothing was repeated")
		require.Contains(t, s.run("timeline", fmt.Sprint(ids["drop@10.test"])), "so it was sent")
	})
	// Nothing is flagged (messages looks), moved or deleted.
	again := dialStock(t, s.Inbox, "cas")
	require.Len(t, again.messages("INBOX"), delivered)
	require.Empty(t, again.messages("Junk"))
	require.Len(t, late.messages("Junk"), 1)
	require.Len(t, other.messages("INBOX"), 3)
	require.Len(t, client.messages("Sent"), len(again.messages("Sent")))
}

// reads waits until an account's mailbox has been read to its end.
func (s *system) reads(account string) {
	s.t.Helper()
	s.await(func() string { return account + " is read" }, func() bool {
		var accounts []struct {
			Address string
			Mailbox *struct{ LookedAt *time.Time }
		}
		require.NoError(s.t, json.Unmarshal([]byte(s.run("email-account", "list", "-o", "json")), &accounts))
		for _, one := range accounts {
			if one.Address == account {
				return one.Mailbox != nil && one.Mailbox.LookedAt != nil
			}
		}
		return false
	})
}

// kept waits until so many messages of an account's INBOX have been read.
func (s *system) kept(account string, count int) {
	s.t.Helper()
	s.awaitRow(fmt.Sprintf("%d messages to %s are kept", count, account), `SELECT count(*) = $2 FROM inbound WHERE address = $1 AND folder = 'INBOX'`, account, count)
}

// away waits until it is known that a person is away.
func (s *system) away(contact int64) {
	s.t.Helper()
	s.awaitRow(fmt.Sprintf("contact %d is away", contact), `SELECT EXISTS (SELECT FROM contact_holds WHERE contact_id = $1)`, contact)
}

// firstTo waits for the first mail to somebody, and returns its Message-ID.
func (s *system) firstTo(address string) (id string) {
	s.t.Helper()
	s.await(func() string { return "there is a mail to " + address }, func() bool {
		mails := s.mailsTo(address)
		if len(mails) > 0 {
			id = mails[0].MessageID
		}
		return len(mails) > 0
	})
	return id
}

var unsubscribeLink = regexp.MustCompile(`List-Unsubscribe: <(http://[^>]+)>`)

// scan does what a scanner does with the link of a mail: it looks, several times.
func (s *system) scan(address string) {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.Dir, "inbox", s.mailsTo(address)[0].File))
	require.NoError(s.t, err)
	link := unsubscribeLink.FindSubmatch(raw)
	require.NotNil(s.t, link)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		request, err := http.NewRequestWithContext(s.t.Context(), method, string(link[1]), nil)
		require.NoError(s.t, err)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(s.t, err)
		require.NoError(s.t, answer.Body.Close())
		require.Equal(s.t, http.StatusOK, answer.StatusCode)
	}
}

type enrollmentOf struct{ Status, EndedBy string }

// enrollment is one of a contact's.
func (s *system) enrollment(contact int64, campaign string) enrollmentOf {
	s.t.Helper()
	var of enrollmentOf
	require.NoError(s.t, db.QueryRow(s.t.Context(), `SELECT status, coalesce(ended_by, '') FROM enrollments WHERE contact_id = $1 AND campaign = $2`, contact, campaign).
		Scan(&of.Status, &of.EndedBy))
	return of
}

// field is a header field of a raw message.
func field(raw, name string) string {
	for line := range strings.SplitSeq(raw, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

// mailsIn counts what another inbox has accepted for an address.
func mailsIn(t *testing.T, server *inbox.Server, address string) int {
	t.Helper()
	count := 0
	for _, raw := range dialStock(t, server, "rew").messages("Sent") {
		if strings.Contains(field(raw, "To"), address) {
			count++
		}
	}
	return count
}
