package campaign_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// steps reads "a 3d b 2d c:sms d<b": emails a, b and d, waits, an SMS c; d was called b.
func steps(t *testing.T, text string) []campaign.Step {
	t.Helper()
	var all []campaign.Step
	for _, word := range strings.Fields(text) {
		if wait, err := pace.ParseWait(word); err == nil {
			step := campaign.Step{ID: "wait-" + word, Kind: campaign.Wait}
			step.SetWait(wait)
			all = append(all, step)
			continue
		}
		id, from, _ := strings.Cut(word, "<")
		id, kind, sms := strings.Cut(id, ":")
		step := campaign.Step{ID: id, Kind: campaign.Email, RenamedFrom: from}
		if sms {
			step.Kind = campaign.Kind(kind)
		}
		all = append(all, step)
	}
	return all
}

func had(ids string) []campaign.Sending {
	var all []campaign.Sending
	for _, id := range strings.Fields(ids) {
		all = append(all, campaign.Sending{StepID: id})
	}
	return all
}

// Every cell of the rule: what comes next, after which wait, for a contact before the edit,
// one that waits for what was edited, and one that is past it.
func TestWhatComesNextAfterAnEdit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, before, after string
		had                 string
		next, waits         string // "" is Completed
	}{
		{"unedited: before the first", "a 3d b", "a 3d b", "", "a", ""},
		{"unedited: between", "a 3d b", "a 3d b", "a", "b", "wait-3d"},
		{"unedited: at the end", "a 3d b", "a 3d b", "a b", "", ""},
		{"unedited: a wait at the end is not waited for", "a 3d", "a 3d", "a", "", ""},
		{"unedited: a wait at the front", "1d a", "1d a", "", "a", "wait-1d"},

		{"wait shorter: before it", "a 3d b 2d c", "a 3d b 1d c", "a", "b", "wait-3d"},
		{"wait shorter: waiting for it", "a 3d b 2d c", "a 3d b 1d c", "a b", "c", "wait-1d"},
		{"wait shorter: past it", "a 3d b 2d c", "a 1d b 2d c", "a b", "c", "wait-2d"},
		{"wait longer: waiting for it", "a 3d b", "a 9d b", "a", "b", "wait-9d"},
		{"wait removed: waiting for it", "a 3d b", "a b", "a", "b", ""},
		{"wait added: waiting for it", "a b", "a 2d b", "a", "b", "wait-2d"},
		{"wait split in two", "a 3d b", "a 1d 12h b", "a", "b", "wait-1d wait-12h"},

		{"step added ahead: before it", "a 3d b", "a 3d b 1d n", "a", "b", "wait-3d"},
		{"step added ahead: waiting for it", "a 3d b", "a 1d n 3d b", "a", "n", "wait-1d"},
		{"step added behind", "a 3d b 2d c", "n 1d a 3d b 2d c", "a b", "c", "wait-2d"},
		{"step added behind the last", "a 3d b", "a 1d n 3d b", "a b", "", ""},
		{"step added at the end: completed before", "a 3d b", "a 3d b 1d n", "a b", "n", "wait-1d"},

		{"step removed: before it", "a 3d b 2d c", "a 3d b", "", "a", ""},
		{"step removed: waiting for it", "a 3d b 2d c", "a 2d c", "a", "c", "wait-2d"},
		{"step removed: waiting for it, both waits kept", "a 3d b 2d c", "a 3d 2d c", "a", "c", "wait-3d wait-2d"},
		{"step removed: waiting for it, the last", "a 3d b", "a", "a", "", ""},
		{"step removed: past it, waiting for what follows", "a 3d b 2d c", "a 2d c", "a b", "c", "wait-2d"},
		{"step removed: past it, at the end", "a 3d b", "a", "a b", "", ""},
		{"first step removed: has had it", "a 3d b 2d c", "b 2d c", "a", "b", ""},
		{"first step removed: has not", "a 3d b 2d c", "b 2d c", "", "b", ""},
		{"two neighbours removed: past both", "a 1d b 1d c 1d d", "a 1d d", "a b c", "d", "wait-1d"},
		{"two neighbours removed: between them", "a 1d b 1d c 1d d", "a 1d d", "a b", "d", "wait-1d"},
		{"all removed but one that was had", "a 1d b 1d c", "a", "a b", "", ""},
		{"all replaced", "a 1d b", "n 2d m", "a", "n", ""},

		{"step moved behind: waiting for it", "a 1d b 2d c 3d d", "a 2d c 1d b 3d d", "a", "c", "wait-2d"},
		{"step moved ahead: waiting for another", "a 1d b 2d c", "a 2d c 1d b", "a", "c", "wait-2d"},
		{"step moved: what was had is not had again", "a 1d b 2d c 3d d", "a 2d c 1d b 3d d", "a b", "d", "wait-3d"},
		{"step moved behind the place: passed, not caught up", "a 1d b 2d c", "a 2d c 1d b", "a b", "", ""},
		{"step moved to the front: passed", "a 1d b 2d c 3d d", "c 1d a 1d b 3d d", "a", "b", "wait-1d"},
		{"had in the new order", "a 1d b 2d c", "c 1d a 1d b", "a c", "b", "wait-1d wait-1d"},

		{"renamed: waiting for it", "a 3d b 2d c", "a 3d x<b 2d c", "a", "x", "wait-3d"},
		{"renamed: has had it", "a 3d b 2d c", "a 3d x<b 2d c", "a b", "c", "wait-2d"},
		{"renamed and moved: has had it", "a 3d b 2d c", "a 2d c 3d x<b", "a b", "", ""},
		{"renamed without saying so is removed and added: has had it", "a 3d b 2d c", "a 3d x 2d c", "a b", "x", "wait-3d"},
		{"renamed without saying so: waiting for it", "a 3d b 2d c", "a 3d x 2d c", "a", "x", "wait-3d"},

		{"an SMS in between", "a 3d b", "a 1d s:sms 3d b", "a", "s", "wait-1d"},
		{"what the path does not know is no place", "a 3d b", "a 3d b", "a other", "b", "wait-3d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := campaign.PathOf(steps(t, test.before)).Edited(steps(t, test.after))
			require.Equal(t, path, path.Edited(steps(t, strings.ReplaceAll(test.after, "<b", ""))), "an edit to what is changes nothing")
			ahead := path.Ahead(had(test.had))
			require.Equal(t, test.next == "", ahead.Completed)
			require.Equal(t, test.next, ahead.Message.ID)
			var waits []string
			for _, step := range ahead.Waits {
				waits = append(waits, step.ID)
			}
			require.Equal(t, test.waits, strings.Join(waits, " "))
		})
	}
}

