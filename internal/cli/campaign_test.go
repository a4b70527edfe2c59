package cli

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"

	"relance/internal/failure"
)

const mayas = "maya@northwind.example"

func TestEveryCommandThatFixesWakes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	for _, test := range []struct {
		name, before, stdin string
		args                []string
		causes              []failure.Cause
		says                string
	}{
		{name: "set-sender", before: `UPDATE campaigns SET sender = NULL`, args: []string{"campaign", "set-sender", "q4", "MAYA@northwind.example"},
			causes: []failure.Cause{failure.CampaignSender("q4")}, says: "sender (none) → " + mayas},
		{name: "unpause", before: `UPDATE campaigns SET paused = true`, args: []string{"campaign", "unpause", "q4"},
			causes: []failure.Cause{failure.CampaignActive("q4")}, says: "q4 is active again."},
		{name: "reconnect", before: `UPDATE email_accounts SET status = 'in_error', reason = '535 no'`, args: []string{"email-account", "reconnect", mayas},
			causes: []failure.Cause{failure.EmailAccount(mayas)}, says: "has logged in at 127.0.0.1 and is connected."},
		{name: "add again", before: `UPDATE email_accounts SET status = 'removed'`, args: []string{"email-account", "add", mayas},
			causes: []failure.Cause{failure.EmailAccount(mayas)}, says: "status removed → connected"},
		{name: "address", args: []string{"contacts", "set", "3", "--email", "Cy@acme.example"},
			causes: []failure.Cause{failure.ContactEmail(3), failure.ContactFields(3)}, says: "email (none) → cy@acme.example"},
		{name: "field", args: []string{"contacts", "set", "3", "--field", "city=Bruges"},
			causes: []failure.Cause{failure.ContactFields(3)}, says: "field city (none) → Bruges"},
		{name: "phone", before: `UPDATE users SET phone = ''`, args: []string{"user", "set", "maya", "--phone", "+32 475 00 00 01"},
			causes: []failure.Cause{failure.OwnerPhone("maya")}, says: "phone (none) → +32475000001"},
		{name: "credits", before: `UPDATE plan SET unlimited = false, credits = 0`, args: []string{"credits", "add", "5"},
			causes: []failure.Cause{failure.Plan}, says: "Added 5 credits: 5 left."},
		{name: "plan", args: []string{"plan", "set", "unlimited"},
			causes: []failure.Cause{failure.Plan}, says: "plan credits → unlimited"},
		{name: "bounce", before: `INSERT INTO bounces (address) VALUES ('cy@acme.example')`, args: []string{"bounce", "remove", "cy@acme.example"},
			causes: []failure.Cause{failure.ContactEmail(3)}, says: "may be sent to again."},
		{name: "apply", before: `UPDATE campaigns SET name = 'Old', steps = jsonb_set(steps, '{0,body}', '"Old"')`, args: []string{"apply", "-f", h.path("workspace.yaml")},
			causes: []failure.Cause{failure.CampaignSteps("q4")}, says: "updated    campaign q4: name Old → Q4 outreach, step intro body changed"},
	} {
		if test.before != "" {
			h.exec(test.before)
		}
		h.parkOn(3, test.causes...)
		woken := h.temporal.woken
		out := h.ok(test.args...)
		require.Contains(t, out, test.says, test.name)
		if test.name == "unpause" {
			require.Contains(t, out, "1 contact that had been paused was waiting for this: it goes on now.")
		} else {
			require.Contains(t, out, "1 contact in error was waiting for this: it goes on now.", test.name)
		}
		require.Equal(t, woken+1, h.temporal.woken, test.name)
		require.ElementsMatch(t, test.causes, h.fixes(), test.name)
		h.exec(`UPDATE outbox SET done_at = now()`)
		h.exec(`DELETE FROM parked_on`)
		h.exec(`UPDATE enrollments SET status = 'Active', park_seq = NULL, code = NULL`)

		// The same again changes nothing; a reconnect logs in, and nobody waits.
		if test.name != "credits" && test.name != "bounce" && test.name != "add again" {
			h.ok(test.args...)
		}
		require.Empty(t, h.fixes(), test.name)
		require.Equal(t, woken+1, h.temporal.woken, "%s: nobody waits, so Temporal is not asked", test.name)
	}
}

