package console

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"relance/internal/operator"
)

// show renders a page. It is rendered whole before anything of it is sent.
func (c *Console) show(page func(*Console, *http.Request, *frame) (view, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := c.frameOf(r)
		limit := c.patience
		if r.Method == http.MethodPost { // a file is looked through
			limit = changeTime
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		c.fold(ctx)
		shown, err := page(c, r.WithContext(ctx), f)
		var gone *pageGone
		var other *elsewhere
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &other):
			http.Redirect(w, r, c.prefix+other.path, http.StatusSeeOther)
		case errors.As(err, &tooLarge):
			c.refuse(w, r, http.StatusRequestEntityTooLarge, "This file is too large", "Nothing was changed. Send it in parts: 16 MB are the most at once.")
		case errors.As(err, &gone):
			c.refuse(w, r, http.StatusNotFound, "There is no such page", gone.Error())
		case errors.Is(err, operator.ErrNotFound):
			c.refuse(w, r, http.StatusNotFound, "There is no such thing", sentence(err))
		case errors.As(err, new(*operator.Invalid)):
			c.refuse(w, r, http.StatusUnprocessableEntity, "There is no such thing", sentence(err))
		case errors.Is(err, context.Canceled):
		case err != nil:
			c.Log.Error("a page cannot be shown", "path", r.URL.Path, "error", err)
			w.Header().Set("Retry-After", "10")
			why := "The database does not answer, or not as it should; the console's log says why. Nothing was changed. Try again in a moment."
			if f.Answer != nil { // to a form
				why = f.Answer.Problem
			}
			c.refuse(w, r, http.StatusServiceUnavailable, "This cannot be shown just now", why)
		default:
			if file, ok := shown.data.(*download); ok {
				file.send(c, w, r)
				return
			}
			status := http.StatusOK
			if f.Answer != nil {
				status, f.Said = f.Answer.Status, f.Answer.Said
			} else {
				f.Said = c.said(w, r)
			}
			c.banners(ctx, f)
			c.render(w, r, f, status, shown)
		}
	})
}

// pageGone is a path that leads nowhere.
type pageGone struct{ error }

// elsewhere is a page of this console, without the prefix, that is shown instead.
type elsewhere struct{ path string }

func (e *elsewhere) Error() string { return "see " + e.path }

func pageUnknown(*Console, *http.Request, *frame) (view, error) {
	return view{}, &pageGone{errors.New("The address leads to nothing that is here.")}
}

// refuse renders a page that says why there is no other.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, status int, title, why string) {
	c.render(w, r, c.frameOf(r), status, view{"refused", title, why})
}

func (c *Console) render(w http.ResponseWriter, r *http.Request, f *frame, status int, shown view) {
	f.Title, f.View = shown.title, shown.data
	var page bytes.Buffer
	if err := c.templates[shown.template].Execute(&page, f); err != nil {
		c.Log.Error("a page cannot be rendered", "path", r.URL.Path, "error", err)
		http.Error(w, "this page cannot be rendered; the console's log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
}
