package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func (h *harness) enrollments() int { return one[int](h, `SELECT count(*) FROM enrollments`) }

func (h *harness) file(content string) string {
	h.t.Helper()
	name := filepath.Join(h.t.TempDir(), "ids.csv")
	require.NoError(h.t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestEnroll(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(4)
	h.temporal.onEnroll = func() { h.exec(`UPDATE enrollments SET started_at = now()`) }
	require.Equal(t, "Dry run: would enroll 4 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--all", "--dry-run"))
	require.Zero(t, h.enrollments())
	require.Empty(t, h.temporal.enrolling)
	require.Equal(t, "Enrolled 2 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--contacts", "1,ben@contoso.example"))
	require.Equal(t, []string{"q4"}, h.temporal.enrolling)
	require.Equal(t, "tess", one[string](h, `SELECT enrolled_by FROM enrollments WHERE contact_id = 1`))
	require.JSONEq(t, `{"campaign": "q4", "enrolled": 2, "already": 2, "dryRun": false, "unstarted": 0}`,
		h.ok("enroll", "q4", "--all", "-o", "json"))
	require.Equal(t, "Enrolled 0 contacts in q4; 4 enrolled already.\n", h.ok("enroll", "q4", "--all"))
	require.Len(t, h.temporal.enrolling, 2, "when all are started there is nothing to ask for")
}

// A condition chooses contacts with the types of templates, and a limit takes the next ones.
func TestEnrollWhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(6)
	h.temporal.onEnroll = func() { h.exec(`UPDATE enrollments SET started_at = now()`) }
	h.exec(`UPDATE contacts SET fields = jsonb_build_object('Tag', CASE WHEN id % 2 = 0 THEN 'lead, vip' ELSE 'cold' END, 'Score', CASE WHEN id = 5 THEN 'n/a' ELSE (10 * id)::text END)`)
	require.Equal(t, "Dry run: would enroll 3 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--where", `field.tag contains "lead"`, "--dry-run"))
	require.Zero(t, h.enrollments())
	h.ok("enroll", "q4", "--where", `tag contains "lead" and score >= 40`)
	require.Equal(t, "4,6", one[string](h, `SELECT string_agg(contact_id::text, ',' ORDER BY contact_id) FROM enrollments`))

	require.Equal(t, "Dry run: would enroll 2 contacts in q4; 2 enrolled already.\n2 contacts left out by --limit: the same command takes the next.\n", h.ok("enroll", "q4", "--all", "--limit", "2", "--dry-run"))
	require.Equal(t, "Enrolled 2 contacts in q4; 2 enrolled already.\n2 contacts left out by --limit: the same command takes the next.\n", h.ok("enroll", "q4", "--all", "--limit", "2"))
	require.Equal(t, "1,2,4,6", one[string](h, `SELECT string_agg(contact_id::text, ',' ORDER BY contact_id) FROM enrollments`))
	require.Equal(t, "Enrolled 2 contacts in q4; 4 enrolled already.\n", h.ok("enroll", "q4", "--all", "--limit", "200"))

	undecided := h.run("enroll", "q4", "--where", `score > 10`, "--dry-run", "-o", "json")
	require.Equal(t, "starter: the condition cannot be decided for 1 contact, who are left out\n", undecided.err)
	require.JSONEq(t, `{"campaign": "q4", "enrolled": 0, "already": 4, "dryRun": true, "unstarted": 0, "undecidedCount": 1,
		"undecided": [{"contactId": 5, "contactName": "`+one[string](h, `SELECT trim(first_name || ' ' || last_name) FROM contacts WHERE id = 5`)+`", "variable": "score", "value": "n/a", "reason": "compares score, which is \"n/a\", with a number"}]}`, undecided.stdout)

	h.fails(exitUsage, []string{"the condition names tga, which no contact has; did you mean tag?"}, "enroll", "q4", "--where", `tga = "x"`)
	h.fails(exitUsage, []string{"the condition", "write 'Northwind' if it is a text"}, "enroll", "q4", "--where", `company = Northwind`)
	h.fails(exitUsage, []string{"the condition is empty"}, "enroll", "q4", "--where", "")
	h.fails(exitUsage, []string{"--limit is 0; expected how many"}, "enroll", "q4", "--all", "--limit", "0")
	h.fails(exitUsage, []string{"name the contacts to enroll"}, "enroll", "q4", "--all", "--where", "email")
}

