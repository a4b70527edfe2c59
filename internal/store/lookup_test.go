package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFieldNames(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	names, anyContact, err := b.FieldNames(b.ctx)
	require.NoError(t, err)
	require.False(t, anyContact)
	require.Empty(t, names)

	b.exec(`INSERT INTO contacts (first_name) VALUES ('Ada')`)
	names, anyContact, err = b.FieldNames(b.ctx)
	require.NoError(t, err)
	require.True(t, anyContact)
	require.Empty(t, names)

	b.exec(`INSERT INTO contacts (first_name, fields) VALUES ('Bob', '{"City": "Ghent", "Empty": ""}'), ('Cy', '{"City": "Liège", "Job Title": "CEO"}')`)
	names, _, err = b.FieldNames(b.ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"City", "Job Title"}, names)
}
