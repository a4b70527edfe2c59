package console

import (
	"net/http"
	"strconv"
	"time"

	"relance/internal/operator"
)

const (
	// requestsOpen are as many as a page shows of those that are under way.
	requestsOpen = 100
	requestsDone = 50
)

// requestsView is what was asked of the background: what is under way, and what is done.
type requestsView struct {
	Open, Done []request
	// Start is the address of the first page, Next of the one that follows; empty when there is none.
	Start, Next string
}

func pageRequests(c *Console, r *http.Request, f *frame) (view, error) {
	var shown requestsView
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // what is no number is the first page
	if before > 0 {
		shown.Start = c.link("requests")
	} else {
		open, err := c.Operator.Progress(r.Context(), c.Now().Add(time.Hour), []int64{}, requestsOpen) // nothing is done in the future
		if err != nil {
			return view{}, err
		}
		shown.Open = requestsOf(open, f)
	}
	done, err := c.Operator.RequestsDone(r.Context(), before, requestsDone)
	if err != nil {
		return view{}, err
	}
	shown.Done = requestsOf(done.Items, f)
	if done.Next != 0 {
		shown.Next = c.link("requests") + "?before=" + strconv.FormatInt(done.Next, 10)
	}
	return view{"requests", "Requests", shown}, nil
}

func requestsOf(found []operator.Request, f *frame) []request {
	shown := make([]request, len(found))
	for i, one := range found {
		shown[i] = request{one, f}
	}
	return shown
}
