package campaign

import "relance/internal/pace"

// Campaign is a list of steps with an owner and, perhaps, a sender.
type Campaign struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	// Owner is the key of the user who receives the SMS notifications.
	Owner string `json:"owner"`
	// Sender is the address of the email account that the campaign has
	// selected; empty when it has none.
	Sender string `json:"sender"`
	Paused bool   `json:"paused"`
	// Window says when its messages may leave.
	Window pace.CampaignRules `json:"window,omitzero"`
	Steps  []Step             `json:"steps"`
}

// Step returns the step with the id, and false when the campaign has none.
func (c Campaign) Step(id string) (Step, bool) {
	for _, step := range c.Steps {
		if step.ID == id {
			return step, true
		}
	}
	return Step{}, false
}

// ThreadRoot follows ReplyTo from a step to the first email of its thread. A
// step that continues no thread is its own root.
func (c Campaign) ThreadRoot(step Step) Step {
	for range c.Steps {
		if step.ReplyTo == "" {
			break
		}
		parent, ok := c.Step(step.ReplyTo)
		if !ok {
			break
		}
		step = parent
	}
	return step
}
