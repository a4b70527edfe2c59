package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// NewEdit compares two lists of steps.
func NewEdit(before, after Campaign) *Edit {
	e := &Edit{before: before.Path(), after: after.Path()}
	moved := movedSteps(e.before, e.after)
	for i, step := range e.after {
		if !step.Kind.Sends() || step.Removed {
			continue
		}
		old := indexOf(e.before, func(one PathStep) bool { return one.Is(step.ID) || slices.Contains(step.Was, one.ID) })
		if old < 0 || e.before[old].Removed {
			e.add(step.ID, EditAdded)
			if slices.Contains(moved, step.ID) { // put back, and not where it was removed
				e.add(step.ID, EditMoved)
			}
			e.findTwin(before, after, step)
			continue
		}
		if e.before[old].ID != step.ID {
			e.add(step.ID, EditRenamed)
		}
		if slices.Contains(moved, step.ID) {
			e.add(step.ID, EditMoved)
		}
		if !slices.Equal(waitsBefore(e.before, old), waitsBefore(e.after, i)) {
			e.add(step.ID, EditWait)
		}
		if textOf(before, e.before[old].ID) != textOf(after, step.ID) {
			e.add(step.ID, EditText)
			e.findTwin(before, after, step)
		}
	}
	for _, step := range e.after {
		if len(moved) > 0 && step.Kind.Sends() && !step.Removed && !slices.ContainsFunc(e.reaches, func(r Reach) bool { return r.StepID == step.ID }) {
			e.add(step.ID, EditPassed)
		}
	}
	for _, old := range e.before {
		if old.Kind.Sends() && !old.Removed && !slices.ContainsFunc(e.after, func(one PathStep) bool { return one.Is(old.ID) && !one.Removed }) {
			e.add(old.ID, EditRemoved)
		}
	}
	return e
}

func (e *Edit) add(stepID string, kind EditKind) {
	e.reaches = append(e.reaches, Reach{StepID: stepID, Edit: kind})
}

// findTwin looks for a message that has lost the text which the step has now.
func (e *Edit) findTwin(before, after Campaign, step PathStep) {
	text := textOf(after, step.ID)
	for _, old := range before.Steps {
		if old.Kind == step.Kind && old.ID != step.ID && !step.Is(old.ID) && textOf(before, old.ID) == text && textOf(after, old.ID) != text {
			e.twins = append(e.twins, twin{of: old.ID, step: step.ID})
			return
		}
	}
	for _, old := range e.before { // it may have been removed by an edit before
		if old.Removed && old.Kind == step.Kind && old.Said != "" && old.Said == digest(text) && !step.Is(old.ID) && old.ID != step.ID {
			e.twins = append(e.twins, twin{of: old.ID, step: step.ID})
			return
		}
	}
}

// text is what a person reads of a message.
type text struct{ subject, body, text string }

// digest is short, and the same for the same text.
func digest(of text) string {
	sum := sha256.Sum256([]byte(of.subject + "\x00" + of.body + "\x00" + of.text))
	return hex.EncodeToString(sum[:8])
}

func textOf(of Campaign, id string) text {
	step, _ := of.Step(id)
	return text{step.Subject, step.Body, step.Text}
}

// Changes is true when something else may come next for somebody: not only texts are others.
func (e *Edit) Changes() bool {
	return slices.ContainsFunc(e.reaches, func(r Reach) bool { return r.Edit != EditText })
}

// waitsBefore are the waits right before a step.
func waitsBefore(path Path, at int) []string {
	var waits []string
	for i := at - 1; i >= 0 && (path[i].Kind == Wait || path[i].Removed); i-- {
		if path[i].Kind == Wait {
			waits = append(waits, path[i].Waits().String())
		}
	}
	return waits
}

// movedSteps are the fewest messages that were taken out of their order, by the ids that they
// have now. One that an edit before has removed, and that is put back, is among them when it stands
// elsewhere: who has had it stands there now.
func movedSteps(before, after Path) []string {
	stayed, back := placesOf(before, after)
	kept := longestRising(stayed)
	var moved []string
	for _, one := range stayed {
		if !slices.Contains(kept, one) {
			moved = append(moved, one.id)
		}
	}
	for _, one := range back {
		if slices.ContainsFunc(kept, func(other place) bool { return (one.is < other.is) != (one.was < other.was) }) {
			moved = append(moved, one.id)
		}
	}
	return moved
}

// place is where a message stands, and where it stood.
type place struct {
	id      string
	was, is int
}

// placesOf are the messages that were there before, in their new order: those that stayed, and those that are put back.
func placesOf(before, after Path) (stayed, back []place) {
	for is, step := range after {
		if !step.Kind.Sends() || step.Removed {
			continue
		}
		was := indexOf(before, func(one PathStep) bool { return step.Is(one.ID) })
		switch one := (place{id: step.ID, was: was, is: is}); {
		case was < 0:
		case before[was].Removed:
			back = append(back, one)
		default:
			stayed = append(stayed, one)
		}
	}
	return stayed, back
}

// longestRising is a longest subsequence of places whose former ones rise.
func longestRising(places []place) []place {
	best := make([][]place, len(places))
	var longest []place
	for i := range places {
		for j := range i {
			if places[j].was < places[i].was && len(best[j]) > len(best[i]) {
				best[i] = best[j]
			}
		}
		best[i] = append(slices.Clone(best[i]), places[i])
		if len(best[i]) > len(longest) {
			longest = best[i]
		}
	}
	return longest
}

func indexOf(path Path, is func(PathStep) bool) int { return slices.IndexFunc(path, is) }
