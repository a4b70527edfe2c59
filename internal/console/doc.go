// Package console is what operators can do, as pages: which repairs there are, how
// many contacts each frees, and the repair itself as a form.
//
// It calls one method of internal/operator for each form and renders what that
// returns; it has no rules of its own about contacts and no SQL. A page is one file
// (page_….go) with one template (view/….html), a form that changes something one file
// (do_….go). Every change is a POST that answers 303. There is no script: the pages
// work in any browser, and the policy that guards them is as strict as it can be.
package console
