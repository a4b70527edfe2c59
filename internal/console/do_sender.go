package console

import (
	"fmt"
	"net/http"
	"net/url"

	"relance/internal/operator"
)

func doSender(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	address := form.Get("sender")
	if address == "" {
		return "", &operator.Invalid{Field: "sender", Text: "choose the email account that the campaign is to send with"}
	}
	done, err := by.SetSender(r.Context(), r.PathValue("key"), address)
	if err != nil {
		return "", err
	}
	return goOn(fmt.Sprintf("%s now sends with %s.", r.PathValue("key"), done.Account.Address), done.Effect), nil
}
