package temporalio

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestASummaryIsNeverTooLong(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Q4 → Ada Claes", summary("Q4", "Ada Claes"))
	for _, letter := range []string{"a", "é", "漢", "🙂"} {
		long := summary(strings.Repeat(letter, 500), strings.Repeat(letter, 500))
		require.LessOrEqual(t, len(long), 350, "with its quotes below the 400 bytes of the server")
		require.True(t, utf8.ValidString(long))
	}
}