// Before anything is started, a dry run says who would be in error at once, and why.
func TestEnrollSaysWhoWouldParkAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(6)
	h.exec(`UPDATE contacts SET email = '' WHERE id IN (2, 5)`)
	h.exec(`INSERT INTO bounces (address, reason) SELECT email, '550 5.1.1 no' FROM contacts WHERE id = 3`)
	h.exec(`UPDATE campaigns SET steps = jsonb_set(steps, '{0,body}', to_jsonb('Hi {{ job_title }}'::text)) WHERE key = 'q4'`)
	h.exec(`UPDATE contacts SET fields = jsonb_build_object('Job title', 'CEO') WHERE id <> 6`)
	out := h.ok("enroll", "q4", "--all", "--dry-run")
	require.Contains(t, out, "Dry run: would enroll 6 contacts in q4; 0 enrolled already.\n")
	require.Contains(t, out, "2 contacts would be in error at once, at step intro: ContactHasNoEmail. Add an email address.\n  2 ")
	require.Contains(t, out, "1 contact would be in error at once, at step intro: EmailAlreadyBounced.")
	require.Contains(t, out, "1 contact would be in error at once, at step intro: MessageCannotBeRendered (job_title).")
	var got struct {
		WouldPark []struct {
			Code, Variable, StepID string
			Count                  int
			Contacts               []struct{ ContactID int64 }
		}
	}
	h.exec(`UPDATE plan SET unlimited = false, credits = 1`)
	h.decode(&got, "enroll", "q4", "--contacts", "1,2,4", "--dry-run")
	require.Len(t, got.WouldPark, 2)
	require.Equal(t, "ContactHasNoEmail", got.WouldPark[0].Code)
	require.Equal(t, "NoCreditsLeft", got.WouldPark[1].Code)
	require.Equal(t, int64(4), got.WouldPark[1].Contacts[0].ContactID, "the one credit is the first one's")
	require.Zero(t, h.enrollments())
	require.NotContains(t, h.ok("enroll", "q4", "--contacts", "1", "--wait=false"), "in error at once")
}

func TestEnrollIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(2)
	h.fails(exitNotFound, []string{"there are no contacts 7, 8", "try: starter contacts list"}, "enroll", "q4", "--contacts", "1,8,7")
	h.fails(exitNotFound, []string{"there is no contact 7"}, "enroll", "q4", "--contacts", "7", "--dry-run")
	h.fails(exitNotFound, []string{"there is no campaign q5; did you mean q4?"}, "enroll", "q5", "--all")
	h.fails(exitNotFound, []string{"there is no file nowhere.csv"}, "enroll", "q4", "--file", "nowhere.csv")
	h.fails(exitUsage, []string{"name the contacts to enroll in q4: one of --all, --where CONDITION, --contacts 1,2,3 and --file ids.csv"}, "enroll", "q4")
	h.fails(exitUsage, []string{"name the contacts to enroll"}, "enroll", "q4", "--all", "--contacts", "1")
	h.fails(exitUsage, []string{"the call is starter enroll CAMPAIGN"}, "enroll")
	h.fails(exitUsage, []string{"no contact is named"}, "enroll", "q4", "--file", h.file("Relance ID\n"))
	h.fails(exitNotFound, []string{`line 3 (x@y.example) is no contact`}, "enroll", "q4", "--file", h.file("Relance ID,Email\n1,\nx,x@y.example\n"))
	require.Zero(t, h.enrollments())
	require.Zero(t, h.openRows())
}

// Our own ids are understood where the file is evidently ours.
func TestEnrollReadsOurOwnIDs(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"no header":         "1\n2\n",
		"ids and addresses": "1\r\n\"ben@contoso.example\"\r\n",
		"byte order mark":   "\ufeffcontactId,Name\r\n1,Ana\r\n\r\n2,Ben\r\n",
		"semicolons":        "Name;Relance ID\n\"Ana\";1\nBen;2\n",
		"tabs":              "name\trelance_id\nAna\t 1\nBen\t2\n",
		"alone":             "contactId\n1\n2\n2\n",
		"with its address":  "Relance ID,Email\n1,ana@contoso.example\n2,\n",
		"addresses":         "who,Email\nx,Ana@contoso.example\ny,ben@contoso.example\n",
		"lines above":       "List\n\nName,Email\nAna,ana@contoso.example\nBen,ben@contoso.example\n",
		"UTF-16":            "\xff\xfeE\x00m\x00a\x00i\x00l\x00\n\x00a\x00n\x00a\x00@\x00c\x00o\x00n\x00t\x00o\x00s\x00o\x00.\x00e\x00x\x00a\x00m\x00p\x00l\x00e\x00\n\x00b\x00e\x00n\x00@\x00c\x00o\x00n\x00t\x00o\x00s\x00o\x00.\x00e\x00x\x00a\x00m\x00p\x00l\x00e\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.workspace(3)
			h.ok("enroll", "q4", "--file", h.file(content), "--wait=false")
			require.Equal(t, "1,2", one[string](h, `SELECT string_agg(contact_id::text, ',' ORDER BY contact_id) FROM enrollments`))
		})
	}
}

