package operator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnrollees(t *testing.T) {
	t.Parallel()
	b := setup(t, 2) // c1@contoso.example and c2@contoso.example
	who, err := b.Enrollees(b.ctx, strings.NewReader("2\nc1@contoso.example\n"), FileOptions{})
	require.NoError(t, err)
	require.Equal(t, Enrollees{IDs: []int64{2, 1}}, who, "a bare list is read as it stands")

	who, err = b.Enrollees(b.ctx, strings.NewReader("People\n\nEmail;City\nC1@contoso.example;Gent\n"), FileOptions{})
	require.NoError(t, err)
	require.Equal(t, []int64{1}, who.IDs)
	require.Equal(t, 3, who.Report.HeaderLine)
	require.Equal(t, []FileColumn{{Header: "Email", Field: "email"}, {Header: "City", Field: "City", Custom: true}}, who.Report.Columns)

	who, err = b.Enrollees(b.ctx, strings.NewReader("Email\n"), FileOptions{})
	require.NoError(t, err)
	require.NotNil(t, who.IDs, "nil would be every contact")
	require.Empty(t, who.IDs)

	_, err = b.Enrollees(b.ctx, strings.NewReader("Email\nc1@contoso.example\nx@y.example\n"), FileOptions{})
	var unclear *UnclearRows
	require.ErrorAs(t, err, &unclear)
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, []UnclearRow{{Line: 3, Name: "x@y.example", Problem: "is no contact"}}, unclear.Rows)
	require.EqualError(t, err, "nobody was enrolled, as 1 row is not clearly one contact: line 3 (x@y.example) is no contact")
}

func TestFileOptionsAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	for name, test := range map[string]struct {
		content string
		options FileOptions
		field   string
	}{
		"a line before the first": {"Email\na@x.example\n", FileOptions{HeaderLine: -1}, "header-line"},
		"an unknown encoding":     {"Email\na@x.example\n", FileOptions{Encoding: "klingon"}, "file"},
		"a column that is not":    {"Email\na@x.example\n", FileOptions{Map: map[string]string{"Town": "city"}}, "file"},
	} {
		var refused *Invalid
		_, err := b.Enrollees(b.ctx, strings.NewReader(test.content), test.options)
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, test.field, refused.Field, name)
		_, err = b.ImportContacts(b.ctx, strings.NewReader(test.content), ImportOptions{FileOptions: test.options})
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, test.field, refused.Field, name)
	}
}
