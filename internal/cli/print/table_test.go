package print

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"
)

func TestTablesFitTheTerminal(t *testing.T) {
	t.Parallel()
	made := NewTable("Code", ">Contacts", "How to fix")
	made.Add("EmailAccountDisconnected", 7, "Select another sender in the campaign, or add the address again; then it resumes.")
	made.Add("Grüße", 12, "")
	for _, width := range []int{60, 80, 120} {
		for line := range strings.SplitSeq(made.Render(width), "\n") {
			require.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), width, line)
			require.Equal(t, strings.TrimRight(line, " "), line)
		}
		require.Contains(t, made.Render(width), "EmailAccountDisconnected         7  Select", "a word is not broken, a number stands to the right")
	}
	require.Len(t, strings.Split(made.Render(0), "\n"), 3, "without a width nothing is wrapped")
	require.NotContains(t, made.Render(80), "\x1b", "no colours")
}

func TestTheNearestNameIsSuggested(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, want string }{
		{"q4-outreahc", "; did you mean q4-outreach?"},
		{"Q4-Outreach", "; did you mean q4-outreach?"},
		{"q4", "; did you mean q4-outreach?"},
		{"winter", "; there are q4-outreach and spring"},
	} {
		require.Equal(t, test.want, Alternatives(test.name, []string{"spring", "q4-outreach"}), test.name)
	}
	require.Equal(t, "; there is only spring", Alternatives("xyz", []string{"spring"}))
	require.Equal(t, "; there are a, b, c, d, e, f, g, h, i, j, …", Alternatives("xyz", strings.Split("k j i h g f e d c b a", " ")))
	require.Empty(t, Alternatives("xyz", nil))
}