// A message that was removed and is put back is nobody's twice, and keeps no second place.
func TestAStepIsRemovedAndPutBack(t *testing.T) {
	t.Parallel()
	path := campaign.PathOf(steps(t, "a 1d b 1d c"))
	path = path.Edited(steps(t, "a 1d c"))
	require.Equal(t, "c", path.Ahead(had("a b")).Message.ID)
	path = path.Edited(steps(t, "a 1d b 1d c"))
	require.Equal(t, campaign.PathOf(steps(t, "a 1d b 1d c")), path)
	require.Equal(t, "b", path.Ahead(had("a")).Message.ID, "who has not had it gets it")
	require.Equal(t, "c", path.Ahead(had("a b")).Message.ID)
	require.True(t, path.Ahead(had("a c")).Completed, "who has passed it does not")
}

// Names are kept through several renamings.
func TestAStepIsRenamedTwice(t *testing.T) {
	t.Parallel()
	path := campaign.PathOf(steps(t, "a b c")).Edited(steps(t, "a x<b c")).Edited(steps(t, "a y<x c"))
	require.Equal(t, "c", path.Ahead(had("a b")).Message.ID)
	require.Equal(t, "c", path.Ahead(had("a x")).Message.ID)
	require.Equal(t, "y", path.Current("b"))
	path = path.Edited(steps(t, "a c"))
	require.Equal(t, "c", path.Ahead(had("a b")).Message.ID, "also when it is removed")
}