// A number of another product is never taken for one of ours.
func TestEnrollFollowsForeignIDs(t *testing.T) {
	t.Parallel()
	const crm = "Record ID,First Name,Last Name,Email\n1,Nora,New,nora@crm.example\n2,Olaf,New,olaf@crm.example\n"
	for name, test := range map[string]struct {
		content string
		args    []string
		want    string // the enrolled ids, or "" when the file is refused
		refusal string
	}{
		"the export that was imported":  {content: crm, want: "3,4"},
		"its ids alone":                 {content: "Record ID\n2\n1\n", want: "3,4"},
		"an export with ID":             {content: "ID,Name,Email\n1,Nora,nora@crm.example\n", want: "3"},
		"another product's ids":         {content: "ID,Name,Email\n1,Ana,ana@contoso.example\n", want: "1"},
		"ids that nobody has":           {content: "Contact ID,Name\n7,Zed\n", refusal: "line 2 (record id 7) is no contact"},
		"ids of a source":               {content: "ID\n1\n", args: []string{"--source", "hubspot"}, want: "3"},
		"a bare id":                     {content: "id\n5\n", refusal: "line 2 (record id 5) is no contact"},
		"an unknown address":            {content: "Record ID,Email\n1,nora@crm.example\n9,zed@crm.example\n", refusal: "1 row is not clearly one contact: line 3 (zed@crm.example) is no contact"},
		"two contacts in one row":       {content: "Record ID,First Name,Email\n1,Nora,olaf@crm.example\n", refusal: "may be contact 3 and contact 4"},
		"contactId of another product":  {content: "contactId,email\n1,nora@crm.example\n", refusal: "has not the name and address of contact 1, so 1 is another product's number"},
		"contactId that is both":        {content: "contactId\n1\n", refusal: "may be contact 1 and contact 3"},
		"our id, evidently":             {content: "Relance ID\n1\n", want: "1"},
		"an id that is not":             {content: "Relance ID\n77\n", refusal: "line 2 (id 77) is no contact"},
		"no header and several columns": {content: "1,Ana\n2,Ben\n", refusal: "no column is recognised"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.workspace(2)
			h.write("crm.csv", crm)
			h.ok("contacts", "import", h.path("crm.csv"))
			args := append([]string{"enroll", "q4", "--wait=false", "--file", h.file(test.content)}, test.args...)
			if test.refusal != "" {
				got := h.run(args...)
				require.NotEqual(t, exitDone, got.code)
				require.Contains(t, got.err, test.refusal)
				require.Zero(t, h.enrollments())
				return
			}
			h.ok(args...)
			require.Equal(t, test.want, one[string](h, `SELECT string_agg(contact_id::text, ',' ORDER BY contact_id) FROM enrollments`))
		})
	}
}

func TestEnrollSaysHowItReadsAFile(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(1)
	file := h.file("List\nName;E-Mail;City\nAna;ana@contoso.example;Gent\n")
	require.Equal(t, `Read as utf-8, delimiter ;, header in line 2.
COLUMN  READ AS
Name    full_name
E-Mail  email
City    custom field City

Dry run: would enroll 1 contact in q4; 0 enrolled already.
`, h.ok("enroll", "q4", "--file", file, "--dry-run"))
	var got map[string]any
	h.decode(&got, "enroll", "q4", "--file", file, "--dry-run")
	require.Equal(t, "utf-8", got["encoding"])
	require.Equal(t, map[string]any{"header": "City", "field": "City", "custom": true}, got["columns"].([]any)[2])
	require.Contains(t, got, "problems")
	h.fails(exitUsage, []string{"--source says how a file is read; expected --file with it"}, "enroll", "q4", "--all", "--source", "x")
	h.fails(exitUsage, []string{`there is no encoding "klingon"`}, "enroll", "q4", "--file", file, "--encoding", "klingon")
}

func TestEnrollReadsAFile(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.workspace(2)
	content := "email\nAna@contoso.example\nben@contoso.example\n"
	require.Equal(t, "Enrolled 2 contacts in q4; 0 enrolled already.\n", h.ok("enroll", "q4", "--file", h.file(content), "--wait=false"))
	got := h.runWith(content, "enroll", "q4", "--file", "-", "--wait=false")
	require.Equal(t, "Enrolled 0 contacts in q4; 2 enrolled already.\n", got.stdout)
}

func TestEnrollSurvives(t *testing.T) {
	t.Parallel()
	t.Run("Temporal is away", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		h.temporal.down = errors.New("Temporal does not answer")
		got := h.run("enroll", "q4", "--all")
		require.Equal(t, exitDone, got.code)
		require.Contains(t, got.err, "saved; the enrollments will be started within a minute of Temporal's return (Temporal does not answer")
		require.Equal(t, 2, h.enrollments())
		require.Equal(t, 1, h.openRows())
	})
	t.Run("no worker runs", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		got := h.run("enroll", "q4", "--all", "-o", "json")
		require.Equal(t, exitDone, got.code)
		require.Contains(t, got.err, "2 enrollments not started yet; that goes on in the background, as long as a worker runs")
		require.Contains(t, got.stdout, `"unstarted": 2`)
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.workspace(2)
		ctx, interrupt := context.WithCancel(h.ctx)
		h.ctx, h.temporal.onEnroll = ctx, interrupt
		got := h.run("enroll", "q4", "--all")
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.err, "starter: interrupted; the enrollments are saved; starting them goes on in the background")
	})
}
