package console

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"relance/internal/operator"
	"relance/internal/plaintext"
)

// secrets are never rendered again.
var secrets = []string{"password", "imap_password"}

// change carries out a form: what it has done is said on the page that follows (303),
// and a refusal on the page that it was sent from, with what was typed.
func (c *Console) change(do func(*http.Request, *operator.Operator, url.Values) (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
				c.refuse(w, r, http.StatusRequestEntityTooLarge, "This form is too large", "Nothing was changed. Go back and send less at once.")
				return
			}
			c.refuse(w, r, http.StatusBadRequest, "This form cannot be read", "Nothing was changed. Go back and send it again.")
			return
		}
		for name, values := range r.PostForm {
			if !isText(name) || slices.ContainsFunc(values, func(value string) bool { return !isText(value) }) {
				c.refuse(w, r, http.StatusBadRequest, "This form cannot be read", "Nothing was changed. The form has bytes that are no text in UTF-8, or the character NUL.")
				return
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), changeTime)
		defer cancel()
		if !c.changing.TryRLock() {
			c.refuse(w, r, http.StatusServiceUnavailable, "The console is stopping", "Nothing was changed. Go back and send the form again in a moment.")
			return
		}
		defer c.changing.RUnlock()
		var requested int64
		by := c.Operator.As(personOf(ctx).name).Reporting(func(id int64) { requested = cmp.Or(requested, id) })
		if seen, err := strconv.ParseInt(r.PostForm.Get("seen"), 10, 64); err == nil {
			by = by.Seeing(seen)
		}
		if text := r.PostForm.Get("pace"); text != "" {
			rate, err := readPace(text)
			if err != nil {
				c.again(w, r, err)
				return
			}
			by = by.Pacing(rate)
		}
		said, err := do(r.WithContext(ctx), by, r.PostForm)
		if err != nil {
			c.again(w, r, err)
			return
		}
		c.say(w, said)
		to := returnTo(cmp.Or(r.PostForm.Get("then"), r.PostForm.Get("from")))
		if kinds, _ := c.watched(to.String()); requested != 0 && slices.Contains(kinds, "request") { // the page shows how far it is
			to.Fragment = fmt.Sprintf("request-%d", requested)
		}
		http.Redirect(w, r, c.prefix+to.String(), http.StatusSeeOther)
	})
}

// again shows the page that the form was sent from.
func (c *Console) again(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	of := c.refusal(err)
	if of.Status == http.StatusServiceUnavailable {
		c.Log.Error("a form cannot be carried out", "path", r.URL.Path, "error", err)
	}
	of.Form, of.typed = r.PostForm.Get("form"), url.Values{}
	for i := range of.Problems {
		if field := of.Problems[i].Field; field != "" {
			of.Problems[i].ID = Form{Key: of.Form}.FieldID(field)
		}
	}
	for field, values := range r.PostForm {
		of.typed[field] = values
	}
	for _, secret := range secrets {
		of.typed.Del(secret)
	}
	for _, shown := range []string{"seen", "version", "form", "from", "then"} { // the page's own, as it is now
		of.typed.Del(shown)
	}
	page := r.Clone(withAnswer(r, of))
	page.Method, page.URL, page.Pattern = http.MethodGet, returnTo(r.PostForm.Get("from")), ""
	c.pages.ServeHTTP(w, page)
}

// saidCookie carries a sentence from a form to the page that follows it. It is in a
// cookie and not in the address, so that no link can put words into the console's mouth.
const saidCookie = "relance_said"

func (c *Console) say(w http.ResponseWriter, said string) {
	http.SetCookie(w, c.cookie(base64.RawURLEncoding.EncodeToString([]byte(plaintext.Line(said, 700))), 60))
}

func (c *Console) said(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(c.cookieName(saidCookie))
	if err != nil {
		return ""
	}
	http.SetCookie(w, c.cookie("", -1))
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	return plaintext.Line(string(text), 700)
}

func (c *Console) cookie(value string, age int) *http.Cookie {
	return c.newCookie(saidCookie, value, age, http.SameSiteStrictMode)
}
