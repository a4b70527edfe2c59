package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// doAccountAdd logs in with what was typed, and only then adds the account.
func doAccountAdd(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	for field, values := range form { // what is left empty is the usual, or what a removed account had
		if strings.TrimSpace(strings.Join(values, "")) == "" {
			form.Del(field)
		}
	}
	var settings operator.AccountSettings
	if err := typedSettings(form, &settings); err != nil {
		return "", err
	}
	done, err := by.AddAccount(r.Context(), form.Get("address"), settings)
	if err != nil {
		return "", err
	}
	return goOn(done.Account.Address+" has logged in and is connected.", done.Effect), nil
}

// loginTested is the answer to a test of a login: the page again, with what was said. It
// has changed nothing, so there is nothing that a reload would do twice.
type loginTested struct {
	said     string
	dialogue []operator.LoginStep
}

func (t *loginTested) Error() string { return t.said }

// doAccountLogin logs in with what is kept.
func doAccountLogin(r *http.Request, by *operator.Operator, _ url.Values) (string, error) {
	done, err := by.TestAccount(r.Context(), r.PathValue("address"))
	if err != nil {
		return "", err
	}
	return "", &loginTested{done.Address + " can log in. Nothing was changed.", done.Dialogue}
}

// doAccountRemove removes an account, as the page has said what that does.
func doAccountRemove(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	parks, other := strconv.Atoi(form.Get("parks"))
	if err != nil || other != nil || version <= 0 {
		return "", &operator.Invalid{Field: "version", Text: "the form does not say what it has shown; load the page again"}
	}
	address := r.PathValue("address")
	done, err := by.RemoveAccountSeen(r.Context(), address, operator.RemovalSeen{Epoch: version, Parks: parks})
	if err != nil {
		return "", err
	}
	if len(done.Edits) == 0 {
		return address + " had been removed before.", nil
	}
	return address + " is removed: nothing more is sent with it.", nil
}
