package campaign

import (
	"fmt"
	"slices"
)

// PathOf is the path of steps that nothing was removed from.
func PathOf(steps []Step) Path { return Path(nil).Edited(steps) }

// Edited is the path after an edit: the steps in their new order, and each message that is
// no longer among them right behind the message that it stood behind. Steps that say what they
// were called keep that place, by RenamedFrom. It is the same for a path that is
// edited to what it is.
func (p Path) Edited(steps []Step) Path {
	edited := make(Path, 0, len(steps))
	for i, plan := range Plans(steps) {
		step := PathStep{Plan: plan}
		for _, old := range p {
			if old.ID == plan.ID || steps[i].RenamedFrom != "" && old.Is(steps[i].RenamedFrom) {
				step.Was = names(plan.ID, step.Was, old)
			}
		}
		edited = append(edited, step)
	}
	behind := "" // the message that stands before, in the path as it was
	for _, old := range p {
		if old.Kind == Wait { // who has waited has had nothing
			continue
		}
		now := slices.IndexFunc(edited, func(step PathStep) bool { return step.Is(old.ID) })
		if now < 0 {
			old.Removed = true
			at := slices.IndexFunc(edited, func(step PathStep) bool { return behind != "" && step.Is(behind) })
			edited = slices.Insert(edited, at+1, old)
		}
		behind = old.ID
	}
	return edited
}

// Remembering is the path of an edit that keeps what the messages said that it has removed.
func (p Path) Remembering(before Campaign) Path {
	for i, step := range p {
		if old, there := before.Step(step.ID); there && step.Removed {
			p[i].Said = digest(textOf(before, old.ID))
		}
	}
	return p
}

// names are all former ids of a step, once each, without the one that it has.
func names(id string, was []string, old PathStep) []string {
	for _, name := range append([]string{old.ID}, old.Was...) {
		if name != id && !slices.Contains(was, name) {
			was = append(was, name)
		}
	}
	return was
}

// Refuse says why steps cannot follow the path, for the person who wrote them; empty when
// they can. A step that becomes another kind, or that takes the id of another one, would be
// taken for what contacts have had.
func (p Path) Refuse(steps []Step) string {
	for _, step := range steps {
		for _, old := range p {
			switch {
			case old.ID == step.ID && old.Kind != step.Kind:
				return fmt.Sprintf("step %s was %s and is %s now: give it a new id", step.ID, article(old.Kind), article(step.Kind))
			case old.ID != step.ID && slices.Contains(old.Was, step.ID) && step.RenamedFrom != old.ID:
				return fmt.Sprintf("step %s cannot be called so: %s was called %s before, and contacts have had it by that name", step.ID, old.ID, step.ID)
			}
		}
		if why := p.refuseRename(step, steps); why != "" {
			return why
		}
	}
	return ""
}

func (p Path) refuseRename(step Step, steps []Step) string {
	from := step.RenamedFrom
	if from == "" || from == step.ID {
		return ""
	}
	at := p.at(from)
	switch {
	case len(p) == 0:
		return ""
	case at < 0 && p.at(step.ID) < 0:
		return fmt.Sprintf("step %s: renamed_from names %s, which the campaign has never had", step.ID, from)
	case slices.ContainsFunc(steps, func(other Step) bool { return other.ID == from }):
		return fmt.Sprintf("step %s: renamed_from names %s, which is a step of its own", step.ID, from)
	case at < 0: // it was called so before anybody was in the campaign: a word that is left in the file
		return ""
	case p[at].Kind != step.Kind:
		return fmt.Sprintf("step %s: renamed_from names %s, which was %s and not %s", step.ID, from, article(p[at].Kind), article(step.Kind))
	case p[at].ID != step.ID && slices.ContainsFunc(p, func(old PathStep) bool { return old.ID == step.ID }):
		return fmt.Sprintf("step %s: renamed_from names %s, but the campaign has had a step %s beside it: contacts have had both", step.ID, from, step.ID)
	}
	if other := p[at].alsoIn(steps, step.ID); other != "" {
		return fmt.Sprintf("step %s: renamed_from names %s, and step %s is that one too: leave renamed_from out of the one that is new", step.ID, from, other)
	}
	return ""
}

// alsoIn is another step of a file that says it is this one of the path, as a copy of a step that
// was renamed does; empty when there is none.
func (s PathStep) alsoIn(steps []Step, but string) string {
	at := slices.IndexFunc(steps, func(step Step) bool {
		return step.ID != but && (step.ID == s.ID || step.RenamedFrom != "" && s.Is(step.RenamedFrom))
	})
	if at < 0 {
		return ""
	}
	return steps[at].ID
}

func article(kind Kind) string {
	if kind == Wait {
		return "a wait"
	}
	return "an " + map[Kind]string{Email: "email", SMS: "SMS"}[kind]
}

// at is where the step stands that has the id, or has had it; -1 when there is none.
func (p Path) at(id string) int {
	return slices.IndexFunc(p, func(step PathStep) bool { return step.Is(id) })
}

// Current is the id that a step has now which the ledger knows by this one.
func (p Path) Current(id string) string {
	if at := p.at(id); at >= 0 {
		return p[at].ID
	}
	return id
}
