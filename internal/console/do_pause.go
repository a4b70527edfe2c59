package console

import (
	"fmt"
	"net/http"
	"net/url"

	"relance/internal/operator"
)

// doPause lets no further step of a campaign begin, until doUnpause.
func doPause(r *http.Request, by *operator.Operator, _ url.Values) (string, error) {
	key := r.PathValue("key")
	done, err := by.Pause(r.Context(), key, false)
	if err != nil {
		return "", err
	}
	if len(done.Edits) == 0 {
		return key + " was paused already.", nil
	}
	return fmt.Sprintf("%s is paused: no further step begins. A message that is being sent is sent.", key), nil
}

func doUnpause(r *http.Request, by *operator.Operator, _ url.Values) (string, error) {
	key := r.PathValue("key")
	done, err := by.Unpause(r.Context(), key, operator.How{})
	if err != nil {
		return "", err
	}
	if len(done.Edits) == 0 {
		return key + " was going on already.", nil
	}
	return goOn(key+" goes on.", done.Effect), nil
}
