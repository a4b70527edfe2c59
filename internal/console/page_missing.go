package console

import (
	"context"
	"io"
	"net/http"

	"relance/internal/operator"
)

// pageMissing is the contacts of a repair as a file to fill in. It is for those who
// may upload it again.
func pageMissing(c *Console, r *http.Request, f *frame) (view, error) {
	part := partOf(r.PathValue("code"), r.PathValue("cause"), r.URL.Query())
	if !f.CanChange || !operator.FillsIn(part.Code) {
		return view{}, &operator.NotFound{Thing: "file to fill in for", Key: string(part.Code)}
	}
	return view{data: &download{name: "to-fill-in-" + string(part.Code) + ".csv", write: func(ctx context.Context, to func() io.Writer) error {
		return c.Operator.WriteFillFile(ctx, part, to)
	}}}, nil
}
