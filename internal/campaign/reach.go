package campaign

import (
	"regexp"
	"slices"
	"time"
)

// EditKind is what an edit does to one step.
type EditKind string

// The kinds of edits. An edit can be of several kinds for one step.
const (
	EditAdded   EditKind = "added"
	EditRemoved EditKind = "removed"
	EditMoved   EditKind = "moved"
	EditRenamed EditKind = "renamed"
	// EditWait is another wait before the step.
	EditWait EditKind = "wait"
	EditText EditKind = "text"
	// EditPassed is of a step that was not edited: those that have had a moved one stand behind it now.
	EditPassed EditKind = "passed"
)

// Reach is what an edit of one step means for the contacts of a campaign.
type Reach struct {
	StepID string   `json:"stepId"`
	Edit   EditKind `json:"edit"`
	// Get counts those who are before the step and get it as it is now, Skip those who would
	// have got it and will not, and Past those that it changes nothing for: they have had it, or
	// have passed it.
	Get  int `json:"get"`
	Skip int `json:"skip"`
	Past int `json:"past"`
	// DueAtOnce counts those of them who waited for a message and wait no longer.
	DueAtOnce int `json:"dueAtOnce"`
	// SpreadSeconds is over how long they leave by the pace of the senders and the window; 0
	// when nothing limits them.
	SpreadSeconds int `json:"spreadSeconds,omitempty"`
	// Complete counts those that nothing more comes for.
	Complete int `json:"complete"`
	// Completed counts contacts that had completed the campaign before the step was added:
	// they do not get it, unless they are taken on.
	Completed int `json:"completed"`
}

// Standing is what an edit asks of one enrollment.
type Standing struct {
	Status Status
	// Had are the messages that it has had, oldest first.
	Had []Sending
	// Doubts are the steps whose message it may have had: on the wire, or uncertain.
	Doubts []string
	// Began is when it was started, NextAt until when it waits; zero when it does not wait by
	// a timer.
	Began, NextAt time.Time
}

// Edit counts what an edit of the steps means, contact by contact.
type Edit struct {
	before, after Path
	reaches       []Reach
	twins         []twin
}

// twin is a step that has the text of another one: of which it looks like a new name.
type twin struct {
	of, step string
	twice    int
}

// Count adds one enrollment, and says whether what comes next for it, or when, is another. At
// says when waits are over.
func (e *Edit) Count(one Standing, now time.Time, at func(Ahead) time.Time) (changes bool) {
	if one.Status == Disenrolled {
		return false
	}
	place, _ := e.after.place(one.Had)
	for i := range e.reaches {
		e.count(&e.reaches[i], one, place)
	}
	for i := range e.twins { // also who has completed the campaign: enroll --continue would take them on
		e.countTwin(&e.twins[i], one, place)
	}
	if one.Status == Completed {
		return false
	}
	was, is := e.before.Ahead(one.Had), e.after.Ahead(one.Had)
	if same(was, is) {
		return false
	}
	reach := e.reachOf([2]string{is.Message.ID, was.Message.ID})
	switch {
	case reach == nil:
	case is.Completed && !was.Completed:
		reach.Complete++
	case one.NextAt.After(now) && !is.Completed && !at(is).After(now):
		reach.DueAtOnce++
	}
	return true
}

func (e *Edit) count(reach *Reach, one Standing, place int) {
	ahead := e.after.isAhead(place, one.Had, reach.StepID)
	switch completed := one.Status == Completed; {
	case reach.Edit == EditRemoved:
		if !completed && e.wasAhead(one, reach.StepID) {
			reach.Skip++
		} else if !completed {
			reach.Past++
		}
	case completed && reach.Edit == EditAdded && ahead:
		reach.Completed++
	case completed:
	case ahead:
		reach.Get++
	case reach.Edit != EditAdded && e.wasAhead(one, reach.StepID):
		reach.Skip++
	default:
		reach.Past++
	}
}

