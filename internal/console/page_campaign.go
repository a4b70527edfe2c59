package console

import (
	"net/http"

	"relance/internal/operator"
)

// campaignView is a campaign: how far its contacts have come, and what happened when.
type campaignView struct {
	operator.CampaignDetails
	OwnerName string
	Numbers   operator.Status
	// Sender is the card whose form selects another sender.
	Sender card
	Funnel funnelPicture
	Days   daysPicture
	// Ahead is what leaves when.
	Ahead forecastView
}

func pageCampaign(c *Console, r *http.Request, f *frame) (view, error) {
	ctx, key := r.Context(), r.PathValue("key")
	part, err := c.Operator.SenderOf(ctx, key) // before the rest: what is fixed meanwhile was not seen
	if err != nil {
		return view{}, err
	}
	of, err := c.Operator.Campaign(ctx, key)
	if err != nil {
		return view{}, err
	}
	shown := campaignView{CampaignDetails: of}
	owners, err := c.owners(r)
	if err != nil {
		return view{}, err
	}
	shown.OwnerName = owners[of.Owner]
	statuses, err := c.Operator.Statuses(ctx, key)
	if err != nil {
		return view{}, err
	}
	for _, numbers := range statuses {
		shown.Numbers = numbers
	}
	cards, err := c.cards(r, f, []operator.Repair{{Campaigns: []operator.RepairCampaign{part}}})
	if err != nil {
		return view{}, err
	}
	shown.Sender = cards[0]
	if shown.Ahead.Forecast, err = c.Operator.Forecast(ctx, key); err != nil {
		return view{}, err
	}
	days, err := c.Operator.Days(ctx, key, daysShown)
	shown.Days, shown.Funnel = pictureOfDays(days, of.Name), pictureOfSteps(of.Steps, shown.Numbers.Enrolled)
	return view{"campaign", of.Name, shown}, err
}
