package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// of gives rows a source.
func of(source string, rows []ImportRow) []ImportRow {
	for i := range rows {
		rows[i].Source = source
	}
	return rows
}

// emails are the addresses of all contacts, by id.
func emailsOf(t *testing.T, s *Store) []string {
	t.Helper()
	all, _, err := s.Contacts(context.Background(), "", 0)
	require.NoError(t, err)
	var emails []string
	for _, contact := range all {
		emails = append(emails, contact.Email)
	}
	return emails
}

func TestImportFollowsTheRecord(t *testing.T) {
	t.Parallel()
	ann := func(email string) []ImportRow { return of("hubspot", rowsOf("Ann|"+email+"|9001|Acme")) }
	type step struct {
		rows   []ImportRow
		set    string // the address that a person sets for contact 1 instead
		kept   KeptReason
		want   Imported
		emails []string
	}
	for name, steps := range map[string][]step{
		"a new address at the source": {
			{rows: ann("old@x.example"), want: Imported{Created: 1}, emails: []string{"old@x.example"}},
			{rows: ann("new@x.example"), want: Imported{Updated: 1}, emails: []string{"new@x.example"}},
			{rows: ann("new@x.example"), want: Imported{Unchanged: 1}, emails: []string{"new@x.example"}},
			{rows: of("hubspot", rowsOf("Anna||9001|Acme")), want: Imported{Updated: 1}, emails: []string{"new@x.example"}},
		},
		"an address that was set here": {
			{rows: ann("old@x.example"), want: Imported{Created: 1}, emails: []string{"old@x.example"}},
			{set: "corrected@x.example", emails: []string{"corrected@x.example"}},
			{rows: ann("old@x.example"), want: Imported{Unchanged: 1}, kept: SetHere, emails: []string{"corrected@x.example"}},
			{rows: ann("other@x.example"), want: Imported{Unchanged: 1}, kept: SetHere, emails: []string{"corrected@x.example"}},
			{rows: ann("corrected@x.example"), want: Imported{Unchanged: 1}, emails: []string{"corrected@x.example"}},
			{rows: ann("later@x.example"), want: Imported{Updated: 1}, emails: []string{"later@x.example"}},
		},
		"set here, and the file has no record ids": {
			{rows: rowsOf("Ann|old@x.example||Acme"), want: Imported{Created: 1}, emails: []string{"old@x.example"}},
			{set: "corrected@x.example", emails: []string{"corrected@x.example"}},
			{rows: rowsOf("Ann|old@x.example||Acme"), want: Imported{Unchanged: 1}, kept: SetHere, emails: []string{"corrected@x.example"}},
			{rows: rowsOf("Zoe|old@x.example||Acme"), want: Imported{Created: 1}, emails: []string{"corrected@x.example", "old@x.example"}},
		},
		"two sources that number alike": {
			{rows: of("hubspot", rowsOf("Ann|ann@x.example|1|X")), want: Imported{Created: 1}, emails: []string{"ann@x.example"}},
			{rows: of("pipedrive", rowsOf("Zoe|zoe@z.example|1|Z")), want: Imported{Created: 1}, emails: []string{"ann@x.example", "zoe@z.example"}},
			{rows: of("hubspot", rowsOf("Ann|ann2@x.example|1|X")), want: Imported{Updated: 1}, emails: []string{"ann2@x.example", "zoe@z.example"}},
			{rows: of("pipedrive", rowsOf("Zoe|zoe2@z.example|1|Z")), want: Imported{Updated: 1}, emails: []string{"ann2@x.example", "zoe2@z.example"}},
		},
		"two sources of one contact do not take turns": {
			{rows: of("hubspot", rowsOf("Ann|a@x.example|1|X")), want: Imported{Created: 1}, emails: []string{"a@x.example"}},
			{rows: of("crm", rowsOf("Ann|a@x.example|77|X")), want: Imported{Unchanged: 1}, emails: []string{"a@x.example"}},
			{rows: of("crm", rowsOf("Ann|b@x.example|77|X")), want: Imported{Updated: 1}, emails: []string{"b@x.example"}},
			{rows: of("hubspot", rowsOf("Ann|a@x.example|1|X")), want: Imported{Unchanged: 1}, emails: []string{"b@x.example"}},
			{rows: of("hubspot", rowsOf("Ann|c@x.example|1|X")), want: Imported{Updated: 1}, emails: []string{"c@x.example"}},
		},
		"a source without a name": {
			{rows: rowsOf("Ann|a@x.example|1|X"), want: Imported{Created: 1}, emails: []string{"a@x.example"}},
			{rows: rowsOf("Ann|b@x.example|1|X"), want: Imported{Updated: 1}, emails: []string{"b@x.example"}},
			{rows: rowsOf("Zoe|z@x.example|1|Z"), want: Imported{Created: 1}, emails: []string{"b@x.example", "z@x.example"}},
			{rows: rowsOf("Ann|b@x.example|1|X", "Zoe|z@x.example|1|Z"), want: Imported{Unchanged: 2}, emails: []string{"b@x.example", "z@x.example"}},
		},
		"a record that is somebody else here": {
			{rows: of("hubspot", rowsOf("Ann|a@x.example|1|X")), want: Imported{Created: 1}, emails: []string{"a@x.example"}},
			{rows: of("hubspot", rowsOf("Zoe|z@z.example|1|Z")), kept: RecordOfAnother, emails: []string{"a@x.example"}},
		},
		"the address of another contact": {
			{rows: of("hubspot", rowsOf("Ann|a@x.example|1|X", "Bob|b@x.example|2|X")), want: Imported{Created: 2}, emails: []string{"a@x.example", "b@x.example"}},
			{rows: of("hubspot", rowsOf("Ann|b@x.example|1|X")), want: Imported{Unchanged: 1}, kept: AddressOfAnother, emails: []string{"a@x.example", "b@x.example"}},
			{rows: of("hubspot", rowsOf("Ann|b@x.example|1|X", "Bob|a@x.example|2|X")), want: Imported{Updated: 2}, emails: []string{"b@x.example", "a@x.example"}},
			{rows: of("hubspot", rowsOf("Ann|c@x.example|1|X", "Cy|b@x.example|3|X")), want: Imported{Updated: 1, Created: 1}, emails: []string{"c@x.example", "a@x.example", "b@x.example"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := openTest(t), context.Background()
			for i, step := range steps {
				if step.set != "" {
					_, _, err := s.SetContact(ctx, 1, ContactEdit{Email: &step.set}, "tess")
					require.NoError(t, err)
				} else {
					dry, err := s.Import(ctx, step.rows, ImportOptions{DryRun: true})
					require.NoError(t, err, "step %d", i+1)
					got, err := s.Import(ctx, step.rows, ImportOptions{})
					require.NoError(t, err, "step %d", i+1)
					require.Equal(t, dry, got, "dry run of step %d", i+1)
					if step.kept != "" {
						require.Len(t, got.Kept, 1, "step %d", i+1)
						require.Equal(t, step.kept, got.Kept[0].Why)
					} else {
						require.Empty(t, got.Kept, "step %d", i+1)
					}
					got.Kept, got.freed = nil, Change{}
					require.Equal(t, step.want, got, "step %d", i+1)
				}
				require.Equal(t, step.emails, emailsOf(t, s), "after step %d", i+1)
			}
		})
	}
}

// What an operator says about the source is believed.
func TestImportBelievesANamedSource(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx := context.Background()
	for _, line := range []string{"Ann|a@x.example|1|X", "Zoe|z@z.example|1|Z"} {
		_, err := s.Import(ctx, of("crm", rowsOf(line)), ImportOptions{SourceNamed: true})
		require.NoError(t, err)
	}
	contact, err := s.Contact(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, campaign.Contact{ID: 1, FirstName: "Zoe", Email: "z@z.example", RecordID: "1", Company: "Z", Fields: map[string]string{}}, contact)
}

// Contacts from before sources were written down are found by their record id;
// an address of theirs that may have been set by hand stays.
func TestImportKnowsContactsOfTheVersionBefore(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx := context.Background()
	_, err := s.pool.Exec(ctx, `INSERT INTO contacts (first_name, email, record_id, created_at, changed_at) VALUES
		('Ann', 'ann@x.example', '1', '2024-01-01', '2024-01-01'), ('Bob', 'bob@x.example', '2', '2024-01-01', '2024-02-01'), ('Cy', '', '3', '2024-01-01', '2024-02-01')`)
	require.NoError(t, err)
	rows := of("hubspot", rowsOf("Ann|ann2@x.example|1", "Bob|bob2@x.example|2", "Cy|cy@x.example|3"))
	got, err := s.Import(ctx, rows, ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 1}, []int{got.Created, got.Updated, got.Unchanged})
	require.Equal(t, []Kept{{Row: 1, Contact: 2, Here: "bob@x.example", Given: "bob2@x.example", Why: SetHere}}, got.Kept)
	again, err := s.Import(ctx, rows, ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, 3, again.Unchanged)
}
