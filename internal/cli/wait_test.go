package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

// Every command that makes a fix follows the contacts that waited for it.
func TestFixesWait(t *testing.T) {
	t.Parallel()
	const workspace = `campaigns: [{key: q4, name: Q4 outreach, owner: maya, steps: [{id: intro, email: {subject: Hi, body: Other}}, {id: wait-2, wait: 3d}, {id: tell, sms: {text: done}}]}]`
	for _, test := range []struct {
		args, before string
		cause        failure.Cause
	}{
		{"campaign set-sender q4 " + mayas, `UPDATE campaigns SET sender = NULL`, failure.CampaignSender("q4")},
		{"contacts set 1 --email new@contoso.example", ``, failure.ContactEmail(1)},
		{"user set maya --phone +32475000002", ``, failure.OwnerPhone("maya")},
		{"email-account reconnect " + mayas, `UPDATE email_accounts SET status = 'in_error'`, failure.EmailAccount(mayas)},
		{"email-account add " + mayas, `UPDATE email_accounts SET status = 'removed'`, failure.EmailAccount(mayas)},
		{"credits add 5", `UPDATE plan SET unlimited = false, credits = 0`, failure.Plan},
		{"plan set unlimited", `UPDATE plan SET unlimited = false, credits = 0`, failure.Plan},
		{"bounce remove ada@contoso.example", `INSERT INTO bounces (address) VALUES ('ada@contoso.example')`, failure.ContactEmail(1)},
		{"apply -f -", ``, failure.CampaignSteps("q4")},
		{"campaign unpause q4", `UPDATE campaigns SET paused = true`, failure.CampaignActive("q4")},
		{"contacts import -", ``, failure.ContactEmail(3)},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.team()
			if test.before != "" {
				h.exec(test.before)
			}
			contact, stdin := int64(1), workspace
			if strings.HasPrefix(test.args, "contacts import") {
				contact, stdin = 3, "First name,Last name,Company,Email\nCy,Young,Acme,cy@acme.example\n"
			}
			h.parkOn(contact, test.cause)
			h.temporal.onWake = func() {
				h.exec(`UPDATE enrollments SET status = 'Waiting', step_index = step_index + 1, park_seq = NULL, code = NULL`)
			}
			got := h.runWith(stdin, append(strings.Fields(test.args), "--wait")...)
			require.Equal(t, exitDone, got.code, got.stdout+got.err)
			require.Contains(t, got.stdout, "was waiting for this: it goes on now.\n1 went on, 0 in error again, 0 still being tried, 0 not taken up.\n")
		})
	}
}

func TestAFixThatDidNotHelpSaysSo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.park(1, noEmail(1))
	h.temporal.onWake = func() { h.parkAgain(1, 1, accountIn) }
	got := h.run("contacts", "set", "1", "--email", "new@contoso.example", "--wait", "-o", "json")
	require.Equal(t, exitFailed, got.code)
	require.Empty(t, got.err, "the output has said it")
	var out operator.Changed
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out), got.stdout)
	require.Equal(t, 1, out.Resuming)
	require.Len(t, out.Outcomes, 1)
	require.Equal(t, operator.InErrorAgain, out.Outcomes[0].Outcome)
	require.Equal(t, failure.EmailAccountInError, out.Outcomes[0].Code)

	h.temporal.onWake = nil
	h.park(2, noEmail(2))
	got = h.run("contacts", "set", "2", "--email", "two@contoso.example", "--wait")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stdout, "not taken up: does a worker run?")
	require.NotContains(t, h.ok("contacts", "set", "2", "--company", "Contoso Ltd", "--wait"), "went on", "nobody waited for that")
}

// The outcomes are in the document of an import too, and a dry run says
// how many would go on.
func TestAnImportThatIsFollowedListsTheOutcomes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	h.parkOn(3, failure.ContactEmail(3))
	h.write("mended.csv", "First name,Last name,Company,Email\nCy,Young,Acme,cy@acme.example\n")
	var out operator.Imported
	h.decode(&out, "contacts", "import", h.path("mended.csv"), "--dry-run", "--wait")
	require.Equal(t, 1, out.Resuming)
	require.Empty(t, out.Outcomes)
	got := h.run("contacts", "import", h.path("mended.csv"), "--wait", "-o", "json")
	require.Equal(t, exitFailed, got.code, "no worker has taken it up")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out), got.stdout)
	require.Equal(t, 1, out.Updated)
	require.Len(t, out.Outcomes, 1)
	require.Equal(t, operator.NotTakenUp, out.Outcomes[0].Outcome)
	require.NotContains(t, h.ok("contacts", "import", h.path("mended.csv"), "--wait"), "went on", "no contact waits for that any more")
}
