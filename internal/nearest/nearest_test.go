package nearest_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/nearest"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, other string
		want       int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"steps", "stpes", 1}, {"sender", "snder", 1}, {"kitten", "sitting", 3},
		{"Maya", "maya", 0}, {"société", "societe", 2}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"frist_name", "first_name", 1}, {"x", "y", 1},
		{strings.Repeat("x", 64), strings.Repeat("x", 63), 1},
		{strings.Repeat("x", 65), strings.Repeat("x", 65), 0},
		{strings.Repeat("x", 65), strings.Repeat("x", 64), math.MaxInt},
	} {
		require.Equal(t, test.want, nearest.Distance(test.one, test.other), "%q %q", test.one, test.other)
		require.Equal(t, test.want, nearest.Distance(test.other, test.one), "%q %q", test.other, test.one)
	}
}

func TestWord(t *testing.T) {
	t.Parallel()
	words := []string{"plan", "users", "email_accounts", "campaigns"}
	require.Equal(t, "users", nearest.Word("usres", words, 2))
	require.Equal(t, "plan", nearest.Word("PLAN", words, 0))
	require.Equal(t, "campaigns", nearest.Word("campaing", words, 2))
	require.Empty(t, nearest.Word("contacts", words, 2))
	require.Empty(t, nearest.Word("x", nil, 5))
	require.Equal(t, "a1", nearest.Word("a3", []string{"a1", "a2"}, 1), "the first of those that are as near")
}
