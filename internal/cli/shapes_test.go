package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/reconcile"
)

// A shape is JSON as docs/reference.md writes it: {name, other?: [{…}]} is an object,
// [..] a list and {NAME: …} a map. Nothing, or …, is a single value, which may be null.
type shape struct {
	object map[string]shape
	may    map[string]bool // the names that may be left out
	list   *shape
	values *shape // of a map
}

// readShape reads a shape, and returns what stands behind it.
func readShape(text string) (shape, string) {
	switch {
	case strings.HasPrefix(text, "["):
		of, rest := readShape(text[1:])
		return shape{list: &of}, strings.TrimPrefix(rest, "]")
	case strings.HasPrefix(text, "{"):
		s := shape{object: map[string]shape{}, may: map[string]bool{}}
		rest := text[1:]
		for !strings.HasPrefix(rest, "}") && rest != "" {
			end := strings.IndexAny(rest, ",:}")
			name, of := strings.TrimSpace(rest[:end]), shape{}
			if rest = rest[end:]; rest[0] == ':' {
				of, rest = readShape(strings.TrimSpace(rest[1:]))
			}
			if name == strings.ToUpper(name) {
				return shape{values: &of}, strings.TrimPrefix(rest, "}")
			}
			name, optional := strings.CutSuffix(name, "?")
			s.object[name], s.may[name] = of, optional
			rest = strings.TrimPrefix(rest, ",")
		}
		return s, strings.TrimPrefix(rest, "}")
	}
	return shape{}, strings.TrimPrefix(text, "…")
}

// wrong says where a value has not this shape; a list, a map or an object is never null.
func (s shape) wrong(at string, value any) []string {
	var all []string
	switch value := value.(type) {
	case map[string]any:
		switch {
		case s.values != nil:
			for name, of := range value {
				all = append(all, s.values.wrong(at+"."+name, of)...)
			}
		case s.object == nil:
			all = append(all, at+" is an object")
		}
		for name, of := range s.object {
			if got, ok := value[name]; ok {
				all = append(all, of.wrong(at+"."+name, got)...)
			} else if !s.may[name] {
				all = append(all, at+"."+name+" is missing")
			}
		}
		for name := range value {
			if _, ok := s.object[name]; !ok && s.values == nil {
				all = append(all, at+"."+name+" is not documented")
			}
		}
	case []any:
		if s.list == nil {
			return []string{at + " is a list"}
		}
		for i, of := range value {
			all = append(all, s.list.wrong(fmt.Sprintf("%s[%d]", at, i), of)...)
		}
	default:
		if s.object != nil || s.list != nil || s.values != nil {
			all = append(all, fmt.Sprintf("%s is %v", at, value))
		}
	}
	return all
}

// documentedShapes are the rows of docs/reference.md: in its first column stands one
// command, or several: `campaign pause, unpause; user set`.
func documentedShapes(t *testing.T) map[string]shape {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference.md"))
	require.NoError(t, err)
	shapes := map[string]shape{}
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(strings.TrimSpace(line), "` | `")
		if len(cells) != 2 || !strings.ContainsAny(cells[1][:1], "[{") {
			continue
		}
		read, rest := readShape(strings.TrimSuffix(cells[1], "` |"))
		require.Empty(t, rest, line)
		for group := range strings.SplitSeq(strings.TrimPrefix(cells[0], "| `"), "; ") {
			names := strings.Split(group, ", ")
			parent, _, _ := strings.Cut(names[0], " ")
			for i, name := range names {
				if i > 0 && strings.Contains(names[0], " ") {
					name = parent + " " + name
				}
				shapes[name] = read
			}
		}
	}
	return shapes
}

// printing are the commands that do something, by name. All of them take -o json;
// starter schema prints one document in any case.
func printing(root *cobra.Command) []string {
	var names []string
	for _, command := range flatten(root) {
		name := strings.TrimPrefix(command.CommandPath(), "starter ")
		if command != root && command.Annotations[onlyHolds] == "" && name != "help" && name != "schema" && !strings.HasPrefix(name, "completion") {
			names = append(names, name)
		}
	}
	return names
}

// TestEveryCommandHasAShape: a new command is documented, and one that is gone is not.
func TestEveryCommandHasAShape(t *testing.T) {
	t.Parallel()
	shapes := documentedShapes(t)
	names := printing(newRoot(newSession(Options{LookupEnv: func(string) (string, bool) { return "", false }})))
	require.Contains(t, names, "enroll")
	require.NotContains(t, names, "campaign")
	for _, name := range names {
		require.Contains(t, shapes, name, "docs/reference.md does not say what starter %s -o json prints: add it to the shapes of internal/operator/shapes_test.go", name)
	}
	for name := range shapes {
		command, _, _ := strings.Cut(name, " --")
		require.Contains(t, names, command, "docs/reference.md has the shape of a command that does not exist")
	}
}

