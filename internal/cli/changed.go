package cli

import (
	"context"
	"fmt"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// showChanged prints what a command has changed about a thing, and which contacts go
// on.
func (s *session) showChanged(ctx context.Context, wait waitFlag, thing string, done *operator.Changed) error {
	if len(done.Edits) == 0 {
		s.sayf("%s: nothing changed.", thing)
	}
	for _, edit := range done.Edits {
		s.sayf("%s: %s", thing, editText(edit))
	}
	return s.showChange(ctx, wait, changeOf(&done.Effect, done))
}

// goOn says which contacts go on because of a change, and when: now, or at a rate;
// and which cannot. The change is safe whatever became of Temporal: a schedule
// drains the outbox every minute.
func (s *session) goOn(ctx context.Context, change operator.Effect, state, when string) error {
	s.sayEnded(change.Ended)
	if change.Resuming == 0 {
		return nil
	}
	were, they := fmt.Sprintf("%d contacts %s were waiting for this", change.Resuming, state), "they go on"
	if change.Resuming == 1 {
		were, they = fmt.Sprintf("1 contact %s was waiting for this", state), "it goes on"
	}
	switch {
	case change.Delayed != nil && ctx.Err() != nil:
		s.interrupted = "the change is saved, and the contacts that waited for it go on within a minute"
		return ctx.Err()
	case change.Delayed != nil:
		s.sayf("%s.", were)
		s.warnf("the change is saved, but Temporal could not be reached: %s within a minute of its return (%v)", they, change.Delayed)
	default:
		s.sayf("%s: %s %s.", were, they, when)
	}
	return nil
}

// savedInBackground is what holds when Ctrl-C ends a command whose request is committed.
const savedInBackground = "the request is saved and is carried out in the background (starter background)"

// delayed warns on Stderr that a saved request has not reached Temporal, which is
// no failure of the command. The error is not nil only when the command was
// interrupted.
func (s *session) delayed(ctx context.Context, why error, what string) error {
	if why == nil {
		return nil
	}
	if ctx.Err() != nil {
		s.interrupted = savedInBackground
		return ctx.Err()
	}
	s.warnf("saved; %s within a minute of Temporal's return (%v)", what, why)
	return nil
}

// editText is `phone (none) → +32475000001`, `password changed` or `step tell added`.
func editText(edit operator.Edit) string {
	switch {
	case edit.Action != "":
		return edit.Field + " " + string(edit.Action)
	case edit.From == "" && edit.To == "":
		return edit.Field + " changed"
	}
	return fmt.Sprintf("%s %s → %s", edit.Field, print.OrNone(edit.From), print.OrNone(edit.To))
}
