package console

import (
	"net/http"
	"net/url"

	"relance/internal/operator"
)

// doBounce has nothing more sent to an address.
func doBounce(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	done, err := by.AddBounce(r.Context(), form.Get("address"), form.Get("reason"))
	if err != nil {
		return "", err
	}
	for _, edit := range done.Edits {
		return "Nothing is sent to " + edit.To + " any more.", nil
	}
	return asked(form.Get("address")) + " was recorded as bounced before.", nil
}

// doUnbounce has an address sent to again; contacts that are in error because of it go on.
func doUnbounce(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	done, err := by.RemoveBounce(r.Context(), form.Get("address"))
	if err != nil {
		return "", err
	}
	return goOn(asked(form.Get("address"))+" may be sent to again.", done.Effect), nil
}
