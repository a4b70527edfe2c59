package console

import (
	"net/http"

	"relance/internal/operator"
)

// uncertainView is one delivery of which nobody knows whether it was sent.
type uncertainView struct {
	// One is nil when there is none (after the mark).
	One *operator.Uncertain
	// After is what follows it, as a page's own path; Skip is its address. Passed is true
	// when others come before.
	After, Skip string
	Passed      bool
	// Next is the id of the step after it, at NextIndex; empty when it was the last.
	Next      string
	NextIndex int
}

func pageUncertain(c *Console, r *http.Request, _ *frame) (view, error) {
	after := readMark(r.URL.Query().Get("after"))
	one, err := c.Operator.NextUncertain(r.Context(), after)
	if err != nil {
		return view{}, err
	}
	shown := uncertainView{One: one, Passed: after != operator.Mark{}}
	if one != nil {
		mark := operator.Mark{At: one.Since, Seq: one.Seq}
		shown.After = "/uncertain?after=" + markText(&mark)
		shown.Skip = c.link("uncertain") + "?after=" + markText(&mark)
		if next := one.StepIndex + 1; next < len(one.Steps) {
			shown.Next, shown.NextIndex = one.Steps[next].ID, next
		}
	}
	return view{"uncertain", "Uncertain deliveries", shown}, nil
}
