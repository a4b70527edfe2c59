package console

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relance/internal/operator"
)

// activityChunk is how much of the file is read at once.
const activityChunk = 1000

// pageActivityFile is the activity as CSV, newest first, as it is filtered on the page.
func pageActivityFile(c *Console, r *http.Request, _ *frame) (view, error) {
	filter, err := activityFilter(r.URL.Query())
	if err != nil {
		return view{}, err
	}
	return view{data: &download{name: "activity.csv", write: func(ctx context.Context, to func() io.Writer) error {
		page, err := c.Operator.Activities(ctx, filter, 0, activityChunk)
		if err != nil {
			return err
		}
		out := csv.NewWriter(to())
		_ = out.Write([]string{"at", "by", "kind", "thing", "subject", "name", "code", "fields", "count", "text"})
		for {
			for _, a := range page.Items {
				_ = out.Write(activityRecord(a))
			}
			out.Flush()
			if page.Next == 0 || out.Error() != nil {
				return out.Error()
			}
			if page, err = c.Operator.Activities(ctx, filter, page.Next, activityChunk); err != nil {
				return err
			}
		}
	}}}, nil
}

func activityRecord(a operator.Activity) []string {
	return operator.Defused(
		a.At.UTC().Format(time.RFC3339), a.By, string(a.Kind), string(a.Thing), a.Subject, a.Name, string(a.Code), strings.Join(a.Fields, ", "), strconv.Itoa(a.Count), operator.ActivityText(a))
}
