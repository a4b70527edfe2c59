package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// membersView is the contacts of a campaign, all or those in one status, at one step.
type membersView struct {
	operator.CampaignDetails
	Status campaign.Status
	Step   string
	operator.MemberPage
	// Statuses and StepIDs are what can be chosen instead.
	Statuses []campaign.Status
	StepIDs  []string
	// Start is the address of the first page, Following of the one that follows; empty when there is none.
	Start, Following string
}

func pageMembers(c *Console, r *http.Request, _ *frame) (view, error) {
	ctx, key, query := r.Context(), r.PathValue("key"), r.URL.Query()
	filter := operator.MemberFilter{Campaign: key, Status: campaign.Status(query.Get("state")), Step: query.Get("step")}
	if filter.Status != "" && !slices.Contains(campaign.Statuses(), filter.Status) {
		return view{}, &operator.NotFound{Thing: "state", Key: string(filter.Status)}
	}
	of, err := c.Operator.Campaign(ctx, key)
	if err != nil {
		return view{}, err
	}
	shown := membersView{CampaignDetails: of, Status: filter.Status, Step: filter.Step, Statuses: campaign.Statuses()}
	for _, step := range of.Steps {
		shown.StepIDs = append(shown.StepIDs, step.ID)
	}
	if shown.MemberPage, err = c.Operator.Members(ctx, filter, readMemberMark(query.Get("after")), contactsPerPage); err != nil {
		return view{}, err
	}
	here := fmt.Sprintf("%s?state=%s&step=%s", c.link("campaigns", key, "contacts"), queryEscape(string(filter.Status)), queryEscape(filter.Step))
	if query.Has("after") {
		shown.Start = here
	}
	if shown.Next != nil {
		shown.Following = here + "&after=" + queryEscape(memberMarkText(*shown.Next))
	}
	return view{"members", "Contacts of " + of.Name, shown}, nil
}

func memberMarkText(mark operator.MemberMark) string {
	return fmt.Sprintf("%d.%d.%s", mark.Part, mark.ID, mark.Step)
}

func readMemberMark(text string) operator.MemberMark {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return operator.MemberMark{} // the first page
	}
	part, err := strconv.Atoi(parts[0])
	id, other := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || other != nil {
		return operator.MemberMark{}
	}
	return operator.MemberMark{Part: part, ID: id, Step: parts[2]}
}

// oneStatus is a status as people say it of one contact.
func oneStatus(status campaign.Status) string {
	if status == campaign.Active {
		return "on the way"
	}
	return statusText(status)
}

// statusText is a status as people say it of contacts.
func statusText(status campaign.Status) string {
	switch status {
	case campaign.Active:
		return "on their way"
	case campaign.Waiting:
		return "waiting"
	case campaign.InError:
		return "in error"
	case campaign.Paused:
		return "paused"
	case campaign.Completed:
		return "done"
	case campaign.Disenrolled:
		return "disenrolled"
	}
	return string(status)
}
