package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const movedCampaign = `
users:
  - {key: mia, name: Mia, email: mia@move.example, phone: "+32475000005"}
email_accounts:
  - {address: mia@move.example, name: Mia, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: mia, password: inbox}}
  - {address: max@move.example, name: Max, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: max, password: inbox}}
campaigns:
  - key: e-move
    name: Move
    owner: mia
    senders: [mia@move.example, max@move.example]
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: WAIT
      - {id: more, email: {reply_to: hello, body: B}}
`

// A contact that is moved to another sender and back goes on in the thread of the sender that it has;
// one that is moved and stays begins a new one.
func TestContactsAreMovedThereAndBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(strings.ReplaceAll(movedCampaign, "WAIT", "2h"))
	var ids []string
	for i := range 2 {
		ids = append(ids, fmt.Sprint(s.contact("Moe", fmt.Sprintf("moe%d@move.example", i))))
	}
	s.run("enroll", "e-move", "--contacts", strings.Join(ids, ","))
	s.eventually("e-move", "both wait for the second mail", func(c counts) bool { return c.Waiting == 2 && c.Sent == 2 })
	sender := func(i, mail int) string {
		from, err := s.open(s.mailsTo(fmt.Sprintf("moe%d@move.example", i))[mail]).Header.AddressList("From")
		require.NoError(t, err)
		return from[0].Address
	}
	back, stays := 0, 1
	require.NotEqual(t, sender(back, 0), sender(stays, 0), "they take turns")
	first, other := sender(back, 0), sender(stays, 0)
	s.run("campaign", "move-sender", "e-move", "--from", first, "--to", other, "--yes")
	require.Contains(t, s.run("campaign", "move-sender", "e-move", "--from", other, "--to", first, "--yes", "-o", "json"), `"contacts": 2`)
	s.apply(strings.ReplaceAll(movedCampaign, "WAIT", "1s"))
	s.completes("e-move", 2)
	for i, inThread := range []bool{true, false} {
		mails := s.mailsTo(fmt.Sprintf("moe%d@move.example", i))
		require.Len(t, mails, 2)
		require.Equal(t, first, sender(i, 1))
		hello, more := s.open(mails[0]).Header, s.open(mails[1]).Header
		require.Equal(t, "Re: Hello", more.Get("Subject"))
		if inThread {
			require.Equal(t, hello.Get("Message-ID"), more.Get("In-Reply-To"))
		} else {
			require.Empty(t, more.Get("In-Reply-To"))
			require.Empty(t, more.Get("References"))
		}
	}
}
