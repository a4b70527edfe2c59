package console

import (
	"net/http"

	"relance/internal/operator"
)

// bouncesView is the addresses that have bounced: a part of them, the latest first.
type bouncesView struct {
	operator.BouncePage
	addressList
}

func pageBounces(c *Console, r *http.Request, _ *frame) (view, error) {
	list, after, more := c.listOf(r, "bounces")
	page, err := c.Operator.BouncesPage(r.Context(), list.Asked, after, addressesPerPage)
	list.More = more(page.Next)
	return view{"bounces", "Bounced addresses", bouncesView{page, list}}, err
}

// unbounceView asks before an address is sent to again.
type unbounceView struct {
	operator.WouldUnbounce
	Seen int64
}

func pageUnbounce(c *Console, r *http.Request, _ *frame) (view, error) {
	seen, err := c.Operator.SeenUntil(r.Context())
	if err != nil {
		return view{}, err
	}
	would, err := c.Operator.WouldUnbounce(r.Context(), asked(r.URL.Query().Get("address")))
	return view{"unbounce", "Send to " + would.Address + " again", unbounceView{would, seen}}, err
}
