package operator

import (
	"context"
	"slices"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// funnel are the steps of a campaign with how far its contacts have come. A step is
// known by its id: what stands at a step that was taken out of the campaign has
// reached none of the others for sure, and is counted elsewhere.
func funnel(steps []campaign.Step, counts store.StepCounts) (shown []Step, elsewhere map[campaign.Status]int) {
	shown = []Step{}
	for _, step := range steps {
		at := Step{
			ID: step.ID, Kind: step.Kind, ReplyTo: step.ReplyTo, Subject: step.Subject, Body: step.Body, Text: step.Text,
			Sent: counts.Sent[step.ID], Contacts: map[campaign.Status]int{},
		}
		if step.Kind == campaign.Wait {
			at.Wait = step.Waits().String()
		}
		shown = append(shown, at)
	}
	for _, count := range counts.Standing {
		at := slices.IndexFunc(shown, func(step Step) bool { return step.ID == count.StepID })
		if at < 0 {
			if elsewhere == nil {
				elsewhere = map[campaign.Status]int{}
			}
			elsewhere[count.Status] += count.Count
			continue
		}
		for i := range at + 1 { // who is completed has had the last step, and stands there
			shown[i].Reached += count.Count
		}
		switch count.Status {
		case campaign.Disenrolled:
			shown[at].Disenrolled += count.Count
		case campaign.Completed:
		case campaign.Active, campaign.Waiting, campaign.InError, campaign.Paused:
			shown[at].Contacts[count.Status] += count.Count
		}
	}
	return shown, elsewhere
}

// SenderOf is a campaign for the form that selects its sender: Count is how many of
// its contacts wait for another one. A NotFound when there is no such campaign.
func (o *Operator) SenderOf(ctx context.Context, key string) (RepairCampaign, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return RepairCampaign{}, err
	}
	cause := failure.CampaignSender(key)
	fixes, err := db.LastFixes(ctx, []failure.Cause{cause}) // before the rest: what is fixed meanwhile was not seen
	if err != nil {
		return RepairCampaign{}, err
	}
	of, err := db.Campaign(ctx, key)
	if err != nil {
		return RepairCampaign{}, err
	}
	part := RepairCampaign{Key: key, Name: of.Name, Sender: of.Sender, Seen: fixes[cause].ID}
	statuses, err := db.CampaignStatuses(ctx, key)
	for _, status := range statuses {
		part.Count = status.ByCode[failure.OwnerHasNoSendingAddress] + status.ByCode[failure.EmailAccountDisconnected] + status.ByCode[failure.EmailAccountInError]
	}
	return part, err
}

// Day is what has happened on one day, UTC.
type Day = store.DayCount

// Days lists the last n days, at most 90, of one campaign or of all: every day has its
// line, the present one is the last. A NotFound when there is no such campaign.
func (o *Operator) Days(ctx context.Context, key string, n int) ([]Day, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return nil, err
	}
	days, err := db.DayCounts(ctx, key, n)
	for i := range days {
		days[i].Day = days[i].Day.UTC()
	}
	return list(days), err
}
