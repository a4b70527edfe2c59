package console

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/lab/browser"
)

// The README's pictures: go test ./internal/console -run Pictures -artifacts -outputdir DIR
// keeps them under DIR/_artifacts.
func TestPicturesInABrowser(t *testing.T) {
	t.Parallel()
	b, _ := busy(t)
	tab := browser.Open(t, browser.Options{Look: browser.Look{Height: 800}})
	b.exec(`UPDATE campaigns SET name = 'Q4 outreach' WHERE key = 'q4'`)
	b.exec(`UPDATE contacts SET first_name = names.first, last_name = names.last FROM (VALUES (5, 'Edsger', 'Dijkstra'), (7, 'Annie', 'Easley'), (8, 'Radia', 'Perlman'), (9, 'Barbara', 'Liskov'), (11, 'Karen', 'Spärck Jones')) names (id, first, last)
		WHERE contacts.id = names.id`)
	form := formID("account", mayas)
	tab.Go(b.server.URL + "/")
	tab.Picture("repairs")
	tab.Type(form+" [name=password]", inbox.Password)
	press(tab, form)
	require.Contains(t, tab.Text(), "has logged in")
	tab.Picture("going-on")
	tab.Go(b.server.URL + "/cause/SendingFailed/operator")
	tab.Picture("cause")
	tab.See(browser.Look{Width: 320, Height: 800, Dark: true})
	tab.Go(b.server.URL + "/")
	tab.Picture("repairs-narrow-dark")
	b.heard("Claes")
	tab.See(browser.Look{Height: 800})
	tab.Go(b.server.URL + "/replies")
	tab.Picture("replies")
}
