package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// mostOutcomes is how many contacts that did not go on a table lists.
const mostOutcomes = 50

// waitFlag is --wait: the command follows the contacts that it concerns.
type waitFlag bool

func (w *waitFlag) flag(command *cobra.Command, until string) {
	command.Flags().BoolVar((*bool)(w), "wait", false, "follow until each contact "+until)
}

// fix is --wait of a command that makes a fix.
func (w *waitFlag) fix(command *cobra.Command) {
	w.flag(command, "that waited for this has gone on or is in error again")
}

// operations are those of the session; with --wait they list the contacts that
// a change concerns.
func (s *session) operations(wait waitFlag) *operator.Operator {
	if wait {
		return s.operator.Listing()
	}
	return s.operator
}

// follow waits until each of the contacts that something concerns has moved, and
// shows how far that is.
func (s *session) follow(ctx context.Context, doing string, concerned operator.Concerned) ([]operator.Outcome, error) {
	bar := s.bar(doing)
	defer bar.End()
	return s.operator.Follow(ctx, concerned, bar.Set)
}

// change is what a command that makes a fix has done, on its way to the screen.
type change struct {
	operator.Effect
	// document is the result as -o json prints it, outcomes the place in it.
	document any
	outcomes *[]operator.Outcome
	// state is how the contacts stood, when is when they go on: now, or at a rate.
	state, when string
}

// changeOf is a change whose document embeds *of.
func changeOf(of *operator.Effect, document any) change {
	return change{Effect: *of, document: document, outcomes: &of.Outcomes, state: "in error", when: "now"}
}

// showChange prints the result of a change, and which contacts go on because of
// it. With --wait it follows them first; the error is then not nil when not all
// have gone on.
func (s *session) showChange(ctx context.Context, wait waitFlag, of change) error {
	if !wait || of.Concerned.Len() == 0 {
		if err := s.show(of.document, nil); err != nil {
			return err
		}
		return s.goOn(ctx, of.Effect, of.state, of.when)
	}
	err := s.goOn(ctx, of.Effect, of.state, of.when)
	if err != nil {
		return err
	}
	s.interrupted = "the change is saved, and the contacts that waited for it go on in the background (starter background)"
	if *of.outcomes, err = s.follow(ctx, "resuming", of.Concerned); err != nil {
		return err
	}
	return s.sayOutcomes(*of.outcomes, of.Ended > 0, of.document)
}

// sayOutcomes prints how it went, and document with -o json; the error is not
// nil when not all have gone on, and adds no words. saidEnded is true when ended
// workflows have been mentioned already.
func (s *session) sayOutcomes(outcomes []operator.Outcome, saidEnded bool, document any) error {
	counts, t := s.countOutcomes(outcomes)
	ended := counts[operator.WorkflowEnded]
	s.sayf("%d went on, %d in error again, %d still being tried, %d not taken up%s.",
		counts[operator.WentOn], counts[operator.InErrorAgain], counts[operator.StillTrying], counts[operator.NotTakenUp],
		either(ended > 0, fmt.Sprintf(", %d without a workflow", ended), ""))
	s.sayOthers(t, len(outcomes)-counts[operator.WentOn])
	if err := s.show(document, nil); err != nil {
		return err
	}
	if counts[operator.InErrorAgain] > 0 {
		s.sayf("starter errors says why.")
	}
	if !saidEnded {
		s.sayEnded(ended)
	}
	if counts[operator.InErrorAgain]+counts[operator.NotTakenUp]+ended > 0 {
		return failed("not all contacts went on")
	}
	return nil
}

// sayEnds is sayOutcomes of contacts that were to be disenrolled.
func (s *session) sayEnds(outcomes []operator.Outcome, document any) error {
	counts, t := s.countOutcomes(outcomes)
	s.sayf("%d disenrolled, %d not taken up.", counts[operator.WentOn], counts[operator.NotTakenUp])
	s.sayOthers(t, counts[operator.NotTakenUp])
	if err := s.show(document, nil); err != nil {
		return err
	}
	if counts[operator.NotTakenUp] > 0 {
		return failed("not all contacts were disenrolled")
	}
	return nil
}

// countOutcomes counts the outcomes and lists the first contacts that did not go on.
func (s *session) countOutcomes(outcomes []operator.Outcome) (map[string]int, *print.Table) {
	counts := map[string]int{}
	t := print.NewTable("Contact", "Name", "Campaign", "Outcome", "Code")
	for _, o := range outcomes {
		counts[o.Outcome]++
		if o.Outcome != operator.WentOn && t.Len() < mostOutcomes {
			t.Add(o.ContactID, o.ContactName, o.Campaign, map[string]string{
				operator.InErrorAgain: "in error again", operator.StillTrying: "still being tried", operator.NotTakenUp: "not taken up: does a worker run?",
				operator.WorkflowEnded: "its workflow was ended",
			}[o.Outcome], o.Code)
		}
	}
	return counts, t
}

func (s *session) sayOthers(t *print.Table, total int) {
	if t.Len() > 0 {
		s.sayf("%s", t.Render(s.Width))
	}
	if more := total - t.Len(); more > 0 {
		s.sayf("… and %d more.", more)
	}
}