// wasAhead is true of a message that the contact would have got before the edit.
func (e *Edit) wasAhead(one Standing, id string) bool {
	place, _ := e.before.place(one.Had)
	return e.before.isAhead(place, one.Had, id)
}

func (e *Edit) countTwin(twin *twin, one Standing, place int) {
	had := slices.ContainsFunc(one.Had, func(sending Sending) bool { return e.after.Current(sending.StepID) == twin.of }) ||
		slices.ContainsFunc(one.Doubts, func(id string) bool { return e.after.Current(id) == twin.of })
	if had && e.after.isAhead(place, one.Had, twin.step) {
		twin.twice++
	}
}

// isAhead is true of a message that somebody at this place still gets.
func (p Path) isAhead(place int, had []Sending, id string) bool {
	at := indexOf(p, func(step PathStep) bool { return step.ID == id })
	return at > place && !p[at].Removed && !slices.ContainsFunc(had, func(one Sending) bool { return p[at].Is(one.StepID) })
}

// reachOf is the edit of the message that comes now, or else of the one that came before, or
// else of one that was moved from between them.
func (e *Edit) reachOf(ids [2]string) *Reach {
	for _, is := range []func(Reach) bool{
		func(r Reach) bool { return r.StepID == ids[0] && r.Edit != EditText && r.Edit != EditPassed },
		func(r Reach) bool { return r.StepID == ids[1] && r.Edit != EditText && r.Edit != EditPassed },
		func(r Reach) bool { return r.Edit == EditMoved },
	} {
		if at := slices.IndexFunc(e.reaches, is); at >= 0 {
			return &e.reaches[at]
		}
	}
	return nil
}

// same is true when the same message comes after the same waits.
func same(a, b Ahead) bool {
	return a.Completed == b.Completed && a.Message.ID == b.Message.ID &&
		slices.EqualFunc(a.Waits, b.Waits, func(a, b PathStep) bool { return a.Waits() == b.Waits() })
}

// Reaches returns what was counted, one for each edit of a step.
func (e *Edit) Reaches() []Reach {
	return slices.DeleteFunc(slices.Clone(e.reaches), func(r Reach) bool { return r.Edit == EditPassed && r.Skip == 0 })
}

// Twice returns the first step whose text contacts would get a second time, with the step by
// which they had it; empty when there is none. Alike returns those that only look so.
func (e *Edit) Twice() (step, of string, contacts int) {
	for _, twin := range e.twins {
		if twin.twice > 0 {
			return twin.step, twin.of, twin.twice
		}
	}
	return "", "", 0
}

// Alike returns the steps that have the text which another had: pairs of step and other.
func (e *Edit) Alike() [][2]string {
	var pairs [][2]string
	for _, twin := range e.twins {
		pairs = append(pairs, [2]string{twin.step, twin.of})
	}
	return pairs
}

// unnamed is what a step without an id is called: by its place.
var unnamed = regexp.MustCompile(`^(email|sms)-[0-9]+$`)

// Shifted returns a step without an id that another one has become, of which it has the text: one before it was removed,
// inserted or moved, and those who had the other would be taken to have had this. Or its place is a new one, as that
// of the last behind one that is inserted, and the other has another text now.
func (e *Edit) Shifted() (step, of string, shifted bool) {
	for _, twin := range e.twins {
		known := slices.ContainsFunc(e.before, func(one PathStep) bool { return one.ID == twin.step })
		if (known || e.Stays(twin.of)) && unnamed.MatchString(twin.step) && unnamed.MatchString(twin.of) {
			return twin.step, twin.of, true
		}
	}
	return "", "", false
}

// Stays is true of a step that is one after the edit: no other can be said to be renamed from it.
func (e *Edit) Stays(id string) bool {
	return slices.ContainsFunc(e.after, func(one PathStep) bool { return one.ID == id && !one.Removed })
}
