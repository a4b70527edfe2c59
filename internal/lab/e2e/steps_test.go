package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/workflows"
)

const threeSteps = `
users:
  - {key: nora, name: Nora Øst, email: nora@fjord.example, phone: "+32475000003"}
email_accounts:
  - {address: nora@fjord.example, name: "Nora Øst, Fjord", smtp: {host: 127.0.0.1, port: PORT, tls: none, username: nora, password: inbox}}
campaigns:
  - key: s-thread
    name: Thread
    owner: nora
    sender: nora@fjord.example
    steps:
      - {id: hello, email: {subject: "Olé {{ first_name }}", body: "Hi {{ first_name }}"}}
      - wait: 1s
      - {id: again, email: {reply_to: hello, body: "Still there?"}}
      - {id: tell, sms: {text: "{{ full_name }} is through"}}
  - key: s-pause
    name: Pause
    owner: nora
    sender: nora@fjord.example
    steps:
      - wait: 1s
      - {id: hello, email: {subject: S, body: B}}
  - key: s-doubt
    name: Doubt
    owner: nora
    sender: nora@fjord.example
    steps:
      - {id: hello, email: {subject: S, body: B}}
`

// A campaign's steps in their order: the follow-up continues the thread, the
// owner gets an SMS, and what the receiving server got is a good mail.
func TestStepsInTheirOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(threeSteps)
	id := s.contact("José 王伟", "jose@thread.example")
	s.run("enroll", "s-thread", "--contacts", fmt.Sprint(id))
	s.completes("s-thread", 1)
	require.Equal(t, 2, s.status("s-thread").Sent)

	mails := s.mailsTo("jose@thread.example")
	require.Len(t, mails, 2)
	hello, again := s.open(mails[0]), s.open(mails[1])
	require.Equal(t, "Olé José 王伟", decoded(t, hello.Header.Get("Subject")))
	require.Equal(t, "Re: Olé José 王伟", decoded(t, again.Header.Get("Subject")))
	require.Equal(t, hello.Header.Get("Message-Id"), again.Header.Get("In-Reply-To"))
	require.Contains(t, again.Header.Get("References"), hello.Header.Get("Message-Id"))
	require.True(t, strings.HasSuffix(hello.Header.Get("Message-Id"), "@fjord.example>"))
	from, err := hello.Header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, mail.Address{Name: "Nora Øst, Fjord", Address: "nora@fjord.example"}, *from[0])
	_, err = hello.Header.Date()
	require.NoError(t, err)

	texts, err := os.ReadFile(filepath.Join(s.Dir, "sms", "log.jsonl"))
	require.NoError(t, err)
	require.Contains(t, string(texts), "José 王伟 Tester is through")
	s.record("follows_email_wait_thread_sms", workflows.EnrollmentWorkflowID("s-thread", id))
}

func (s *system) open(entry accepted) *mail.Message {
	s.t.Helper()
	file, err := os.Open(filepath.Join(s.Dir, "inbox", filepath.Base(entry.File)))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = file.Close() })
	message, err := mail.ReadMessage(bufio.NewReader(file))
	require.NoError(s.t, err)
	return message
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	text, err := new(mimeDecoder).DecodeHeader(header)
	require.NoError(t, err)
	return text
}

// A paused campaign holds its contacts at their step, and is no error.
func TestPauseHoldsAndUnpauseGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(threeSteps)
	id := s.contact("Pia", "pia@pause.example")
	s.run("campaign", "pause", "s-pause")
	s.run("enroll", "s-pause", "--contacts", fmt.Sprint(id))
	s.eventually("s-pause", "paused", func(c counts) bool { return c.Paused == 1 })
	require.Empty(t, s.errors("--campaign", "s-pause"))
	s.findsInTemporal(`EnrollmentStatus="Paused" AND CampaignKey="s-pause"`, 1)
	require.Zero(t, s.inboxTo("pia@pause.example"))
	s.run("campaign", "unpause", "s-pause")
	s.completes("s-pause", 1)
	require.Equal(t, 1, s.inboxTo("pia@pause.example"))
	s.record("first_try_paused_then_unpaused", workflows.EnrollmentWorkflowID("s-pause", id))
}

// "It was not sent" is the one word on which a message goes out again.
func TestNotSentIsANewVisit(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(threeSteps)
	id := s.contact("Dora", "drop+dora@doubt.example")
	s.run("enroll", "s-doubt", "--contacts", fmt.Sprint(id))
	s.eventually("s-doubt", "in doubt", func(c counts) bool { return c.InError == 1 })
	require.Equal(t, 1, s.inboxTo("drop+dora@doubt.example"))
	s.run("contacts", "set", fmt.Sprint(id), "--email", "anew@doubt.example")

	handle, err := s.Outreach.Client.UpdateWorkflow(context.Background(), updateOf("s-doubt", id, campaign.Resume{}))
	if err == nil {
		err = handle.Get(context.Background(), nil)
	}
	require.ErrorContains(t, err, "assume", "the update is refused at once, and says why")

	s.run("resume", fmt.Sprint(id), "--campaign", "s-doubt", "--assume", "not-sent")
	s.completes("s-doubt", 1)
	require.Equal(t, 1, s.inboxTo("drop+dora@doubt.example"))
	require.Equal(t, 1, s.inboxTo("anew@doubt.example"))
	s.record("first_try_uncertain_assumed_not_sent", workflows.EnrollmentWorkflowID("s-doubt", id))
}