// TestCommandsPrintTheirShape runs every command with -o json, in an empty database
// and in one with something of everything: the JSON is what docs/reference.md says,
// and a list is never null.
func TestCommandsPrintTheirShape(t *testing.T) {
	t.Parallel()
	root := newRoot(newSession(Options{LookupEnv: func(string) (string, bool) { return "", false }}))
	left := printing(root)
	run := func(h *harness, shapes map[string]shape, call string) {
		args := strings.Fields(call)
		got := h.runWith("Email\nzoe@contoso.example\n", append(args, "-o", "json")...)
		said := askedToConsent.ReplaceAllString(got.err, "")
		require.Empty(t, said, "starter %s ends with %d", call, got.code) // 1 without a word: the output says it
		var value any
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &value), "starter %s: %s", call, got.stdout)
		command, _, err := root.Find(args)
		require.NoError(t, err)
		name := strings.TrimPrefix(command.CommandPath(), "starter ")
		left = slices.DeleteFunc(left, func(one string) bool { return one == name })
		for _, flag := range []string{" --file", " --mail", " --whole"} {
			if _, ok := shapes[name+flag]; ok && slices.Contains(args, flag[1:]) {
				name += flag
				break
			}
		}
		require.Empty(t, shapes[name].wrong("$", value), "starter %s prints %s", call, got.stdout)
	}
	shapes := documentedShapes(t)

	h := newHarness(t)
	h.temporal.Temporal = noWorkflows{}
	h.exec(`UPDATE plan SET unlimited = false`)
	h.write("empty.yaml", "users: [{key: maya, name: Maya}]\n")
	h.write("none.csv", "phase,code,enhanced,text\n")
	h.write("bounce.eml", bounceMail)
	for _, call := range []string{
		"migrate", "version", "status", "errors", "errors summary", "errors codes", "background", "reconcile",
		"contacts list", "bounce list", "campaign list", "email-account list", "user list", "plan show",
		"resume --all --dry-run", "resume --all", "disenroll --all --yes", "apply -f " + h.path("empty.yaml"), "apply --dry-run -f " + h.path("empty.yaml"),
		"token list", "token add dashboard", "token list", "token remove dashboard",
		"explain --file " + h.path("none.csv"), "explain --mail " + h.path("bounce.eml"), "credits add 1", "plan set unlimited", "contacts import - --dry-run", "contacts import -", "contacts show 1", "timeline 1", "activity", "why 1", "forecast",
	} {
		run(h, shapes, call)
	}

	h = newHarness(t)
	h.team()
	h.temporal.Temporal = noWorkflows{}
	h.temporal.onEnroll = func() { h.exec(`UPDATE enrollments SET started_at = now()`) }
	h.parkOn(1, accountIn.Causes...)
	h.write("all.csv", "Email\nbob@contoso.example\n")
	h.write("ids.csv", "1\n2\n")
	h.write("gone.csv", "gone@nowhere.example\n")
	h.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none')`, toms)
	h.exec(`UPDATE email_accounts SET imap = '{"host":"127.0.0.1","port":143,"tls":"none"}' WHERE address = $1`, mayas)
	h.exec(`INSERT INTO mailboxes (address, status, reason, failing_since) VALUES ($1, 'in_error', 'NO', now())`, mayas)
	h.inbound(1, "open", "reply", "cy@contoso.example", 3)
	h.inbound(2, "unmatched", "bounce", "mailer-daemon@mx.example", 0)
	h.exec(`UPDATE campaigns SET senders = $1`, []string{mayas, toms})
	for _, call := range []string{
		"campaign move-sender q4 --from " + mayas + " --to " + toms + " --yes", "campaign show q4", "campaign list", "why 1", "forecast q4",
		"errors", "errors summary", "status", "contacts list", "contacts show 1", "timeline 1", "campaign show q4", "preview q4 1", "preview q4 1 --step intro", "email-account list", "user list", "campaign list",
		"background", "resume 1", "resume --all --dry-run", "disenroll 3 --dry-run", "explain 550", "reconcile", "apply -f " + h.path("workspace.yaml"),
		"enroll q4 --all", "enroll q4 --all --dry-run", "enroll q4 --contacts 1", "enroll q4 --file " + h.path("all.csv"), "enroll q4 --file " + h.path("ids.csv"), "contacts import -",
		"contacts set 1 --company Contoso", "contacts set 1 --company Other", "user set tom --phone +32475000002", "user set tom --name Tom",
		"campaign set-sender q4 none", "campaign set-sender q4 none", "campaign pause q4", "campaign pause q4", "campaign unpause q4 --dry-run", "campaign unpause q4", "campaign unpause q4",
		"bounce add x@contoso.example", "bounce add x@contoso.example", "bounce list", "bounce remove x@contoso.example",
		"status", "inbound list", "inbound list --state all", "inbound show 1", "inbound attach 1 --as reply", "inbound ignore 2", "inbound show 2", "contacts release 1", "inbound reclassify", "inbound reclassify --dry-run",
		"suppress list", "suppress add 4you.example", "suppress add 4you.example", "suppress list", "suppress export", "suppress import " + h.path("gone.csv"), "suppress remove gone@nowhere.example",
		"why 1", "why 1 --campaign q4", "forecast", "forecast q4", "forecast --whole", "mailbox list", "mailbox show " + mayas, "forecast " + mayas, "email-account pace " + mayas, "email-account pace " + mayas + " --gap 90s --ramp 20+10 --hours 00:00-24:00", "email-account list", "campaign list", "email-account reconnect " + mayas + " --no-imap", "email-account test " + mayas, "mailbox check " + mayas, "email-account remove " + mayas, "email-account add " + mayas,
		"plan set unlimited", "plan show", "activity --on contact:1", "activity", "resume 1 --wait", "contacts set 1 --email new@contoso.example --wait", "disenroll 1 --wait", "disenroll 2", "background",
	} {
		run(h, shapes, call)
	}
	server, err := inbox.Start(h.ctx, inbox.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	h.env["INBOX_PASSWORD"] = inbox.Password
	for _, call := range []string{
		fmt.Sprintf("email-account reconnect %s --host 127.0.0.1 --port %d --tls none --username maya --password-env INBOX_PASSWORD", mayas, server.Port()),
		"campaign set-sender q4 " + mayas, "test-send q4 1 --to me@northwind.example",
	} {
		run(h, shapes, call)
	}
	_, mail := h.provider()
	h.consents("yes", leas)
	run(h, shapes, fmt.Sprintf("email-account connect %s --provider dev --port %d --imap-port %d", leas, mail.Port(), mail.IMAPPort()))
	open := one[int64](h, `SELECT id FROM outbox WHERE kind = 'disenroll' ORDER BY id LIMIT 1`)
	run(h, shapes, fmt.Sprintf("background %d --rate 1", open))
	run(h, shapes, fmt.Sprintf("background %d --stop", open))
	ctx, cancel := context.WithCancel(h.ctx)
	cancel() // it would serve until then
	h.ctx = ctx
	run(h, shapes, "console --listen 127.0.0.1:0")
	require.Empty(t, left, "no call of these commands is made here")
}

