package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

const heard = `
users:
  - {key: ida, name: Ida, email: ida@hear.example}
email_accounts:
  - {address: ida@hear.example, name: Ida, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: ida, password: inbox}, imap: {host: 127.0.0.1, port: READ, tls: none, username: ida, password: inbox}}
campaigns:
  - key: h-seq
    name: Heard
    owner: ida
    sender: ida@hear.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: WAIT
      - {id: again, email: {reply_to: hello, body: B}}
  - {key: h-late, name: Late, owner: ida, sender: ida@hear.example, steps: [{wait: 2h}, {id: one, email: {subject: One, body: B}}]}
`

// Law 9, with a real mailbox: a person who answers hears no more, who is away is waited for, an address that
// bounces a moment later is in error at the next mail, and all others have their sequence.
func TestWhatPersonsAnswerIsHeard(t *testing.T) {
	t.Parallel()
	s := start(t)
	apply := func(wait string) {
		s.apply(strings.NewReplacer("READ", fmt.Sprint(s.Inbox.IMAPPort()), "WAIT", wait).Replace(heard))
	}
	apply("2h")
	ids := map[string]int64{}
	var all []int64
	for _, who := range []string{"ann", "reply", "vacation", "left", "unsubscribe", "complain", "bounce-later", "delayed"} {
		ids[who] = s.contact("H-"+who, who+"@hear.test")
		all = append(all, ids[who])
	}
	s.run("enroll", "h-late", "--contacts", joined([]int64{ids["reply"], ids["unsubscribe"]}))
	s.run("enroll", "h-seq", "--contacts", joined(all))
	s.eventually("h-seq", "those who answered have left", func(c counts) bool { return c.Disenrolled == 4 && c.Sent == 8 })
	s.away(ids["vacation"])
	s.await(func() string { return "the reports are read" }, func() bool {
		return strings.Contains(s.run("bounce", "list"), "bounce-later@hear.test") && strings.Contains(s.run("timeline", fmt.Sprint(ids["delayed"])), "Delayed")
	})
	apply("1s")
	s.eventually("h-seq", "those who said nothing are through, those who answered have left, a bounce is in error, one is away", func(c counts) bool {
		return c.Completed == 2 && c.Disenrolled == 4 && c.InError == 1 && c.Waiting == 1
	})
	s.eventually("h-late", "an answer ends the person's other enrollment", func(c counts) bool { return c.Disenrolled == 2 })
	for who, want := range map[string]int{"ann": 2, "delayed": 2, "reply": 1, "vacation": 1, "left": 1, "unsubscribe": 1, "complain": 1, "bounce-later": 1} {
		require.Len(t, s.mailsTo(who+"@hear.test"), want, who)
	}
	for _, one := range s.errors("--campaign", "h-seq") {
		require.Equal(t, string(failure.EmailAlreadyBounced), one.Code)
	}
	for who, words := range map[string]string{"reply": "Answered", "vacation": "Away", "unsubscribe": "Unsubscribed", "complain": "spam", "left": "not there any more", "delayed": "Delayed"} {
		require.Contains(t, s.run("timeline", fmt.Sprint(ids[who])), words, who)
	}
}
