package console

import (
	"context"
	"io"
	"net/http"
)

// download is a file instead of a page. It is written as it is made; when that fails
// half way the connection is cut, so that no browser takes half a file for the whole. It may
// take longer than a page.
type download struct {
	name  string
	write func(ctx context.Context, to func() io.Writer) error
}

func (d *download) send(c *Console, w http.ResponseWriter, r *http.Request) {
	begun := false
	err := d.write(r.Context(), func() io.Writer {
		begun = true
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		return w
	})
	if err == nil {
		return
	}
	c.Log.Error("a file cannot be written", "path", r.URL.Path, "error", err)
	if begun {
		panic(http.ErrAbortHandler) // net/http cuts the connection, and logs nothing more
	}
	c.refuse(w, r, http.StatusServiceUnavailable, "This file cannot be made just now", "The console's log says why. Try again in a moment.")
}
