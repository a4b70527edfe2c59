package operator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestErrorsArePaged(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	for id := int64(1); id <= 5; id++ {
		b.park(id, failure.EmailAccount(mayas))
	}
	var seen []int64
	after := int64(0)
	for range 3 {
		page, err := b.Errors(b.ctx, ErrorFilter{Campaign: "q4"}, after, 2)
		require.NoError(t, err)
		require.Equal(t, 5, page.Total)
		for _, item := range page.Items {
			seen = append(seen, item.ContactID)
			require.NotEmpty(t, item.HowToFix)
			require.NotEmpty(t, item.NextCommand)
			require.Contains(t, item.WebURL, "/workflows/enrollment%2Fq4%2F")
		}
		after = page.Next
	}
	require.Equal(t, []int64{1, 2, 3, 4, 5}, seen)
	require.Zero(t, after)

	b.exec(`UPDATE enrollments SET cause = 'contact:5/email' WHERE id = 5`)
	page, err := b.Errors(b.ctx, ErrorFilter{Cause: string(failure.EmailAccount(mayas))}, 0, 3)
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
	require.Equal(t, 4, page.Total)
	page, err = b.Errors(b.ctx, ErrorFilter{Campaign: "q4", Cause: "contact"}, 0, 0)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)

	groups, err := b.ErrorGroups(b.ctx, "")
	require.NoError(t, err)
	require.Len(t, groups, 2)
	require.Equal(t, failure.EmailAccount(mayas), groups[0].Cause)
	require.Equal(t, 4, groups[0].Count)
}