func TestStepsThatAPathRefuses(t *testing.T) {
	t.Parallel()
	renamed := campaign.PathOf(steps(t, "a 1d b c")).Edited(steps(t, "a 1d x<b c"))
	removed := campaign.PathOf(steps(t, "a 1d b c")).Edited(steps(t, "a 1d c"))
	for _, test := range []struct {
		name  string
		path  campaign.Path
		steps string
		why   string
	}{
		{"another kind", campaign.PathOf(steps(t, "a 1d b")), "a 1d b:sms", "step b was an email and is an SMS now: give it a new id"},
		{"another kind than what was removed", removed, "a 1d b:sms c", "step b was an email"},
		{"a former name", renamed, "a b 1d x c", "x was called b before"},
		{"renamed from nothing", removed, "a 1d x<other c", "which the campaign has never had"},
		{"renamed from what is still there", removed, "a 1d x<a a c", "which is a step of its own"},
		{"renamed from another kind", removed, "a 1d x:sms<b c", "which was an email and not an SMS"},
		{"renamed to what was there beside it", removed, "a 1d c<b", "the campaign has had a step c beside it"},
		{"a copy of a renamed step", renamed, "a 1d x<b 1d y<b c", "renamed_from names b, and step y is that one too"},
		{"a copy before it", renamed, "a 1d y<b 1d x<b c", "renamed_from names b, and step x is that one too"},
		{"a copy of a renamed step that has lost the word", renamed, "a 1d x 1d y<b c", "renamed_from names b, and step x is that one too"},
		{"two new names in one edit", campaign.PathOf(steps(t, "a 1d b c")), "a 1d x<b 1d y<b c", "renamed_from names b, and step y is that one too"},
		{"a word that is left, of when nobody was inside", campaign.PathOf(steps(t, "a 1d x c")), "a 1d x<b c", ""},
		{"and a new step of that name", campaign.PathOf(steps(t, "a 1d x c")), "a 1d x<b b c", "which is a step of its own"},
		{"the same once more", renamed, "a 1d x<b c", ""},
		{"renamed from what was removed", removed, "a 1d x<b c", ""},
		{"a new campaign", nil, "a x<b", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			why := test.path.Refuse(steps(t, test.steps))
			if test.why == "" {
				require.Empty(t, why)
				return
			}
			require.Contains(t, why, test.why)
		})
	}
}

// A wait counts from the message before, as the wait is now.
func TestWhenAWaitIsOver(t *testing.T) {
	t.Parallel()
	hours, err := pace.CampaignRules{}.Hours(pace.Calendar{Zone: "Europe/Brussels"}, "")
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Brussels")
	require.NoError(t, err)
	began := time.Date(2026, 10, 19, 8, 0, 0, 0, zone)
	sent := campaign.Sending{
		StepID: "a", WireAt: time.Date(2026, 10, 22, 16, 40, 0, 0, zone), At: time.Date(2026, 10, 22, 16, 40, 5, 0, zone), Due: time.Date(2026, 10, 22, 9, 0, 0, 0, zone),
	}
	for _, test := range []struct {
		steps string
		had   []campaign.Sending
		at    time.Time
	}{
		{"2h a", nil, began.Add(2 * time.Hour)},
		{"a 2h b", []campaign.Sending{sent}, sent.At.Add(2 * time.Hour)},
		{"a b", []campaign.Sending{sent}, sent.At},
		{"a 3d b", []campaign.Sending{sent}, time.Date(2026, 10, 25, 9, 0, 0, 0, zone)}, // the day has 25 hours
		{"a 2bd b", []campaign.Sending{sent}, time.Date(2026, 10, 26, 9, 0, 0, 0, zone)},
		{"a 1d 2h b", []campaign.Sending{sent}, time.Date(2026, 10, 23, 11, 0, 0, 0, zone)},
		{"a 2h 1d b", []campaign.Sending{sent}, time.Date(2026, 10, 23, 18, 40, 5, 0, zone)},
	} {
		at := campaign.PathOf(steps(t, test.steps)).Ahead(test.had).At(began, hours)
		require.True(t, test.at.Equal(at), "%s: %s, not %s", test.steps, at, test.at)
	}
}

// The position counts: a wait has one of its own, as in the list of the steps.
func TestPositionsOfAPlainSequenceAreThoseOfItsSteps(t *testing.T) {
	t.Parallel()
	path := campaign.PathOf(steps(t, "a 3d b c"))
	first := path.Ahead(nil).Next(-1, 7)
	require.Equal(t, campaign.Next{StepID: "a", Kind: campaign.Email, Version: 7}, first)
	second := path.Ahead(had("a")).Next(first.StepIndex, 7)
	id, index := second.Stands()
	require.Equal(t, []any{"wait-3d", 1, "b", 2}, []any{id, index, second.StepID, second.StepIndex})
	require.Equal(t, 3, second.Days)
	third := path.Ahead(had("a b")).Next(second.StepIndex, 7)
	id, index = third.Stands()
	require.Equal(t, []any{"c", 3}, []any{id, index})
	require.True(t, path.Ahead(had("a b c")).Next(3, 7).Completed)
}

