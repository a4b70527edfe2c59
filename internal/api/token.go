package api

import (
	"net/http"
	"strings"

	"relance/internal/operator"
)

// tokenOf is the token that a request came with (RFC 6750 §2.1). Nothing else says
// who asks: no cookie, no query, no header of a proxy.
func (a *API) tokenOf(r *http.Request) (operator.Token, error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return operator.Token{}, &wrong{kind: unauthenticated, text: "the request has no token"}
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return operator.Token{}, &wrong{kind: unauthenticated, text: "the header Authorization is not one bearer token"}
	}
	return a.Operator.TokenOf(r.Context(), strings.TrimSpace(text))
}
