package console

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"relance/internal/operator"
)

const addressesPerPage = 100

// suppressionView is what is suppressed: a part of it, the latest first.
type suppressionView struct {
	operator.SuppressionPage
	addressList
}

// addressList is what the lists of suppressed and of bounced addresses have around them.
type addressList struct {
	// Asked is what was looked for.
	Asked string
	// Start and More are the addresses of the first page and of the one that follows.
	Start, More string
}

// listOf is a list of addresses that was asked for, under a path, from after on.
func (c *Console) listOf(r *http.Request, path string) (list addressList, after operator.ListMark, more func(*operator.ListMark) string) {
	query := r.URL.Query()
	list.Asked, after = asked(query.Get("q")), readListMark(query.Get("after"))
	at := func(with url.Values) string {
		if list.Asked != "" {
			with.Set("q", list.Asked)
		}
		return strings.TrimSuffix(c.link(path)+"?"+with.Encode(), "?")
	}
	if !after.At.IsZero() {
		list.Start = at(url.Values{})
	}
	return list, after, func(next *operator.ListMark) string {
		if next == nil {
			return ""
		}
		return at(url.Values{"after": {listMarkText(*next)}})
	}
}

func listMarkText(mark operator.ListMark) string {
	return strconv.FormatInt(mark.At.UnixMicro(), 10) + "." + mark.Text
}

func readListMark(text string) operator.ListMark {
	at, name, _ := strings.Cut(text, ".")
	micro, err := strconv.ParseInt(at, 10, 64)
	if err != nil || micro <= 0 || micro > 1<<53 || !isText(name) {
		return operator.ListMark{} // the first page
	}
	return operator.ListMark{At: time.UnixMicro(micro).UTC(), Text: name}
}

func pageSuppression(c *Console, r *http.Request, _ *frame) (view, error) {
	list, after, more := c.listOf(r, "suppression")
	page, err := c.Operator.SuppressionsPage(r.Context(), list.Asked, after, addressesPerPage)
	list.More = more(page.Next)
	return view{"suppression", "Suppression", suppressionView{page, list}}, err
}

// pageSuppressionFile is what is suppressed as CSV.
func pageSuppressionFile(c *Console, _ *http.Request, _ *frame) (view, error) {
	return view{data: &download{name: "suppressed.csv", write: func(ctx context.Context, to func() io.Writer) error {
		return c.Operator.WriteSuppressions(ctx, to)
	}}}, nil
}

// suppressView asks before an address or a domain is suppressed.
type suppressView struct {
	// Target and Note are as they were typed, Wrong is what is wrong with the target.
	Target, Note, Wrong string
	Would               operator.WouldSuppress
}

func pageSuppress(c *Console, r *http.Request, _ *frame) (view, error) {
	query := r.URL.Query()
	shown := suppressView{Target: asked(query.Get("target")), Note: asked(query.Get("note"))}
	if shown.Target == "" {
		return view{"suppress", "Suppress an address or a domain", shown}, nil
	}
	var err error
	if shown.Would, err = c.Operator.WouldSuppress(r.Context(), shown.Target); isInvalid(err) {
		shown.Wrong, err = sentence(err), nil
	}
	return view{"suppress", "Suppress " + shown.Target, shown}, err
}

// unsuppressView asks before an address or a domain is written to again.
type unsuppressView struct{ operator.Suppression }

// Seen is since when it is suppressed, for the form.
func (v unsuppressView) Seen() int64 { return v.At.UnixMicro() }

// Said is true where the person itself has said so.
func (v unsuppressView) Said() bool { return v.Reason == "unsubscribed" || v.Reason == "complained" }

func pageUnsuppress(c *Console, r *http.Request, _ *frame) (view, error) {
	found, err := c.Operator.SuppressionAt(r.Context(), asked(r.URL.Query().Get("target")))
	return view{"unsuppress", "Write to " + found.Target + " again", unsuppressView{found}}, err
}