// A step with the text of one that is gone is taken for another, also by those who have completed the campaign: `enroll
// --continue` would send it to them again.
func TestWhoHasCompletedCountsForATwin(t *testing.T) {
	t.Parallel()
	before := campaign.Campaign{Steps: []campaign.Step{{ID: "a", Kind: campaign.Email, Body: "A"}, {ID: "b", Kind: campaign.Email, Body: "B"}}}
	after := campaign.Campaign{Steps: []campaign.Step{before.Steps[0], {ID: "x", Kind: campaign.Email, Body: "B"}}}
	after.Known = before.Path().Edited(after.Steps)
	edit := campaign.NewEdit(before, after)
	had := []campaign.Sending{{StepID: "a", Kind: campaign.Email}, {StepID: "b", Kind: campaign.Email}}
	require.False(t, edit.Count(campaign.Standing{Status: campaign.Completed, Had: had}, time.Now(), func(campaign.Ahead) time.Time { return time.Time{} }))
	step, of, contacts := edit.Twice()
	require.Equal(t, []any{"x", "b", 1}, []any{step, of, contacts})
}

// Steps without ids are known by their places: one that is removed makes others of those behind it.
func TestStepsWithoutIDsAreNotShifted(t *testing.T) {
	t.Parallel()
	message := func(id, body string) campaign.Step { return campaign.Step{ID: id, Kind: campaign.Email, Body: body} }
	before := campaign.Campaign{Steps: []campaign.Step{message("email-1", "A"), message("email-2", "B"), message("email-3", "C")}}
	for name, c := range map[string]struct {
		steps   []campaign.Step
		shifted bool
	}{
		"the first is removed":  {[]campaign.Step{message("email-1", "B"), message("email-2", "C")}, true},
		"one is inserted":       {[]campaign.Step{message("email-1", "N"), message("email-2", "A"), message("email-3", "B"), message("email-4", "C")}, true},
		"one is added behind":   {[]campaign.Step{message("email-1", "A"), message("email-2", "B"), message("email-3", "C"), message("email-4", "D")}, false},
		"the last is removed":   {[]campaign.Step{message("email-1", "A"), message("email-2", "B")}, false},
		"a text is another":     {[]campaign.Step{message("email-1", "A2"), message("email-2", "B"), message("email-3", "C")}, false},
		"removed, with its ids": {[]campaign.Step{message("email-2", "B"), message("email-3", "C")}, false},
	} {
		after := campaign.Campaign{Steps: c.steps}
		after.Known = before.Path().Edited(after.Steps)
		_, _, shifted := campaign.NewEdit(before, after).Shifted()
		require.Equal(t, c.shifted, shifted, name)
	}
	waits := func(of ...campaign.Step) []campaign.Step { // a wait before each but the first, as files have it
		var all []campaign.Step
		for i, step := range of {
			if i > 0 {
				all = append(all, campaign.Step{ID: fmt.Sprintf("wait-%d", 2*i), Kind: campaign.Wait, Days: 3})
			}
			all = append(all, step)
		}
		return all
	}
	before.Steps = waits(message("email-1", "A"), message("email-3", "B"))
	for name, c := range map[string]struct {
		steps []campaign.Step
		of    string
	}{
		"one is inserted before the last": {waits(message("email-1", "A"), message("email-3", "N"), message("email-5", "B")), "email-3"},
		"one is added behind":             {waits(message("email-1", "A"), message("email-3", "B"), message("email-5", "N")), ""},
		"inserted, with the ids":          {waits(message("email-1", "A"), message("new", "N"), message("email-3", "B")), ""},
	} {
		after := campaign.Campaign{Steps: c.steps}
		after.Known = before.Path().Edited(after.Steps)
		_, of, _ := campaign.NewEdit(before, after).Shifted()
		require.Equal(t, c.of, of, name)
	}
}

