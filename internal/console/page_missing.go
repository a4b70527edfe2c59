package console

import (
	"io"
	"net/http"

	"relance/internal/operator"
)

// download is a file instead of a page. It is written as it is made; when that fails
// half way the connection is cut, so that no browser takes half a file for the whole.
type download struct {
	name  string
	write func(to func() io.Writer) error
}

func (d *download) send(c *Console, w http.ResponseWriter, r *http.Request) {
	begun := false
	err := d.write(func() io.Writer {
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
		panic(http.ErrAbortHandler)
	}
	c.refuse(w, r, http.StatusServiceUnavailable, "This file cannot be made just now", "The console's log says why. Try again in a moment.")
}

// pageMissing is the contacts of a repair as a file to fill in. It is for those who
// may upload it again.
func pageMissing(c *Console, r *http.Request, f *frame) (view, error) {
	part := partOf(r.PathValue("code"), r.PathValue("cause"), r.URL.Query())
	if !f.CanChange || !fillsIn(part.Code) {
		return view{}, &operator.NotFound{Thing: "file to fill in for", Key: string(part.Code)}
	}
	return view{data: &download{name: "to-fill-in-" + string(part.Code) + ".csv", write: func(to func() io.Writer) error {
		return c.Operator.WriteFillFile(r.Context(), part, to)
	}}}, nil
}
