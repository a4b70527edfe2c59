package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/lab/browser"
)

// A browser opens six connections to a server at most over HTTP/1.1: whatever a page
// holds open, the seventh and eighth tab load too, and a form can be sent from each.
func TestEightTabsAtOnce(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	first := browser.Open(t, browser.Options{})
	require.Equal(t, http.StatusOK, first.Go(b.server.URL+"/"))
	tabs := []*browser.Tab{first}
	for len(tabs) < 8 {
		tab := first.Another()
		tabs = append(tabs, tab)
		require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/"))
	}
	first.Front()
	require.Equal(t, http.StatusOK, first.Reload())
	last, credits := tabs[7], formID("credits")
	last.Front()
	last.Type(credits+" [name=credits]", "20")
	require.Equal(t, http.StatusOK, press(last, credits))
	require.Contains(t, last.Text(), "Credits added")

	// The others show what was so before: that is said, and no credits are added again.
	first.Front()
	first.Type(credits+" [name=credits]", "30")
	require.Equal(t, http.StatusConflict, press(first, credits))
	require.Contains(t, first.Text(), "This has been fixed meanwhile (by console,")
	require.Equal(t, "30", browser.Ask[string](first, `document.querySelector("`+credits+` [name=credits]").value`), "what was typed is kept")
	require.Equal(t, 20, one[int](b, `SELECT credits::int FROM plan`))
}
