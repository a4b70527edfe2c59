package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.write("people.csv", "Email,First name,Phone,City\n ADA@Contoso.example ,Ada,+32 475 12 34 56,Ghent\nada@contoso.example,,,\nnot-an-address,Bob,,\n,Cy,,\n")
	var got operator.Imported
	h.decode(&got, "contacts", "import", h.path("people.csv"), "--dry-run")
	want := got
	h.decode(&got, "contacts", "import", h.path("people.csv"))
	require.Equal(t, want, got, "a dry run says what happens")
	require.Equal(t, 4, got.Rows)
	require.Equal(t, 3, got.Created)
	require.Equal(t, 1, got.Duplicates)
	require.Equal(t, 1, got.WithoutEmail)
	require.Equal(t, 1, got.InvalidEmail)
	require.Len(t, got.Problems, 1)
	require.Equal(t, 4, got.Problems[0].Line)
	h.decode(&got, "contacts", "import", h.path("people.csv"))
	require.Zero(t, got.Created)
	require.Zero(t, got.Updated)

	var raw map[string]any
	require.NoError(t, json.Unmarshal([]byte(h.ok("contacts", "import", h.path("people.csv"), "-o", "json")), &raw))
	require.Equal(t, []string{"columns", "created", "delimiter", "duplicates", "encoding", "encodingDoubt", "headerLine", "invalidEmail", "problems", "resuming", "rows", "skipped", "source", "updated", "waiting", "withoutEmail"}, slices.Sorted(maps.Keys(raw)))

	var lines []map[string]any
	h.decode(&lines, "contacts", "list")
	require.Equal(t, map[string]any{
		"id": 1., "firstName": "Ada", "lastName": "", "company": "", "email": "ada@contoso.example", "phone": "+32475123456", "fields": map[string]any{"City": "Ghent"},
	}, lines[0])
	require.Len(t, lines, 3)

	require.Contains(t, h.ok("contacts", "import", h.path("people.csv")), `4 rows: 0 created, 0 updated, 3 unchanged, 1 duplicate merged, 0 skipped.
Kept without an address: 1 row with none, 1 with one that cannot exist.

1 problem to look at:
LINE  COLUMN  VALUE           PROBLEM
`)
	h.decode(&got, "contacts", "import", h.path("people.csv"), "--map", "City=company")
	require.Equal(t, 1, got.Updated)
	h.fails(exitUsage, []string{"--map is", "expected column=field"}, "contacts", "import", h.path("people.csv"), "--map", "City")
	h.fails(exitUsage, []string{`there is no column "Town" to map`}, "contacts", "import", h.path("people.csv"), "--map", "Town=city")
	h.fails(exitNotFound, []string{"there is no file"}, "contacts", "import", h.path("nobody.csv"))
	result := h.runWith("Email\nzoe@contoso.example\n", "contacts", "import", "-")
	require.Equal(t, exitDone, result.code, result.err)
	require.Contains(t, result.stdout, "1 row: 1 created")
}

// The source moves a contact to another address, but for one that was set here.
func TestImportFollowsTheSource(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.write("monday.csv", "Record ID,First Name,Last Name,Email,Company\n9001,Ann,Lee,ann@old.example,Acme\n")
	h.write("friday.csv", "Record ID,First Name,Last Name,Email,Company\n9001,Ann,Lee,ann@new.example,Acme\n")
	h.ok("contacts", "import", h.path("monday.csv"))
	require.Contains(t, h.ok("contacts", "import", h.path("friday.csv"), "--dry-run"), "record ids of hubspot")
	h.ok("contacts", "import", h.path("friday.csv"))
	require.Equal(t, "ann@new.example", one[string](h, `SELECT string_agg(email, ',') FROM contacts`))
	h.ok("contacts", "set", "1", "--email", "ann@mended.example")
	require.Contains(t, h.ok("contacts", "import", h.path("monday.csv")), "the address of contact 1 was set here (ann@mended.example) and is kept")
	require.Equal(t, "ann@mended.example", one[string](h, `SELECT string_agg(email, ',') FROM contacts`))
}

func TestContacts(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Equal(t, "[]\n", h.ok("contacts", "list", "-o", "json"))
	h.team()
	require.Equal(t, `ID  NAME          COMPANY  EMAIL                PHONE
 1  Ada Lovelace  Contoso  ada@contoso.example  -
 2  Bob Hope      Contoso  bob@contoso.example  -

2 of 3 contacts; --limit 0 shows all.
`, h.ok("contacts", "list", "--limit", "2"))
	require.Contains(t, h.ok("contacts", "list", "--search", "GHENT"), "Ada Lovelace")
	var shown operator.ContactDetails
	h.decode(&shown, "contacts", "show", "Ada@contoso.example")
	require.EqualValues(t, 1, shown.ID)
	require.Equal(t, "q4", shown.Enrollments[0].Campaign)
	require.Contains(t, h.ok("contacts", "show", "1"), "Contact 1: Ada Lovelace\n  company    Contoso\n  email      ada@contoso.example\n  City: Ghent\n")
	h.fails(exitNotFound, []string{"99"}, "contacts", "show", "99")
	h.fails(exitNotFound, []string{"there is no contact with the address x@y.example"}, "contacts", "set", "x@y.example", "--company", "X")

	h.fails(exitRefused, []string{"contact 2 (Bob Hope) has the address bob@contoso.example already"}, "contacts", "set", "1", "--email", "BOB@contoso.example")
	h.fails(exitUsage, []string{`"bob at contoso" is not an email address`}, "contacts", "set", "1", "--email", "bob at contoso")
	h.fails(exitUsage, []string{"say what to correct"}, "contacts", "set", "1")
	h.fails(exitUsage, []string{"expected name=value"}, "contacts", "set", "1", "--field", "city")
	require.Equal(t, "Ada Lovelace: nothing changed.\n", h.ok("contacts", "set", "1", "--email", "ADA@contoso.example", "--company", "Contoso"))
	require.Equal(t, "Ada Lovelace: email ada@contoso.example → (none)\n", h.ok("contacts", "set", "1", "--email", ""))
	h.ok("bounce", "add", "gone@contoso.example", "--reason", "left")
	got := h.run("contacts", "set", "1", "--email", "gone@contoso.example")
	require.Equal(t, exitDone, got.code)
	require.Contains(t, got.err, "an email to gone@contoso.example has bounced before (left); nothing is sent to it")
	var did answer
	h.decode(&did, "contacts", "set", "1", "--phone", "+32 475 12 34 56", "--field", "City=")
	require.Len(t, did.Changes, 2)
	require.Equal(t, "+32475123456", did.Changes[0].To)
}
