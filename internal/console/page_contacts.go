package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// contactsView is the contacts that a search has found, or all.
type contactsView struct {
	operator.ContactPage
	// Asked is what was looked for.
	Asked string
	// Start is the address of the first page, More of the one that follows; empty when there is none.
	Start, More string
}

// pageContacts lists contacts; the only one that is found is shown itself.
func pageContacts(c *Console, r *http.Request, _ *frame) (view, error) {
	asked := strings.TrimSpace(r.URL.Query().Get("q"))
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	page, err := c.Operator.FindContacts(r.Context(), asked, max(after, 0), contactsPerPage)
	if err != nil {
		return view{}, err
	}
	if asked != "" && after <= 0 && len(page.Items) == 1 {
		return view{}, &elsewhere{"/contacts/" + strconv.FormatInt(page.Items[0].ID, 10)}
	}
	shown := contactsView{ContactPage: page, Asked: asked}
	here := func(with url.Values) string {
		if asked != "" {
			with.Set("q", asked)
		}
		return c.link("contacts") + "?" + with.Encode()
	}
	if after > 0 {
		shown.Start = here(url.Values{})
	}
	if page.Next != 0 {
		shown.More = here(url.Values{"after": {strconv.FormatInt(page.Next, 10)}})
	}
	return view{"contacts", "Contacts", shown}, nil
}
