package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// pacedTeam is teamWorkspace with times.
func pacedTeam(window, pace string) string {
	return "timezone: Europe/Brussels\nholidays: {country: BE}\n" + strings.NewReplacer(
		"    sender: maya@northwind.example\n", "    sender: maya@northwind.example\n    window: "+window+"\n",
		"    smtp:", "    pace: "+pace+"\n    smtp:").Replace(teamWorkspace)
}

func TestApplySaysTimesInWords(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "inbox"
	h.write("workspace.yaml", teamWorkspace)
	h.ok("apply", "-f", h.path("workspace.yaml"))
	h.write("paced.yaml", pacedTeam(`{from: "09:00", to: "17:00", timezone: recipient}`, `{gap: 90s, per_day: 400}`))
	dry := h.ok("apply", "-f", h.path("paced.yaml"), "--dry-run")
	for _, line := range []string{
		"updated    calendar Europe/Brussels: timezone (none) → Europe/Brussels, holidays (none) → BE\n",
		"updated    email account maya@northwind.example: pace (none) → 90s gap, 400 a day\n",
		"updated    campaign q4: window (none) → mon-fri 09:00-17:00, in each recipient's zone\n",
	} {
		require.Contains(t, dry, line)
	}
	require.Equal(t, "{}", one[string](h, `SELECT pace::text FROM email_accounts`))
	require.Equal(t, strings.TrimSuffix(dry, "Dry run: nothing was written.\n"), h.ok("apply", "-f", h.path("paced.yaml")))
	require.Contains(t, h.ok("apply", "-f", h.path("paced.yaml")), "Nothing changed.\n")
	require.Contains(t, h.ok("activity"), "the calendar")

	h.write("paced.yaml", pacedTeam(`{from: "09:00", to: "17:00"}`, `{gap: 60s, per_day: 500}`))
	out := h.ok("apply", "-f", h.path("paced.yaml"))
	require.Contains(t, out, "pace 90s gap, 400 a day → 60s gap, 500 a day\n")
	require.Contains(t, out, "           note: the window, not the limit of 500, decides: 480 a day\n")

	require.Contains(t, h.ok("campaign", "show", "q4"), "owner maya, sender maya@northwind.example\nsends mon-fri 09:00-17:00, Europe/Brussels\n")
	require.Contains(t, h.ok("campaign", "list"), "mon-fri 09:00-17:00, Europe/Brussels")
	require.Contains(t, h.ok("email-account", "list"), "60s gap, 500 a") // the column is folded
	var campaign operator.CampaignDetails
	h.decode(&campaign, "campaign", "show", "q4")
	require.Equal(t, []operator.Window{{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "17:00"}}, campaign.Window.Times)
	require.Equal(t, "Europe/Brussels", campaign.Window.Timezone)

	h.exec(`INSERT INTO contacts (first_name, email) VALUES ('Ana', 'ana@contoso.example')`)
	_, err := h.Enroll(h.ctx, "q4", nil, "tess", false)
	require.NoError(t, err)
	h.write("never.yaml", pacedTeam(`{from: "09:00", to: "16:00", timezone: Asia/Tokyo}`, `{hours: {from: "09:00", to: "17:00"}}`))
	h.fails(exitRefused, []string{"campaign q4: its window (mon-fri 09:00-16:00, Asia/Tokyo) and the hours of its sender maya@northwind.example (09:00-17:00, Europe/Brussels) never meet: 1 contact could never be sent anything"},
		"apply", "-f", h.path("never.yaml"))
	h.write("wrong.yaml", pacedTeam(`{from: "09:00", to: "09:00"}`, `{jitter: 30s}`))
	h.fails(exitUsage, []string{"wrong.yaml:", "email_accounts[0].pace.jitter: a jitter is added to a gap", "campaigns[0].window: the window begins and ends at 09:00"}, "apply", "-f", h.path("wrong.yaml"))

	require.Contains(t, h.ok("apply", "-f", h.path("workspace.yaml")), "pace 60s gap, 500 a day → (none)\n", "the file is the truth for what it names")
	require.Contains(t, h.ok("campaign", "show", "q4"), "\nsends at any time, except on the workspace's holidays\n")
	require.Equal(t, "Europe/Brussels", one[string](h, `SELECT rules->>'zone' FROM calendar`), "and leaves alone what it does not")
}

func TestPaceOfAnAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.team()
	require.Equal(t, mayas+": no limit: it sends as fast as its server takes mail\n", h.ok("email-account", "pace", mayas))
	require.Equal(t, mayas+": pace (none) → 90s gap and up to 30s more, 400 a day\n", h.ok("email-account", "pace", "MAYA@northwind.example", "--gap", "90s", "--jitter", "30s", "--per-day", "400"))
	require.Equal(t, mayas+": nothing changed.\n", h.ok("email-account", "pace", mayas, "--gap", "90s"))
	h.ok("email-account", "pace", mayas, "--hours", "mon-fri 08:00-20:00; sat 10:00-12:00", "--timezone", "Europe/Brussels", "--ramp", "20+10", "--order", "fifo", "--jitter", "none")
	require.Equal(t, mayas+": 90s gap, 400 a day, 20 on the first day and 10 more on each further one, mon-fri 08:00-20:00; sat 10:00-12:00, Europe/Brussels, first come, first served\n",
		h.ok("email-account", "pace", mayas))
	require.Equal(t, 2, one[int](h, `SELECT count(*)::int FROM activity WHERE kind = 'changed' AND thing = 'email_account' AND fields = '{pace}' AND by <> ''`))
	var got operator.PaceSet
	h.decode(&got, "email-account", "pace", mayas)
	document, err := json.Marshal(got.Pace)
	require.NoError(t, err)
	require.JSONEq(t, `{"gap": "90s", "perDay": 400, "ramp": {"start": 20, "add": 10}, "timezone": "Europe/Brussels", "order": "fifo",
		"hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "20:00"}, {"days": ["sat"], "from": "10:00", "to": "12:00"}]}`, string(document))

	for _, wrong := range []struct{ flag, value, want string }{
		{"--gap", "90", `gap: "90" has no unit; expected for example 90s, 5m or 1h30m`},
		{"--per-day", "0", "per day: 0 is no number of messages; expected a whole number from 1 to 1000000"},
		{"--ramp", "20", `ramp: "20" is no ramp; expected START+ADD, for example 20+10`},
		{"--hours", "09:00-09:00", "hours: the window begins and ends at 09:00"},
		{"--hours", "09:00-17:00; mon", "hours: the window mon overlaps 09:00-17:00"},
		{"--timezone", "Mars", `timezone: "Mars" is no time zone; expected an IANA name such as Europe/Brussels`},
		{"--timezone", "Europe/Brusels", `timezone: "Europe/Brusels" is no time zone (did you mean "Europe/Brussels"?); expected an IANA name such as Europe/Brussels`},
		{"--gap", "", "--gap is empty; expected a value, or none to take that part away"},
		{"--per-day", " ", "--per-day is empty; expected a value, or none to take that part away"},
		{"--order", "lifo", `order: "lifo" is no order; expected follow-ups-first or fifo`},
	} {
		h.fails(exitUsage, []string{wrong.want, "try: starter email-account pace --help"}, "email-account", "pace", mayas, wrong.flag, wrong.value)
	}
	h.fails(exitUsage, []string{"a jitter is added to a gap, and there is none"}, "email-account", "pace", mayas, "--none", "--jitter", "30s")
	h.fails(exitNotFound, []string{"there is no email account jo@x.example"}, "email-account", "pace", "jo@x.example", "--none")
	require.Contains(t, h.ok("email-account", "pace", mayas, "--none"), "first come, first served → (none)\n")
	require.Equal(t, "{}", one[string](h, `SELECT pace::text FROM email_accounts`))
}
