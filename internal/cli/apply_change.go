package cli

import (
	"context"
	"fmt"

	"relance/internal/store"
)

// changed is what a command that changes one thing prints with -o json.
type changed struct {
	// Changes is empty when everything was so already.
	Changes []store.Edit `json:"changes"`
	freed
}

// freed counts the contacts that a fix resumes, or would resume.
type freed struct {
	Resuming int `json:"resuming"`
	// Waiting repeats Resuming under its name of the release before, which was
	// mistaken for the contacts on a timer. Drop it in the next release.
	Waiting int `json:"waiting"`
}

func freeing(count int) freed { return freed{Resuming: count, Waiting: count} }

// changedTo prints what a command has changed about a thing, and has those who
// waited for it told.
func (s *session) changedTo(ctx context.Context, thing string, change store.Change) error {
	if len(change.Edits) == 0 {
		s.sayf("%s: nothing changed.", thing)
	}
	for _, edit := range change.Edits {
		s.sayf("%s: %s", thing, editText(edit))
	}
	if err := s.show(changed{list(change.Edits), freeing(change.Resuming)}, nil); err != nil {
		return err
	}
	return s.goOn(ctx, change.Resuming, "in error")
}

// goOn has the contacts that a committed change concerns told at once, and says
// so. The change is safe whatever happens here: the outbox holds it, and a
// schedule drains the outbox every minute.
func (s *session) goOn(ctx context.Context, waiting int, state string) error {
	return s.goOnAt(ctx, waiting, state, "now")
}

// goOnAt is goOn with when they go on: now, or at a rate.
func (s *session) goOnAt(ctx context.Context, waiting int, state, when string) error {
	if waiting == 0 {
		return nil
	}
	s.interrupted = "the change is saved, and those who waited for it go on within a minute"
	were, they := fmt.Sprintf("%d contacts %s were waiting for this", waiting, state), "they go on"
	if waiting == 1 {
		were, they = fmt.Sprintf("1 contact %s was waiting for this", state), "it goes on"
	}
	temporal, err := s.Temporal(ctx)
	if err == nil {
		err = temporal.TriggerWake(ctx)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.sayf("%s.", were)
		s.warnf("the change is saved, but Temporal could not be told: %s within a minute of its return (%v)", they, err)
	default:
		s.sayf("%s: %s %s.", were, they, when)
	}
	return nil
}

// editText is `phone (none) → +32475000001`, `password changed` or `step tell added`.
func editText(edit store.Edit) string {
	switch {
	case edit.Action != "":
		return edit.Field + " " + string(edit.Action)
	case edit.From == "" && edit.To == "":
		return edit.Field + " changed"
	}
	return fmt.Sprintf("%s %s → %s", edit.Field, orNone(edit.From), orNone(edit.To))
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// orDash keeps empty cells of a table visible.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
