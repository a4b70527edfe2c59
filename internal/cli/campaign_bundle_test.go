package cli

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/failure"
	"relance/internal/store"
)

const teamWorkspace = `plan: unlimited
users:
  - {key: maya, name: Maya Claes, email: maya@northwind.example, phone: "+32475000001"}
  - {key: tom, name: Tom}
email_accounts:
  - address: Maya@Northwind.example
    name: Maya Claes
    smtp: {host: 127.0.0.1, port: 1025, tls: none, username: maya, password: {env: MAYA_SMTP_PASSWORD}}
campaigns:
  - key: q4
    name: Q4 outreach
    owner: maya
    sender: maya@northwind.example
    steps:
      - id: intro
        email: {subject: "Hi {{ first_name }}", body: "Hello"}
      - wait: 3d
      - id: tell
        sms: {text: "done"}
`

// team is a harness with a workspace, three contacts that are enrolled in q4,
// and an inbox that stands in for the mail server.
func (h *harness) team() {
	h.t.Helper()
	server, err := inbox.Start(h.ctx, inbox.Options{Dir: h.t.TempDir()})
	require.NoError(h.t, err)
	h.t.Cleanup(server.Stop)
	h.env["MAYA_SMTP_PASSWORD"] = "inbox"
	text := strings.ReplaceAll(teamWorkspace, "1025", strconv.Itoa(server.Port()))
	h.write("workspace.yaml", text)
	h.write("contacts.csv", "Email,First name,Last name,Company,City\nada@contoso.example,Ada,Lovelace,Contoso,Ghent\nbob@contoso.example,Bob,Hope,Contoso,\n,Cy,Young,Acme,\n")
	h.ok("apply", "-f", h.path("workspace.yaml"))
	h.ok("contacts", "import", h.path("contacts.csv"))
	_, err = h.Enroll(h.ctx, "q4", nil, "test", false)
	require.NoError(h.t, err)
	h.exec(`UPDATE outbox SET done_at = now()`)
}

func (h *harness) path(name string) string { return filepath.Join(h.dir, name) }

func (h *harness) write(name, text string) {
	h.t.Helper()
	require.NoError(h.t, os.WriteFile(h.path(name), []byte(text), 0o600))
}

// parkOn puts the enrollment of a contact in error on these causes; the cause of
// a pause pauses it.
func (h *harness) parkOn(contact int64, causes ...failure.Cause) {
	h.t.Helper()
	attempt := campaign.Attempt{
		EnrollmentID: one[int64](h, `SELECT id FROM enrollments WHERE contact_id = $1`, contact),
		CampaignKey:  "q4", ContactID: contact, StepID: "intro", Visit: 1,
	}
	finding := campaign.Finding{Problem: &failure.Problem{Code: failure.SendingFailed, Causes: causes}}
	if causes[0] == failure.CampaignActive("q4") {
		finding = campaign.Finding{Paused: true}
	}
	_, err := h.Hold(context.Background(), attempt, func(campaign.Facts) campaign.Finding { return finding })
	require.NoError(h.t, err)
}

// fixes are the causes of the fixes that are still to be signalled.
func (h *harness) fixes() []failure.Cause {
	h.t.Helper()
	return one[[]failure.Cause](h, `SELECT coalesce(array_agg(cause ORDER BY cause), '{}') FROM outbox WHERE kind = 'fix' AND done_at IS NULL`)
}

// answer is the JSON of the commands that change one thing.
type answer struct {
	Changes           []store.Edit
	Resuming, Waiting int
}