// noWorkflows is a Temporal that has lost everything.
type noWorkflows struct{ reconcile.Temporal }

func (noWorkflows) Answer() (stop func(), err error) { return func() {}, nil }
func (noWorkflows) Run(context.Context, campaign.EnrollmentKey) (*campaign.Run, error) {
	return nil, nil
}
func (noWorkflows) OpenRuns(context.Context, func([]campaign.EnrollmentKey) error) error { return nil }
func (noWorkflows) RunsSince(context.Context, time.Time, func([]campaign.EnrollmentKey) error) error {
	return nil
}
func (noWorkflows) Prepared(context.Context) (string, error)              { return "", nil }
func (noWorkflows) Workers(context.Context) (map[string]time.Time, error) { return nil, nil }

func TestShapes(t *testing.T) {
	t.Parallel()
	read, rest := readShape("[{a, b?: [], c: {NAME: …}, d?: {e, f: [{g}]}}]")
	require.Empty(t, rest)
	for text, wrong := range map[string][]string{
		`[]`: nil, `[{"a": null, "c": {}}]`: nil, `[{"a": 1, "b": [1], "c": {"x": 2}, "d": {"e": 1, "f": [{"g": true}]}}]`: nil,
		`null`:                             {"$ is <nil>"},
		`[{"a": 1, "b": null, "c": {}}]`:   {"$[0].b is <nil>"},
		`[{"a": 1, "c": null}]`:            {"$[0].c is <nil>"},
		`[{"a": [], "c": {}}]`:             {"$[0].a is a list"},
		`[{"a": {}, "c": {}}]`:             {"$[0].a is an object"},
		`[{"c": {}}]`:                      {"$[0].a is missing"},
		`[{"a": 1, "c": {}, "z": 1}]`:      {"$[0].z is not documented"},
		`[{"a": 1, "c": {"x": {"y": 1}}}]`: {"$[0].c.x is an object", "$[0].c.x.y is not documented"},
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		require.Equal(t, wrong, read.wrong("$", value), text)
	}
}
