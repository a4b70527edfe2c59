package pattern_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound/pattern"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	p := pattern.AnyOf(`a+`, `b`)
	require.True(t, p.MatchString("xaay"))
	require.Equal(t, "aa", p.FindString("xaay"))
	require.Equal(t, []int{1, 3}, p.FindStringIndex("xaay"))
	require.Equal(t, []string{"x", "y"}, p.Split("xaay", -1))
	broken := pattern.New(`(`)
	require.Panics(t, func() { broken.MatchString("") })
}
