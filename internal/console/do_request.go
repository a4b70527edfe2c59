package console

import (
	"fmt"
	"net/http"
	"net/url"

	"relance/internal/operator"
)

// doPace changes how fast a request goes on from now.
func doPace(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := requestID(r)
	if err != nil {
		return "", err
	}
	rate, err := readPace(form.Get("pace"))
	if err != nil {
		return "", err
	}
	if err := by.SetRate(r.Context(), id, rate); err != nil {
		return "", err
	}
	return "It goes on " + paceText(rate) + ".", nil
}

// doStop leaves the contacts as they are that are not signalled yet.
func doStop(r *http.Request, by *operator.Operator, _ url.Values) (string, error) {
	id, err := requestID(r)
	if err != nil {
		return "", err
	}
	stopped, err := by.Stop(r.Context(), id)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Stopped: %s signalled, %s not.", people(stopped.Done), number(max(stopped.Total-stopped.Done, 0))), nil
}
