package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"relance/internal/operator"
)

func doPhone(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	phone := strings.TrimSpace(form.Get("phone"))
	if phone == "" {
		return "", &operator.Invalid{Field: "phone", Text: "the phone number is missing; expected something like +32475000001"}
	}
	done, err := by.SetUser(r.Context(), r.PathValue("key"), operator.UserEdit{Phone: &phone})
	if err != nil {
		return "", err
	}
	return goOn(fmt.Sprintf("The phone number of %s is saved.", r.PathValue("key")), done.Effect), nil
}
