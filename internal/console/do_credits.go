package console

import (
	"fmt"
	"net/http"
	"net/url"

	"relance/internal/operator"
)

func doCredits(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	count, err := operator.ParseCredits(form.Get("credits"), 1)
	if err != nil {
		return "", err
	}
	done, err := by.AddCredits(r.Context(), count)
	if err != nil {
		return "", err
	}
	return goOn(fmt.Sprintf("Credits added: the plan has %s.", number(int(done.Credits))), done.Effect), nil
}
