// Package console is what operators can do, as pages: which repairs there are, how
// many contacts each frees, and the repair itself as a form.
//
// It calls one method of internal/operator for each form and renders what that
// returns; it has no rules of its own about contacts and no SQL. A page is one file
// (page_….go) with one template (view/….html), a form that changes something one file
// (do_….go). Every change is a POST that answers 303. Everything works without a script;
// the one that there is puts numbers, texts and times into places that a page has, and
// makes no HTML: the policy that guards the pages is as strict as it can be.
//
// What a page shows live it names: data-live has the name, a route the kinds of names
// that its page has (route.live), picture.go reads them for all who watch, events.go
// sends what has changed. A name that ends is gone: data-gone is shown instead.
package console
