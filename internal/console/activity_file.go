package console

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relance/internal/operator"
)

// activityChunk is how much of the file is read at once.
const activityChunk = 1000

// activityFile is the activity as CSV, newest first, as it is filtered on the page.
func (c *Console) activityFile(w http.ResponseWriter, r *http.Request) {
	filter, err := activityFilter(r.URL.Query())
	if err != nil {
		c.refuse(w, r, http.StatusUnprocessableEntity, "There is no such thing", sentence(err))
		return
	}
	page, err := c.Operator.Activities(r.Context(), filter, 0, activityChunk)
	if err != nil {
		c.Log.Error("the activity cannot be read", "error", err)
		c.refuse(w, r, http.StatusServiceUnavailable, "This cannot be shown just now", "The database does not answer, or not as it should; the console's log says why.")
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="activity.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"at", "by", "kind", "thing", "subject", "name", "code", "fields", "count"})
	for {
		for _, a := range page.Items {
			_ = out.Write(activityRecord(a))
		}
		out.Flush()
		if page.Next == 0 || out.Error() != nil {
			return
		}
		if page, err = c.Operator.Activities(r.Context(), filter, page.Next, activityChunk); err != nil {
			c.Log.Error("the activity cannot be read to its end", "error", err)
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}

func activityRecord(a operator.Activity) []string {
	return operator.Defused(
		a.At.UTC().Format(time.RFC3339), a.By, string(a.Kind), string(a.Thing), a.Subject, a.Name, string(a.Code), strings.Join(a.Fields, ", "), strconv.Itoa(a.Count))
}
