package api

import "relance/internal/operator"

// getRequest says how far something is that goes on in the background.
func getRequest(c *call) (reply, error) {
	id, err := c.id("request")
	if err != nil {
		return reply{}, err
	}
	status, err := c.by.RequestStatus(c.Context(), id)
	return reply{body: status}, err
}

// pace is the body of patchRequest.
type pace struct {
	Rate string `json:"rate"`
}

// patchRequest changes how fast it goes on, from now.
func patchRequest(c *call) (reply, error) {
	id, err := c.id("request")
	if err != nil {
		return reply{}, err
	}
	var body pace
	if _, err := c.body(&body); err != nil {
		return reply{}, err
	}
	if body.Rate == "" {
		return reply{}, &operator.Invalid{Field: "rate", Problem: "is missing; expected for example 300/m, or none"}
	}
	rate, err := readRate(body.Rate)
	if err != nil {
		return reply{}, err
	}
	if err := c.by.SetRate(c.Context(), id, rate); err != nil {
		return reply{}, err
	}
	return getRequest(c)
}
