package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

// firstNames is how many of those who are to be disenrolled are named.
const firstNames = 5

// disenrollView asks before contacts are taken out of their campaigns for good.
type disenrollView struct {
	// Count is how many they are, First the first few; Why says why they are none.
	Count int
	First []operator.InError
	Why   string
	// Back is the page that it was asked on, as a path without the prefix.
	Back, BackURL string
	// What says which they are: Part in error, or the Contact, called Name, in Part's campaign.
	Part    operator.Part
	Which   string
	Contact int64
	Name    string
	Seen    int64
}

func pageDisenroll(c *Console, r *http.Request, _ *frame) (view, error) {
	query, shown, err := r.URL.Query(), disenrollView{}, error(nil)
	if shown.Seen, err = c.Operator.SeenUntil(r.Context()); err != nil {
		return view{}, err
	}
	if query.Has("contact") {
		err = c.oneToDisenroll(r, query, &shown)
	} else {
		err = c.partToDisenroll(r, query, &shown)
	}
	shown.BackURL = c.prefix + shown.Back
	return view{"disenroll", "Disenroll", shown}, err
}

// oneToDisenroll is one contact, of one campaign or of every one that it is in.
func (c *Console) oneToDisenroll(r *http.Request, query url.Values, shown *disenrollView) error {
	id, err := strconv.ParseInt(query.Get("contact"), 10, 64)
	if err != nil {
		return &operator.NotFound{Thing: "contact", Key: query.Get("contact")}
	}
	contact, err := c.Operator.Contact(r.Context(), id)
	if err != nil {
		return err
	}
	shown.Contact, shown.Name, shown.Part.Campaign, shown.Back = id, contact.Name(), query.Get("campaign"), "/contacts/"+strconv.FormatInt(id, 10)
	would, err := c.Operator.Disenroll(r.Context(), operator.Selection{Campaign: shown.Part.Campaign, Contacts: []int64{id}}, "", operator.How{DryRun: true})
	if errors.Is(err, operator.ErrRefused) {
		shown.Why = sentence(err)
		return nil
	}
	shown.Count = would.Requested
	return err
}

// partToDisenroll is those of a repair that were selected, or all that match.
func (c *Console) partToDisenroll(r *http.Request, query url.Values, shown *disenrollView) error {
	shown.Part, shown.Which = partOf(query.Get("code"), query.Get("cause"), query), query.Get("which")
	shown.Back = "/cause/" + url.PathEscape(string(shown.Part.Code)) + "/" + url.PathEscape(shown.Part.Cause)
	query.Set("seen", strconv.FormatInt(shown.Seen, 10))
	if err := chosen(query); err != nil {
		shown.Why = sentence(err)
		return nil
	}
	page, err := c.Operator.PartContacts(r.Context(), shown.Part, operator.Mark{}, firstNames)
	shown.Count, shown.First = page.Total, page.Items
	if shown.Count == 0 {
		shown.Why = "None of them is in error for this any more."
	}
	return err
}
