package operator

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/store"
)

// Pacing is the same Operator, whose changes have the contacts that they concern
// signalled at this rate; 0 is without a limit.
func (o *Operator) Pacing(rate campaign.Rate) *Operator {
	other := *o
	other.rate = &rate
	return &other
}

// paced adds the rate of Pacing to what says none.
func (o *Operator) paced(how How) How {
	if how.Rate == nil {
		how.Rate = o.rate
	}
	return how
}

// Reporting is the same Operator, which calls requested with the number of each request
// that its changes leave for the background: what Request shows.
func (o *Operator) Reporting(requested func(id int64)) *Operator {
	other := *o
	other.requested = requested
	return &other
}

func (o *Operator) report(id int64) {
	if o.requested != nil && id != 0 {
		o.requested(id)
	}
}

// Request is something that was asked of the background, how far it is, and what has
// become of the contacts.
type Request = store.Request

// Progress lists the requests that are under way, those that were done since, and those
// with one of these numbers: first what is under way, then the latest, at most limit.
func (o *Operator) Progress(ctx context.Context, since time.Time, ids []int64, limit int) ([]Request, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	requests, err := db.RequestsGoing(ctx, since, ids, limit)
	return list(requests), err
}

// RequestPage is a part of the list of the requests that are done, the latest first.
type RequestPage struct {
	Items []Request
	// Next is the page that follows; 0 when this is the last.
	Next int64
}

// RequestsDone lists the requests that are done, limit of them, from before a number
// on; 0 is the first page. What has become of their contacts is left to Request.
func (o *Operator) RequestsDone(ctx context.Context, before int64, limit int) (RequestPage, error) {
	db, err := o.database(ctx)
	if err != nil {
		return RequestPage{}, err
	}
	requests, err := db.RequestsDone(ctx, before, limit)
	page := RequestPage{Items: list(requests)}
	if len(requests) == limit {
		page.Next = requests[limit-1].ID
	}
	return page, err
}

// RequestDetails is a request, and where the contacts stand that it has started.
type RequestDetails struct {
	Request
	// Became is set for an enroll.
	Became map[campaign.Status]int
}

// Request returns one request; an ErrNotFound when there is none (any more).
func (o *Operator) Request(ctx context.Context, id int64) (RequestDetails, error) {
	db, err := o.database(ctx)
	if err != nil {
		return RequestDetails{}, err
	}
	one, err := db.Request(ctx, id)
	details := RequestDetails{Request: one}
	if err == nil && one.Kind == campaign.OutboxEnroll {
		details.Became, err = db.Became(ctx, one)
	}
	return details, err
}