func TestAChangeIsSafeWithoutTemporal(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	h.exec(`UPDATE campaigns SET sender = NULL`)
	h.parkOn(1, failure.CampaignSender("q4"))
	h.parkOn(2, failure.CampaignSender("q4"))
	h.temporal.down = errors.New("Temporal at 127.0.0.1:7233 does not answer")
	got := h.run("campaign", "set-sender", "q4", mayas)
	require.Equal(t, exitDone, got.code)
	require.Contains(t, got.stdout, "2 contacts in error were waiting for this.\n")
	require.Contains(t, got.err, "the change is saved, but Temporal could not be reached: they go on within a minute of its return")
	require.Equal(t, []failure.Cause{failure.CampaignSender("q4")}, h.fixes())
}

func TestASenderWhoseHoursNeverMeetTheWindowIsNoRemovedOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	h.exec(`UPDATE campaigns SET sender = NULL, send_window = '{"windows": [{"days": "mon, tue", "from": "09:00", "to": "16:00"}]}'`)
	h.exec(`UPDATE email_accounts SET pace = '{"hours": [{"days": "sat", "from": "09:00", "to": "16:00"}]}'`)
	h.fails(exitRefused, []string{"campaign q4: its window", "the hours of its sender " + mayas, "never meet: 3 contacts could never be sent anything; change the window, the hours or a zone"},
		"campaign", "set-sender", "q4", mayas)
}

func TestCampaigns(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Equal(t, "[]\n", h.ok("campaign", "list", "-o", "json"))
	require.Contains(t, h.ok("campaign", "list"), "There is no campaign yet")
	h.team()
	var lines []operator.Campaign
	h.decode(&lines, "campaign", "list")
	require.Equal(t, []operator.Campaign{{Key: "q4", Name: "Q4 outreach", Owner: "maya", Sender: mayas, SenderStatus: "connected", Steps: 3}}, lines)
	require.Equal(t, `KEY  NAME         OWNER  SENDER                  WINDOW  STATE   STEPS
q4   Q4 outreach  maya   maya@northwind.example  -       active      3
`, h.ok("campaign", "list"))

	h.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 no'`)
	require.Contains(t, h.ok("campaign", "list"), "maya@northwind.example (in error)")
	require.Equal(t, "q4: sender "+mayas+" → (none)\n", h.ok("campaign", "set-sender", "q4", "none"))
	require.Equal(t, "q4: nothing changed.\n", h.ok("campaign", "set-sender", "q4"))
	got := h.run("campaign", "set-sender", "q4", mayas)
	require.Equal(t, exitDone, got.code)
	require.Contains(t, got.err, "maya@northwind.example is in error (535 no)")
	h.ok("email-account", "remove", mayas)
	h.ok("campaign", "set-sender", "q4")
	h.fails(exitRefused, []string{"has been removed", "email-account add " + mayas}, "campaign", "set-sender", "q4", mayas)
	h.fails(exitNotFound, []string{"there is no email account jo@x.example", "there is only " + mayas}, "campaign", "set-sender", "q4", "jo@x.example")
	h.fails(exitNotFound, []string{"there is no campaign q5", "did you mean q4?"}, "campaign", "pause", "q5")

	require.Equal(t, "q4 is paused: no further step begins for 3 contacts (3 active).\n", h.ok("campaign", "pause", "q4"))
	require.Contains(t, h.ok("campaign", "pause", "q4"), "nothing changed; it is paused already")
	var shown operator.CampaignDetails
	h.decode(&shown, "campaign", "show", "q4")
	require.True(t, shown.Paused)
	require.Equal(t, "3d", shown.Steps[1].Wait)
	require.EqualValues(t, 3, shown.Steps[0].Contacts["Active"])
	require.Equal(t, `Q4 outreach (q4), paused
owner maya, sender (none)
sends at any time, except on the workspace's holidays

#  STEP    KIND   WHAT                 REACHED  SENT  HEARD  CONTACTS HERE
1  intro   email  Hi {{ first_name }}        3     0  -      3 Active
2  wait-2  wait   3d                         0     0  -      -
3  tell    sms    done                       0     0  -      -
`, h.ok("campaign", "show", "q4"))
}
