package contactcsv

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"a@b.co", "a+tag@b-c.example", "o'brien@x.ie", `"a b"@x.io`, `"a@b"@x.io`, "josé@exämple.de", "用户@例子.公司", strings.Repeat("a", 64) + "@x.io", "a@" + strings.Repeat("b", 63) + ".io", "a@xn--80ak6aa92e.com",
	} {
		_, problem := Address(good)
		require.Empty(t, problem, good)
	}
	for _, bad := range []string{
		"", "a", "@", "a@", "@b.c", "a@b", "a@@b.c", "a b@c.d", "a@b c.d", "a..b@c.d", ".a@c.d", "a.@c.d", "a@b..c", "a@-b.c", "a@b-.c", "a@b_c.d", "a@1.2.3.4", "a@[1.2.3.4]", "a(b)@c.d", "\"a@c.d",
		strings.Repeat("a", 65) + "@x.io", "a@" + strings.Repeat("b", 64) + ".io", "\xff@c.d",
	} {
		_, problem := Address(bad)
		require.NotEmpty(t, problem, bad)
	}
}

func TestCellsArePlainText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 600)
	file, err := Read(strings.NewReader("Record ID,First Name,Company,Email,City\n"+long+",\x1b[31mAda\x1b[0m\x00,"+long+",ada\u200b@x.io\u202e,\"Gh\u202eent\x07\r\nBE\"\n"), Options{})
	require.NoError(t, err)
	got := file.Rows[0].Contact
	require.Equal(t, "Ada", got.FirstName)
	require.Equal(t, strings.Repeat("é", 499)+"…", got.Company)
	require.Equal(t, long, got.RecordID)
	require.Equal(t, "ada@x.io", got.Email)
	require.Equal(t, "Ghent\nBE", got.Fields["City"])
}
