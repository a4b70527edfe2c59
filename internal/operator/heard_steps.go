package operator

import (
	"slices"

	"relance/internal/campaign"
	"relance/internal/store"
)

// HeardAs is what a campaign counts of what was heard: a campaign.EndedBy, or Bounced.
type HeardAs = campaign.EndedBy

// Bounced is a report that the address of a message that was accepted is of no use.
const Bounced = store.Bounced

// HeardAll lists what is counted by step, in the order in which it is shown.
func HeardAll() []HeardAs {
	return []HeardAs{campaign.Replied, Bounced, campaign.Unsubscribed, campaign.Complained, campaign.Left}
}

// countHeard adds to steps what was heard about them, and returns the rest: what is about
// messages of steps that the campaign has no more, or about none.
func countHeard(steps []Step, counts []store.HeardCount) (elsewhere map[HeardAs]int) {
	for i := range steps {
		steps[i].Heard = map[HeardAs]int{}
	}
	for _, count := range counts {
		if at := slices.IndexFunc(steps, func(step Step) bool { return step.ID == count.StepID }); at >= 0 {
			steps[at].Heard[count.What] += count.Count
			continue
		}
		if elsewhere == nil {
			elsewhere = map[HeardAs]int{}
		}
		elsewhere[count.What] += count.Count
	}
	return elsewhere
}
