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
	// Senders are the addresses of several, of which any takes a contact that nobody has
	// mailed; the first is the Sender. Empty when the Sender is everybody's.
	Senders []string `json:"senders,omitempty"`
	Paused  bool     `json:"paused"`
	// Window says when its messages may leave.
	Window  pace.CampaignRules `json:"window,omitzero"`
	OnReply OnReply            `json:"onReply,omitempty"`
	// NoUnsubscribe is true when its emails do not say how to unsubscribe.
	NoUnsubscribe bool   `json:"noUnsubscribe,omitempty"`
	Steps         []Step `json:"steps"`
	// Version counts the edits, from 1; 0 when it was not read.
	Version int `json:"version,omitempty"`
	// Known is the path as it was written last: a release before may have edited the steps since.
	Known Path `json:"-"`
}

// AllSenders are the addresses that the campaign sends with: several, one or none.
func (c Campaign) AllSenders() []string {
	switch {
	case len(c.Senders) > 0:
		return c.Senders
	case c.Sender != "":
		return []string{c.Sender}
	}
	return nil
}

// Path is its steps, with those that were removed.
func (c Campaign) Path() Path { return c.Known.Edited(c.Steps) }

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