// Who has had a message that is moved behind others stands behind those: they are counted, also where the step was not edited.
func TestWhoIsPassedByAMoveIsCounted(t *testing.T) {
	t.Parallel()
	message := func(id string) campaign.Step { return campaign.Step{ID: id, Kind: campaign.Email, Body: id} }
	before := campaign.Campaign{Steps: []campaign.Step{message("a"), message("b"), message("c"), message("d")}}
	after := campaign.Campaign{Steps: []campaign.Step{message("b"), message("c"), message("a"), message("d")}}
	after.Known = before.Path().Edited(after.Steps)
	edit := campaign.NewEdit(before, after)
	had := []campaign.Sending{{StepID: "a", Kind: campaign.Email}}
	for range 3 {
		edit.Count(campaign.Standing{Status: campaign.Active, Had: had}, time.Now(), func(campaign.Ahead) time.Time { return time.Time{} })
	}
	skipped := map[string]int{}
	for _, reach := range edit.Reaches() {
		skipped[reach.StepID] += reach.Skip
	}
	require.Equal(t, 3, skipped["b"], "%+v", edit.Reaches())
	require.Equal(t, 3, skipped["c"])
	require.Zero(t, skipped["d"])
}

// A message that an edit before has removed is put back elsewhere: who has had it stands there now, and is counted.
func TestWhoIsPassedByAStepThatIsPutBackIsCounted(t *testing.T) {
	t.Parallel()
	edit := func(after string) *campaign.Edit {
		removed := campaign.Campaign{Steps: steps(t, "a b c")}
		removed.Known = campaign.PathOf(steps(t, "a x b c")).Edited(removed.Steps)
		back := campaign.Campaign{Steps: steps(t, after)}
		back.Known = removed.Path().Edited(back.Steps)
		edit := campaign.NewEdit(removed, back)
		for range 3 {
			edit.Count(campaign.Standing{Status: campaign.Active, Had: had("a x")}, time.Now(), func(campaign.Ahead) time.Time { return time.Time{} })
		}
		edit.Count(campaign.Standing{Status: campaign.Active, Had: had("a")}, time.Now(), func(campaign.Ahead) time.Time { return time.Time{} })
		return edit
	}
	require.Equal(t, []campaign.Reach{
		{StepID: "x", Edit: campaign.EditAdded, Get: 1, Past: 3}, {StepID: "x", Edit: campaign.EditMoved, Get: 1, Past: 3, Complete: 3},
		{StepID: "b", Edit: campaign.EditPassed, Get: 1, Skip: 3}, {StepID: "c", Edit: campaign.EditPassed, Get: 1, Skip: 3},
	}, edit("a b c x").Reaches())
	require.Equal(t, []campaign.Reach{
		{StepID: "x", Edit: campaign.EditAdded, Get: 1, Past: 3}, {StepID: "x", Edit: campaign.EditMoved, Get: 1, Past: 3},
		{StepID: "b", Edit: campaign.EditPassed, Get: 1, Skip: 3},
	}, edit("a b x c").Reaches())
	require.Equal(t, []campaign.Reach{{StepID: "x", Edit: campaign.EditAdded, Get: 1, Past: 3}}, edit("a x b c").Reaches(), "where it was")
}

// A message that says what a removed one has said is its twin, also when that was removed by an edit before; and one that may be
// out counts as had.
func TestATwinOfWhatWasRemovedBefore(t *testing.T) {
	t.Parallel()
	message := func(id, body string) campaign.Step { return campaign.Step{ID: id, Kind: campaign.Email, Body: body} }
	first := campaign.Campaign{Steps: []campaign.Step{message("a", "A"), message("b", "B"), message("c", "C")}}
	second := campaign.Campaign{Steps: []campaign.Step{message("a", "A"), message("c", "C")}}
	second.Known = first.Path().Edited(second.Steps).Remembering(first)
	third := campaign.Campaign{Steps: []campaign.Step{message("a", "A"), message("x", "B"), message("c", "C")}}
	third.Known = second.Path().Edited(third.Steps).Remembering(second)
	for _, one := range []campaign.Standing{
		{Status: campaign.Active, Had: []campaign.Sending{{StepID: "a", Kind: campaign.Email}, {StepID: "b", Kind: campaign.Email}}},
		{Status: campaign.InError, Had: []campaign.Sending{{StepID: "a", Kind: campaign.Email}}, Doubts: []string{"b"}},
	} {
		edit := campaign.NewEdit(second, third)
		edit.Count(one, time.Now(), func(campaign.Ahead) time.Time { return time.Time{} })
		step, of, contacts := edit.Twice()
		require.Equal(t, []any{"x", "b", 1}, []any{step, of, contacts}, "%+v", one)
	}
}
