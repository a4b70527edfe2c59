package message

import (
	"relance/internal/campaign"
	"relance/internal/liquid"
)

// The campaign's checks learn from a rendering which value the contact misses.
var _ campaign.MissingValue = (*liquid.RenderError)(nil)

// WriteSMS renders the text of an SMS step about the contact.
func WriteSMS(facts campaign.Facts, step campaign.Step) (string, error) {
	return liquid.Render("text", step.Text, liquid.Vars(facts.Contact))
}
