// Package api is what operators can do, for programs: JSON over HTTP under /api/v1, with
// bearer tokens. openapi.yaml is its contract, and a test holds the two together.
//
// It calls one method of internal/operator for each request and encodes what that
// returns, in the shapes of `starter … -o json`; it has no rules of its own about contacts
// and no SQL. Only the header Authorization says who asks: no cookie counts here, so
// that no other site can act through somebody's browser. Errors are problem details
// (RFC 9457); problem.go makes all of them.
package api
