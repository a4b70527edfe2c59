package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/workflows"
)

const againCampaign = `
users:
  - {key: otto, name: Otto, email: otto@again.example, phone: "+32475000004"}
email_accounts:
  - {address: otto@again.example, name: Otto, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: otto, password: inbox}}
campaigns:
  - key: e-again
    name: Again
    owner: otto
    sender: otto@again.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: 1s
      - {id: more, email: {reply_to: hello, body: B}}
      - {id: tell, sms: {text: Called}}
`

// Those that have completed a campaign, or were disenrolled from it, are taken through it
// again when a person says so: every message once more, in a thread of its own, and nobody else.
func TestACampaignIsBegunAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(againCampaign)
	var ids []string
	var contacts []int64
	for i := range 4 {
		id := s.contact("Ada", fmt.Sprintf("ada%d@again.example", i))
		contacts, ids = append(contacts, id), append(ids, fmt.Sprint(id))
	}
	s.run("enroll", "e-again", "--contacts", strings.Join(ids[:3], ","))
	s.completes("e-again", 3)

	require.Contains(t, s.run("enroll", "e-again", "--again", "--all", "--dry-run", "-o", "json"), `"enrolled": 3`)
	s.run("enroll", "e-again", "--again", "--contacts", strings.Join(ids[1:], ","), "--yes")
	s.eventually("e-again", "two have completed it again", func(c counts) bool { return c.Completed == 3 && c.Sent == 6+4 })
	subjects := func(i int) (all []string) {
		for _, mail := range s.mailsTo(fmt.Sprintf("ada%d@again.example", i)) {
			all = append(all, s.open(mail).Header.Get("Subject"))
		}
		return all
	}
	require.Equal(t, []string{"Hello", "Re: Hello"}, subjects(0), "was not named")
	for _, i := range []int{1, 2} {
		require.Equal(t, []string{"Hello", "Re: Hello", "Hello", "Re: Hello"}, subjects(i))
		mails := s.mailsTo(fmt.Sprintf("ada%d@again.example", i))
		first, second, reply := s.open(mails[0]).Header, s.open(mails[2]).Header, s.open(mails[3]).Header
		require.NotEqual(t, first.Get("Message-ID"), second.Get("Message-ID"))
		require.Empty(t, second.Get("In-Reply-To"), "a thread of its own")
		require.Equal(t, second.Get("Message-ID"), reply.Get("In-Reply-To"))
		require.NotContains(t, reply.Get("References"), first.Get("Message-ID"))
	}
	require.Empty(t, subjects(3), "has never been in it")

	var events []struct{ Kind, Text string }
	require.NoError(t, json.Unmarshal([]byte(s.run("timeline", ids[1], "-o", "json")), &events))
	var kinds []string
	for _, event := range events {
		kinds = append(kinds, strings.TrimSpace(event.Kind+" "+map[string]string{"enrolled": event.Text}[event.Kind]))
	}
	require.Equal(t, []string{"enrolled", "sent", "sent", "notified", "completed", "enrolled again", "sent", "sent", "notified", "completed"}, kinds)
	s.record("follows_enrolled_again", workflows.EnrollmentWorkflowID("e-again", contacts[1]))

	s.run("enroll", "e-again", "--again", "--contacts", ids[1], "--yes")
	s.eventually("e-again", "one has completed it a third time", func(c counts) bool { return c.Completed == 3 && c.Sent == 12 })
	require.Len(t, subjects(1), 6)
}
