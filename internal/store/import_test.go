package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// rowsOf makes rows of "first|email|record id|company", the person being the
// first name and the company.
func rowsOf(lines ...string) []ImportRow {
	rows := make([]ImportRow, len(lines))
	for i, line := range lines {
		part := append(strings.Split(line, "|"), "", "", "")
		rows[i] = ImportRow{
			Contact: campaign.Contact{FirstName: part[0], Email: part[1], RecordID: part[2], Company: part[3]},
			Person:  strings.ToLower("person:" + part[0] + "|" + part[3]),
		}
	}
	return rows
}

func TestImportRecognisesContacts(t *testing.T) {
	t.Parallel()
	long := rand.Text()
	for len(long) < 10_000 { // text that does not compress
		long += rand.Text()
	}
	type step struct {
		rows []ImportRow
		want Imported
	}
	for name, steps := range map[string][]step{
		"by address, in any letter case": {
			{rowsOf("Ada|Ada@x.example"), Imported{Created: 1}},
			{rowsOf("Ada|ada@X.example"), Imported{Unchanged: 1}},
			{rowsOf("Adele|ADA@x.example"), Imported{Updated: 1}},
		},
		"by record id without an address": {
			{rowsOf("Ada||R1"), Imported{Created: 1}},
			{rowsOf("Ada||R1"), Imported{Unchanged: 1}},
			{rowsOf("Ada||r1"), Imported{Created: 1}},
			{rowsOf("Adele||R1"), Imported{Updated: 1}},
		},
		"by name, company and phone without either": {
			{rowsOf("Ada|||X", "Ada|||Y"), Imported{Created: 2}},
			{rowsOf("ADA|||x", "Ada|||Y"), Imported{Updated: 1, Unchanged: 1}},
			{rowsOf("Ada||R7|Y"), Imported{Updated: 1}}, // takes the record id
			{rowsOf("Ada||R8|Y"), Imported{Created: 1}}, // another record
		},
		"an address that was filled in at the source": {
			{rowsOf("Ada||R1|X", "Bob|||Y"), Imported{Created: 2}},
			{rowsOf("Ada|ada@x.example|R1|X", "Bob|bob@y.example||Y"), Imported{Updated: 2}},
			{rowsOf("Ada||R1|X", "Bob|||Y"), Imported{Unchanged: 2}},
		},
		"the record id of another source is nobody's": {
			{rowsOf("Ada||1|X"), Imported{Created: 1}},
			{rowsOf("Zoe|zoe@z.example|1|Z"), Imported{Created: 1}},
		},
		"two people of one name stay two": {
			{rowsOf("Ada|||X", "Ada|ada@x.example||X"), Imported{Created: 2}},
			{rowsOf("Ada|||X", "Ada|ada@x.example||X"), Imported{Unchanged: 2}},
		},
		"a cell that no index takes": {
			{rowsOf("Ada|||"+long, "Ada||"+long), Imported{Created: 2}},
			{rowsOf("Ada|||"+long, "Ada||"+long), Imported{Unchanged: 2}},
		},
		"empty values erase nothing": {
			{rowsOf("Ada|ada@x.example|R1|X"), Imported{Created: 1}},
			{rowsOf("|ada@x.example"), Imported{Unchanged: 1}},
			{rowsOf("|ada@x.example|R2"), Imported{Unchanged: 1}}, // the first source's record id stays
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTest(t)
			for i, step := range steps {
				dry, err := s.Import(context.Background(), step.rows, ImportOptions{DryRun: true})
				require.NoError(t, err)
				dry.freed = Change{} // those of the contacts that differ
				require.Equal(t, step.want, dry, "dry run of import %d", i+1)
				got, err := s.Import(context.Background(), step.rows, ImportOptions{})
				require.NoError(t, err)
				got.freed = Change{}
				require.Equal(t, step.want, got, "import %d", i+1)
			}
		})
	}
}

func TestImportMergesFields(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx := context.Background()
	for _, fields := range []map[string]string{{"city": "Ghent", "vip": "yes"}, {"city": "Bruges", "vip": "", "tier": "A"}} {
		_, err := s.Import(ctx, []ImportRow{{Contact: campaign.Contact{Email: "a@x.example", Fields: fields}}}, ImportOptions{})
		require.NoError(t, err)
	}
	found, _, err := s.Contacts(ctx, "A@x.example", 1)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"city": "Bruges", "vip": "yes", "tier": "A"}, found[0].Fields)
}

// BenchmarkImport imports 10,000 contacts, then the same ones with a new company.
func BenchmarkImport(b *testing.B) {
	s := openTest(b)
	for n := range b.N {
		for _, company := range []string{"X", "Y"} {
			rows := make([]ImportRow, 10_000)
			for i := range rows {
				rows[i].Contact = campaign.Contact{FirstName: "C", Company: company, Email: fmt.Sprintf("c%d-%d@x.example", n, i)}
			}
			if _, err := s.Import(context.Background(), rows, ImportOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
