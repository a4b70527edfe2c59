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

	groups, err := b.ErrorGroups(b.ctx, "")
	require.NoError(t, err)
	require.Len(t, groups, 1)
	require.Equal(t, failure.EmailAccount(mayas), groups[0].Cause)
	require.Equal(t, 5, groups[0].Count)
}
