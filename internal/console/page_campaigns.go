package console

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relance/internal/operator"
)

const campaignsPerPage = 100

// campaignsView is the list of campaigns: those with the most in error come first.
type campaignsView struct {
	Campaigns []campaignLine
	Total     int
	Days      daysPicture
	// Start is the address of the first page, Next of the one that follows; empty when there is none.
	Start, Next string
}

// campaignLine is a campaign with where its contacts stand.
type campaignLine struct {
	operator.Campaign
	OwnerName string
	Numbers   operator.Status
}

func pageCampaigns(c *Console, r *http.Request, _ *frame) (view, error) {
	ctx := r.Context()
	lines, err := c.campaignLines(r)
	if err != nil {
		return view{}, err
	}
	shown := campaignsView{Total: len(lines)}
	after, count, passed := campaignMark(r.URL.Query().Get("after"))
	if passed {
		shown.Start = c.link("campaigns")
		lines = slices.DeleteFunc(lines, func(line campaignLine) bool { return byInError(line.Numbers.InError, count, line.Key, after) <= 0 })
	}
	shown.Campaigns = lines[:min(len(lines), campaignsPerPage)]
	if len(lines) > campaignsPerPage {
		last := lines[campaignsPerPage-1]
		shown.Next = c.link("campaigns") + "?after=" + queryEscape(strconv.Itoa(last.Numbers.InError)+" "+last.Key)
	}
	days, err := c.Operator.Days(ctx, "", daysShown)
	shown.Days = pictureOfDays(days, "all campaigns")
	return view{"campaigns", "Campaigns", shown}, err
}

func (c *Console) campaignLines(r *http.Request) ([]campaignLine, error) {
	ctx := r.Context()
	campaigns, err := c.Operator.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	statuses, err := c.Operator.Statuses(ctx, "")
	if err != nil {
		return nil, err
	}
	owners, err := c.owners(r)
	if err != nil {
		return nil, err
	}
	numbers := map[string]operator.Status{}
	for _, status := range statuses {
		numbers[status.Campaign] = status
	}
	lines := make([]campaignLine, len(campaigns))
	for i, of := range campaigns {
		lines[i] = campaignLine{of, owners[of.Owner], numbers[of.Key]}
	}
	slices.SortFunc(lines, func(a, b campaignLine) int { return byInError(a.Numbers.InError, b.Numbers.InError, a.Key, b.Key) })
	return lines, nil
}

// owners are the names of the team by their keys.
func (c *Console) owners(r *http.Request) (map[string]string, error) {
	users, err := c.Operator.Users(r.Context())
	names := map[string]string{}
	for _, user := range users {
		names[user.Key] = user.Name
	}
	return names, err
}

// byInError has the campaign with the most in error come first.
func byInError(a, b int, aKey, bKey string) int {
	return cmp.Or(cmp.Compare(b, a), cmp.Compare(aKey, bKey))
}

// campaignMark is a place in the list, and whether the text is one.
func campaignMark(text string) (key string, inError int, ok bool) {
	count, key, ok := strings.Cut(text, " ")
	inError, err := strconv.Atoi(count)
	return key, inError, ok && err == nil
}
