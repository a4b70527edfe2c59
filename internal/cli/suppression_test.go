package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

func TestSuppression(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	require.Contains(t, h.ok("suppression", "list"), "Nothing is suppressed.")
	said := h.ok("suppression", "add", "Ana@Contoso.example", "--note", "asked by phone")
	require.Contains(t, said, "1 enrollment ended.")
	require.Equal(t, 1, h.temporal.woken, "its workflow is signalled at once")
	require.Contains(t, h.ok("suppression", "add", "ana@contoso.example"), "was suppressed before")
	require.Equal(t, "Disenrolled", one[string](h, `SELECT status FROM enrollments WHERE id = 1`))
	require.Contains(t, h.ok("timeline", "1"), "asked by phone")

	h.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'next', 'Next', owner, sender, steps FROM campaigns WHERE key = 'q4'`)
	dry := h.ok("enroll", "next", "--all", "--dry-run")
	require.Contains(t, dry, "would enroll 3 contacts in next")
	require.Contains(t, dry, "1 contact left out: nothing is sent to the address any more")
	var enrolled operator.EnrolledFile
	h.decode(&enrolled, "enroll", "next", "--all", "--wait=false")
	require.Equal(t, []int{3, 1}, []int{enrolled.Enrolled.Enrolled.Enrolled, enrolled.Suppressed})

	h.write("list.csv", "name;Email;Note\nBen;ben@contoso.example;has left\nCleo;cleo@contoso.example;\nCleo;CLEO@contoso.example;\n")
	var done operator.Suppressed
	h.decode(&done, "suppression", "import", h.path("list.csv"), "--note", "old system")
	require.Equal(t, []int{2, 0, 4}, []int{done.Added, done.Already, done.Ended})
	exported := h.ok("suppression", "export")
	require.Contains(t, exported, "target,reason,note,by,at\n")
	require.Contains(t, exported, "ben@contoso.example,imported,has left,tess,")
	require.Contains(t, exported, "cleo@contoso.example,imported,old system,tess,")
	h.write("out.csv", exported)
	require.Contains(t, h.ok("suppression", "import", h.path("out.csv")), "Suppressed 0 targets; 3 were so before.")

	before := exported
	h.write("bad.csv", "dan@contoso.example\nnonsense\n\nno@dot\n")
	h.fails(exitUsage, []string{"bad.csv", `line 2: "nonsense" is neither an address nor a domain`, "line 4"}, "suppression", "import", h.path("bad.csv"))
	h.fails(exitUsage, []string{"neither an address nor a domain", "jo@contoso.example or contoso.example"}, "suppression", "add", "contoso")
	require.Equal(t, before, h.ok("suppression", "export"), "bad input changes nothing")

	h.fails(exitNotFound, []string{"dan@contoso.example"}, "suppression", "remove", "dan@contoso.example")
	require.Contains(t, h.ok("suppression", "remove", "ben@contoso.example"), "ben@contoso.example may be written to again")
	activity := h.ok("activity", "--on", "suppression")
	require.Contains(t, activity, "added the suppressed address of contact 1 (Ana One)")
	require.Contains(t, activity, "imported suppressed addresses")
}
