package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const movedMailbox = `
users: [{key: mo, name: Mo, email: mo@moved.example}]
email_accounts:
  - {address: mo@moved.example, name: Mo, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: mo, password: inbox}, imap: {host: 127.0.0.1, port: READ, tls: none}}
campaigns:
  - {key: m-seq, name: Sequence, owner: mo, sender: mo@moved.example, steps: [{id: hello, email: {subject: Hello, body: B}}, {wait: FIRST}, {id: again, email: {reply_to: hello, body: B}}]}
  - {key: m-moved, name: Moved, owner: mo, sender: mo@moved.example, steps: [{id: hello, email: {subject: Hello again, body: B}}, {wait: SECOND}, {id: again, email: {reply_to: hello, body: B}}]}
`

// Case 6 of docs/hearing.md, a test of its own because it stops the worker: a mailbox is moved, and everything in it
// has another number. The new reply is heard, and what was heard before is not heard again.
func TestAMailboxIsMoved(t *testing.T) {
	s := start(t)
	apply := func(first, second string) {
		s.apply(strings.NewReplacer("READ", fmt.Sprint(s.Inbox.IMAPPort()), "FIRST", first, "SECOND", second).Replace(movedMailbox))
	}
	apply("2h", "2h")
	ids := map[string]int64{}
	for _, who := range []string{"answered", "silent", "away"} {
		ids[who] = s.contact("Mov", who+"@moved.test")
	}
	s.reads("mo@moved.example")
	s.run("enroll", "m-seq", "--contacts", joined([]int64{ids["answered"], ids["silent"], ids["away"]}))
	for who, mail := range map[string][2]string{
		"answered": {"", "Yes, tell me more."},
		"away":     {"Auto-Submitted: auto-replied\r\n", "I am on leave for nine days."},
	} {
		address := who + "@moved.test"
		require.NoError(t, s.Inbox.Deliver("mo", []byte(answering(address, s.firstTo(address), isReply+mail[0], mail[1]))))
	}
	s.away(ids["away"])
	s.eventually("m-seq", "one has answered", func(c counts) bool { return c.Disenrolled == 1 && c.Sent == 3 })
	apply("1s", "2h")
	s.eventually("m-seq", "one is through, one is away", func(c counts) bool { return c.Completed == 1 && c.Waiting == 1 && c.Disenrolled == 1 })

	s.run("enroll", "m-moved", "--contacts", joined([]int64{ids["answered"], ids["silent"]})) // the first has answered, and is written to anew
	s.eventually("m-moved", "both have the first mail", func(c counts) bool { return c.Sent == 2 })
	require.NoError(t, s.Inbox.Move("mo"))
	s.StopWorker()
	running := false
	t.Cleanup(func() { // the other tests need it, whatever happens here
		if !running {
			require.NoError(t, s.StartWorker())
		}
	})
	require.NoError(t, s.Inbox.Deliver("mo", []byte(answering("silent@moved.test", s.mailsTo("silent@moved.test")[2].MessageID, isReply, "Now I have read it, call me."))))
	require.NoError(t, s.StartWorker())
	running = true
	s.eventually("m-moved", "the new reply is heard", func(c counts) bool { return c.Waiting == 1 && c.Disenrolled == 1 })
	apply("1s", "1s")
	s.eventually("m-moved", "the new reply is heard, and the old one is not heard again", func(c counts) bool { return c.Completed == 1 && c.Disenrolled == 1 })
	require.Equal(t, "replied", s.enrollment(ids["silent"], "m-moved").EndedBy)
	require.Len(t, s.mailsTo("silent@moved.test"), 3)
	require.Len(t, s.mailsTo("answered@moved.test"), 3)
	require.Equal(t, 1, strings.Count(s.run("timeline", fmt.Sprint(ids["away"])), "Away:"), "once")
	require.Len(t, dialStock(t, s.Inbox, "mo").messages("INBOX"), 3, "nothing is flagged, moved or deleted")
}
