package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/lab/browser"
)

// inABrowser are words that would do something in one, several at a time: each has a
// stand of its own, and every page is opened.
var inABrowser = []string{
	`"><img src=x onerror=alert(1)>'--><svg/onload=alert(1)>" autofocus onfocus="alert(1)`,
	`</title></q><script>alert(1)</script><iframe srcdoc='<script>alert(1)</script>'>`,
	`</style><link rel=stylesheet href=//127.0.0.2/><base href=//127.0.0.2/><meta http-equiv=refresh content=0;url=//127.0.0.2/>`,
}

// What people and servers write does nothing in a browser: no dialog opens, nothing is
// loaded from elsewhere, and the policy has nothing to report.
func TestHostileWordsDoNothingInABrowser(t *testing.T) {
	t.Parallel()
	tab := browser.Open(t, browser.Options{})
	for _, words := range inABrowser {
		b := everything(t, words)
		for _, path := range everyPage() {
			if tab.Go(b.server.URL+path) != http.StatusOK {
				require.Equal(t, "/nowhere", path, words)
			}
			for _, trouble := range tab.Trouble() {
				t.Errorf("%s with %q: %s", path, words, trouble)
			}
		}
		tab.Leave() // before the stand of the next words: servers wait for what a page holds open
	}
}
