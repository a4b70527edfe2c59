package console

import (
	"net/http"
	"net/url"

	"relance/internal/failure"
	"relance/internal/operator"
)

const contactsPerPage = 100

// causeView is one repair, and the contacts that it frees.
type causeView struct {
	Card     card
	Contacts []valueOf
	Total    int
	// Start is the address of the first page, Next of the one that follows; empty when there is none.
	Start, Next string
}

func pageCause(c *Console, r *http.Request, f *frame) (view, error) {
	code, cause := failure.Code(r.PathValue("code")), failure.Cause(r.PathValue("cause"))
	repair, err := c.Operator.Repair(r.Context(), code, cause)
	if err != nil {
		return view{}, err
	}
	page, err := c.Operator.RepairContacts(r.Context(), code, cause, readMark(r.URL.Query().Get("after")), contactsPerPage)
	if err != nil {
		return view{}, err
	}
	cards, err := c.cards(r, f, []operator.Repair{repair})
	if err != nil {
		return view{}, err
	}
	shown := causeView{Card: cards[0], Contacts: valuesOf(page.Items), Total: page.Total}
	shown.Card.First = nil // the table has them all
	here := c.link("cause", string(code), string(cause))
	if r.URL.Query().Has("after") {
		shown.Start = here
	}
	if page.Next != nil {
		shown.Next = here + "?after=" + markText(page.Next)
	}
	return view{"cause", repair.Title, shown}, nil
}

func queryEscape(text string) string { return url.QueryEscape(text) }
