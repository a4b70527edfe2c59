package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestContactsAreFoundByWhatTheyBeginWith(t *testing.T) {
	t.Parallel()
	b := &ledgerBundle{Store: openTest(t), t: t, ctx: t.Context()}
	b.exec(`INSERT INTO contacts (first_name, last_name, company, email, record_id) VALUES
		('Ada', 'Lovelace', '', 'ada@contoso.example', '9001'), ('Ada', 'Byron', '', 'byron@contoso.example', ''), ('', 'O''Brien_%', '', '', '1'),
		('Grace', 'Hopper', 'Navy', '', '003A'), ('', '', 'Contoso', 'post@xn--bcher-kva.example', '')`)
	b.exec(`INSERT INTO contact_sources (source, record_id, contact_id) VALUES ('hubspot', '77', 2), ('crm', '77', 4)`)
	for text, want := range map[string][]int64{
		"ADA": {1, 2}, "ada lo": {1}, "lovelace": {1}, "Byron Ada": {2}, "BYRON@contoso.example": {2}, "post@": {5}, "post@bücher.example": {5},
		"1": {1, 3}, "9001": {1}, "003A": {4}, "77": {2, 4}, "o'b": {3}, "%": nil, "_": nil, "o'brien_%": {3}, "contoso": nil, "": {1, 2, 3, 4, 5}, "  ": {1, 2, 3, 4, 5},
		"99999999999999999999": nil, `\`: nil, "-1": nil,
	} {
		found, err := b.SearchContacts(b.ctx, text, 0, 10)
		require.NoError(t, err, text)
		var ids []int64
		for _, contact := range found {
			ids = append(ids, contact.ID)
		}
		require.Equal(t, want, ids, text)
	}
	page, err := b.SearchContacts(b.ctx, "ada", 1, 1)
	require.NoError(t, err)
	require.EqualValues(t, 2, page[0].ID)
}

// A name may be as long as it likes, and an address too.
func TestNoNameIsTooLongForItsIndex(t *testing.T) {
	t.Parallel()
	b := &ledgerBundle{Store: openTest(t), t: t, ctx: t.Context()}
	b.exec(`INSERT INTO contacts (first_name, last_name, email) SELECT (SELECT string_agg(chr(19968 + i), '') FROM generate_series(1, 3000) AS i), 'Lee', 'lee@contoso.example'`)
	found, err := b.SearchContacts(b.ctx, one[string](b, `SELECT first_name FROM contacts`), 0, 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// BenchmarkSearchContacts looks for very many, for one and for none among 100,000.
func BenchmarkSearchContacts(b *testing.B) {
	s := openTest(b)
	_, err := s.pool.Exec(b.Context(), `INSERT INTO contacts (first_name, last_name, email, record_id)
		SELECT 'Chris' || i % 7, 'Lee' || i, 'c' || i || '@contoso.example', 'r' || i FROM generate_series(1, 100000) AS i`)
	require.NoError(b, err)
	_, err = s.pool.Exec(b.Context(), `VACUUM ANALYZE contacts`)
	require.NoError(b, err)
	for name, text := range map[string]string{"very many": "c", "one": "lee77777", "none": "zz", "record": "r500"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := s.SearchContacts(b.Context(), text, 0, 51)
				require.NoError(b, err)
			}
		})
	}
}

func TestFillsAreKeptOrRefusedEachOnItsOwn(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	b.exec(`UPDATE contacts SET email = '' WHERE id <> 6`)
	noEmail := func(id int64) failure.Problem {
		return failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(id)}}
	}
	for id := range int64(5) {
		b.parkAs(noEmail(id+1), id+1)
	}
	to := func(email string) ContactEdit { return ContactEdit{Email: &email} }
	_, _, err := b.SetContact(b.ctx, 4, to("four@contoso.example"), "tom")
	require.NoError(t, err)

	filled, err := b.FillContacts(b.ctx, []ContactFill{
		{ID: 1, Edit: to("one@contoso.example")}, {ID: 2, Edit: to("ONE@contoso.example")}, {ID: 3, Edit: to("c6@contoso.example")},
		{ID: 4, Edit: to("other@contoso.example")}, {ID: 99, Edit: to("x@contoso.example")}, {ID: 5, Edit: ContactEdit{Fields: map[string]string{"city": "Ghent"}}},
	}, "lea")
	require.NoError(t, err)
	require.Equal(t, 2, filled.Kept)
	require.Equal(t, 1, filled.Resuming, "a field gives nobody an address")
	var taken *AddressTaken
	require.ErrorAs(t, filled.Refused[1], &taken)
	require.EqualValues(t, 1, taken.Contact, "two of one file")
	require.ErrorAs(t, filled.Refused[2], &taken)
	require.EqualValues(t, 6, taken.Contact)
	var stale *Stale
	require.ErrorAs(t, filled.Refused[3], &stale)
	require.Equal(t, "tom", stale.By)
	require.ErrorIs(t, filled.Refused[4], ErrNotFound)
	require.NoError(t, filled.Refused[0])
	require.NoError(t, filled.Refused[5])
	require.Equal(t, []string{"one@contoso.example", "", "", "four@contoso.example", "", "c6@contoso.example"}, one[[]string](b, `SELECT array_agg(email ORDER BY id) FROM contacts`))
	require.Equal(t, "lea", one[string](b, `SELECT by FROM outbox WHERE cause = 'contact:1/email'`))
	require.True(t, one[bool](b, `SELECT email_mended FROM contacts WHERE id = 1`), "an older export does not undo it")
}

func TestAContactThatWasChangedIsStale(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	version, err := b.ContactVersion(b.ctx, 1)
	require.NoError(t, err)
	name := func(name string) ContactEdit { return ContactEdit{FirstName: &name, Version: version} }
	_, _, err = b.SetContact(b.ctx, 1, name("Ada"), "lea")
	require.NoError(t, err)
	_, change, err := b.SetContact(b.ctx, 1, name("Ada"), "lea")
	require.NoError(t, err, "a second click")
	require.Empty(t, change.Edits)
	_, _, err = b.SetContact(b.ctx, 1, name("Eva"), "tom")
	var stale *Stale
	require.ErrorAs(t, err, &stale)
	require.Contains(t, stale.Text, "has been changed meanwhile")
	require.WithinDuration(t, time.Now(), stale.At, time.Minute)
	_, err = b.ContactVersion(b.ctx, 9)
	require.ErrorIs(t, err, ErrNotFound)
}
