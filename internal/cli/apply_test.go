package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestApply(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "top-secret"
	h.write("workspace.yaml", teamWorkspace)
	dry := h.ok("apply", "-f", h.path("workspace.yaml"), "--dry-run")
	require.Contains(t, dry, "Dry run: nothing was written.")
	require.Zero(t, one[int](h, `SELECT count(*) FROM users`))
	out := h.ok("apply", "-f", h.path("workspace.yaml"))
	require.Equal(t, `unchanged  plan unlimited
created    user maya
created    user tom
created    email account maya@northwind.example
created    campaign q4
`, out)
	again := h.ok("apply", "-f", h.path("workspace.yaml"))
	require.Contains(t, again, "unchanged  campaign q4\nNothing changed.\n")

	h.env["MAYA_SMTP_PASSWORD"] = "another"
	result := h.runWith(strings.ReplaceAll(teamWorkspace, "    sender: maya@northwind.example\n", ""), "apply", "-f", "-")
	require.Equal(t, exitDone, result.code, result.err)
	require.Contains(t, result.stdout, "updated    email account maya@northwind.example: password changed\n")
	require.Contains(t, result.stdout, "unchanged  campaign q4\n", "a sender that the file leaves out stays")
	require.NotContains(t, result.stdout, "another")

	var got operator.Applied
	h.decode(&got, "apply", "-f", h.path("workspace.yaml"))
	require.Len(t, got.Items, 5)
	require.Equal(t, "unchanged", got.Items[0].Action)
}

func TestApplyRefusesWithTheLine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "x"
	h.write("workspace.yaml", strings.NewReplacer("steps:", "stpes:", "{{ first_name }}", "{{ first_name }").Replace(teamWorkspace))
	h.fails(exitUsage, []string{"workspace.yaml:14:", "stpes", "steps"}, "apply", "-f", h.path("workspace.yaml"))
	h.write("workspace.yaml", strings.ReplaceAll(teamWorkspace, "{{ first_name }}", "{{ first_name }"))
	h.fails(exitUsage, []string{"workspace.yaml:16:", "{{"}, "apply", "-f", h.path("workspace.yaml"))
	h.write("workspace.yaml", strings.Replace(teamWorkspace, "{{ first_name }}", "*|FNAME|* {Hi|Hello} {{ contact }} {{ 'x' | date: '%Y' }} <p>", 1))
	h.fails(exitUsage, []string{"workspace.yaml:16:", "write {{ first_name }}", "spintax", "the whole contact and not a text", `"x" as a date`, "HTML"}, "apply", "-f", h.path("workspace.yaml"))
	require.Zero(t, one[int](h, `SELECT count(*) FROM users`))
	h.fails(exitUsage, []string{"say which file"}, "apply")
	h.fails(exitNotFound, []string{"there is no file"}, "apply", "-f", h.path("none.yaml"))
	delete(h.env, "MAYA_SMTP_PASSWORD")
	h.write("workspace.yaml", teamWorkspace)
	h.fails(exitUsage, []string{"MAYA_SMTP_PASSWORD is not set"}, "apply", "-f", h.path("workspace.yaml"))
	h.env["MAYA_SMTP_PASSWORD"] = "x"
	delete(h.env, "RELANCE_SECRET_KEY")
	h.fails(exitFailed, []string{"RELANCE_SECRET_KEY is not set"}, "apply", "-f", h.path("workspace.yaml"))
}

// A variable that nobody has is pointed out, also before anything is written.
func TestApplyPointsOutWhatNoContactHas(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["MAYA_SMTP_PASSWORD"] = "x"
	h.write("workspace.yaml", strings.NewReplacer(
		`subject: "Hi {{ first_name }}", body: "Hello"`, `subject: "Hi {{ frist_name }}", body: "{{ City }} {{ citty }} {{ vip | default: 'no' }}"`,
		`"done"`, `"{{ full_name }} {{ industry }}"`).Replace(teamWorkspace))
	h.ok("apply", "-f", h.path("workspace.yaml"), "--dry-run")
	h.write("people.csv", "Email,First name,City\nada@contoso.example,Ada,Ghent\n")
	h.ok("contacts", "import", h.path("people.csv"))
	warned := fmt.Sprintf(`starter: %[1]s:16: campaign q4, step intro: the subject names {{ frist_name }}, which no contact has a value for; did you mean {{ first_name }}?
starter: %[1]s:16: campaign q4, step intro: the body names {{ citty }}, which no contact has a value for; did you mean {{ city }}?
starter: %[1]s:19: campaign q4, step tell: the text names {{ industry }}, which no contact has a value for; give it a default, or import the field
`, h.path("workspace.yaml"))
	for _, args := range [][]string{{"--dry-run"}, {}, {"-o", "json"}} {
		got := h.run(append([]string{"apply", "-f", h.path("workspace.yaml")}, args...)...)
		require.Equal(t, exitDone, got.code, got.err)
		require.Equal(t, warned, got.err, args)
	}
	got := h.run("apply", "-f", h.path("workspace.yaml"), "--dry-run", "-o", "json")
	var out operator.Applied
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out))
	require.Equal(t, []operator.UnfilledVariable{
		{Campaign: "q4", StepID: "intro", Part: "subject", Variable: "frist_name", Line: 16, Meant: "first_name"},
		{Campaign: "q4", StepID: "intro", Part: "body", Variable: "citty", Line: 16, Meant: "city"},
		{Campaign: "q4", StepID: "tell", Part: "text", Variable: "industry", Line: 19},
	}, out.Unfilled)
	h.ok("contacts", "set", "1", "--field", "industry=IT", "--field", "citty=x", "--field", "Frist Name=x")
	require.Contains(t, h.ok("apply", "-f", h.path("workspace.yaml"), "-o", "json"), `"unfilledVariables": []`)
}
