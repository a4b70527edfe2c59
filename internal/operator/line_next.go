package operator

import (
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/store"
)

// nextMail is the email that comes next for a cohort; see mailAt, and mailAfter for one that stands alone.
func (l *lineUp) nextMail(of *campaign.Campaign, cohort store.LineCohort) (mail int, after time.Duration) {
	if at := slices.IndexFunc(l.Enrollments, func(e store.LineEnrollment) bool { return e.ID == cohort.Enrollment }); at >= 0 {
		return mailAfter(of, l.Enrollments[at].Had)
	}
	return mailAt(of, cohort.StepID, cohort.StepIndex)
}

// mailAt is the number of the email that comes next, from 0, for who stands at a step, and
// how long after what is waited for at that step; -1 when none does. What is waited for is the end of all waits before the
// next message, and only those behind it are added. A message that was taken
// out of the campaign is known by its path, another step by where it was.
func mailAt(of *campaign.Campaign, stepID string, index int) (mail int, after time.Duration) {
	if at := slices.IndexFunc(of.Steps, func(step campaign.Step) bool { return step.ID == stepID }); at >= 0 {
		index = at
	} else if there, known := stoodAt(of.Path(), stepID); known {
		index = there
	}
	behind := false
	for i, step := range of.Steps {
		switch step.Kind {
		case campaign.Email:
			if i >= index {
				return mail, after
			}
			mail++
		case campaign.SMS:
			behind = behind || i >= index
		case campaign.Wait:
			if behind {
				after += step.Waits().Roughly()
			}
		}
	}
	return -1, 0
}

// stoodAt is how many of the steps that a campaign has now stand before a message that it had.
func stoodAt(path campaign.Path, stepID string) (index int, known bool) {
	for _, step := range path {
		switch {
		case step.Is(stepID):
			return index, true
		case !step.Removed:
			index++
		}
	}
	return 0, false
}

// mailAfter is mailAt for who has had these messages, as the claim finds it: what it has had it does not get again,
// wherever that stands now.
func mailAfter(of *campaign.Campaign, had []campaign.Sending) (mail int, after time.Duration) {
	path := of.Path()
	ahead := path.Ahead(had)
	for !ahead.Completed && ahead.Message.Kind != campaign.Email { // an SMS, and what is waited for after it
		had = append(had[:len(had):len(had)], campaign.Sending{StepID: ahead.Message.ID})
		ahead = path.Ahead(had)
		for _, wait := range ahead.Waits {
			after += wait.Waits().Roughly()
		}
	}
	if ahead.Completed {
		return -1, 0
	}
	for _, step := range of.Steps {
		if step.ID == ahead.Message.ID {
			return mail, after
		}
		if step.Kind == campaign.Email {
			mail++
		}
	}
	return -1, 0
}
