package workspace_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// The words of a workspace file on which others rely, in one example.
const everyWord = `
plan: unlimited
timezone: Europe/Brussels
holidays: {country: BE, add: [2026-12-24], remove: []}
users:
  - {key: maya, name: Maya Claes, email: maya@northwind.example, phone: "+32475000001"}
email_accounts:
  - address: maya@northwind.example
    name: Maya Claes
    smtp: {host: 127.0.0.1, port: 1025, tls: none, username: maya, password: inbox}
    imap: {host: 127.0.0.1, port: 1143, tls: none}
    pace: {gap: 90s, jitter: 30s, per_day: 400, ramp: {start: 20, add: 10}, hours: {from: "08:00", to: "20:00"}, timezone: Europe/Brussels, order: follow-ups-first}
campaigns:
  - key: q4-outreach
    name: Q4 outreach
    owner: maya
    sender: maya@northwind.example
    window: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", timezone: recipient}
    on_reply: REPLY
    steps:
      - id: intro
        email: {subject: "Quick question about {{ company }}", body: "Hi {{ first_name | default: 'there' }}, …"}
      - wait: 3d
      - id: follow-up
        email: {reply_to: intro, body: "Just making sure …"}
      - id: tell-owner
        sms: {text: "{{ first_name }} {{ last_name }} has had the whole of Q4 outreach"}
`

func TestTheContractsWords(t *testing.T) {
	t.Parallel()
	for word, onReply := range map[string]campaign.OnReply{"exit": campaign.EndOnReply, "continue": campaign.GoOnAfterReply} {
		w, err := read(strings.Replace(everyWord, "REPLY", word, 1))
		require.NoError(t, err)
		require.Equal(t, onReply, w.Campaigns[0].OnReply)
		written, err := json.Marshal(onReply)
		require.NoError(t, err)
		require.Equal(t, `"`+word+`"`, string(written))
		require.Equal(t, 400, w.EmailAccounts[0].Pace.PerDay)
		require.True(t, w.Campaigns[0].Window.InRecipientZone())
	}
}
