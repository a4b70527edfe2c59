package cli

import (
	"context"
	"fmt"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// mostOutcomes is how many of those who did not go on are listed for people.
const mostOutcomes = 50

// follow waits until each of those whom something concerns has moved, and shows
// how far that is.
func (s *session) follow(ctx context.Context, doing string, concerned operator.Concerned) ([]operator.Outcome, error) {
	bar := s.bar(doing)
	defer bar.End()
	return s.operator.Follow(ctx, concerned, bar.Set)
}

// sayOutcomes prints how it went; the error is not nil when it did not go well
// for all, and adds no words.
func (s *session) sayOutcomes(out operator.Requested) error {
	counts := map[string]int{}
	t := print.NewTable("Contact", "Name", "Campaign", "Outcome", "Code")
	for _, o := range out.Outcomes {
		counts[o.Outcome]++
		if o.Outcome != operator.WentOn && t.Len() < mostOutcomes {
			t.Add(o.ContactID, o.ContactName, o.Campaign, map[string]string{
				operator.InErrorAgain: "in error again", operator.StillTrying: "still being tried", operator.NotTakenUp: "not taken up: does a worker run?",
				operator.WorkflowEnded: "its workflow was ended",
			}[o.Outcome], o.Code)
		}
	}
	ended := counts[operator.WorkflowEnded]
	s.sayf("%d went on, %d in error again, %d still being tried, %d not taken up%s.",
		counts[operator.WentOn], counts[operator.InErrorAgain], counts[operator.StillTrying], counts[operator.NotTakenUp],
		either(ended > 0, fmt.Sprintf(", %d without a workflow", ended), ""))
	if t.Len() > 0 {
		s.sayf("%s", t.Render(s.Width))
	}
	if more := len(out.Outcomes) - counts[operator.WentOn] - t.Len(); more > 0 {
		s.sayf("… and %d more.", more)
	}
	if err := s.show(out, nil); err != nil {
		return err
	}
	if counts[operator.InErrorAgain] > 0 {
		s.sayf("starter errors says why.")
	}
	if out.Ended == 0 { // else that was said before
		s.sayEnded(ended)
	}
	if counts[operator.InErrorAgain]+counts[operator.NotTakenUp]+ended > 0 {
		return failed("not all contacts went on")
	}
	return nil
}
