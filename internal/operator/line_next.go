package operator

import (
	"slices"
	"time"

	"relance/internal/campaign"
)

// mailAt is the number of the email that comes next, from 0, for who stands at a step, and
// how long after what is waited for at that step; -1 when none does. What is waited for is the end of all waits before the
// next message, and only those behind it are added. A step that was taken
// out of the campaign is known by where it was.
func mailAt(steps []campaign.Step, stepID string, index int) (mail int, after time.Duration) {
	if at := slices.IndexFunc(steps, func(step campaign.Step) bool { return step.ID == stepID }); at >= 0 {
		index = at
	}
	behind := false
	for i, step := range steps {
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
