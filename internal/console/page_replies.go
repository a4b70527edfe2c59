package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/operator"
)

const repliesPerPage = 50

// toSeePath is the list of the messages at which somebody has to look, without the prefix.
const toSeePath = "/replies?state=" + operator.ToSee

// repliesView is what was heard: a part of it, the newest first.
type repliesView struct {
	operator.InboundPage
	// Asked is the filter as it was asked for, Wrong what is wrong with it.
	Asked operator.InboundFilter
	Wrong string
	// Kinds, States, Campaigns and Accounts are what can be asked for.
	Kinds     []choice
	States    []choice
	Campaigns []choice
	Accounts  []choice
	// ToSee counts the messages at which somebody has to look; Reads is false when no mailbox is read.
	ToSee int
	Reads bool
	// Start and Older are addresses; empty when there is nothing there.
	Start, Older string
}

// Filtered is true when not everything was asked for.
func (v repliesView) Filtered() bool { return v.Asked != operator.InboundFilter{} || v.Wrong != "" }

// choice is one value of a field, and how people read it.
type choice struct {
	Value, Text string
	Chosen      bool
}

func choices(chosen string, pairs ...[2]string) []choice {
	all := make([]choice, len(pairs))
	for i, pair := range pairs {
		all[i] = choice{pair[0], pair[1], pair[0] == chosen}
	}
	return all
}

func pageReplies(c *Console, r *http.Request, _ *frame) (view, error) {
	ctx, query := r.Context(), r.URL.Query()
	filter := operator.InboundFilter{
		State: asked(query.Get("state")), Kind: asked(query.Get("kind")), Campaign: asked(query.Get("campaign")), Account: asked(query.Get("account")),
	}
	filter.Contact, _ = strconv.ParseInt(query.Get("contact"), 10, 64) // anything else is everybody
	shown := repliesView{Asked: filter}
	before, _ := strconv.ParseInt(query.Get("before"), 10, 64) // anything else is the first page
	var err error
	if shown.InboundPage, err = c.Operator.Inbound(ctx, filter, max(before, 0), repliesPerPage); isInvalid(err) {
		shown.Wrong = sentence(err)
	} else if err != nil {
		return view{}, err
	}
	if shown.ToSee, err = c.Operator.InboundToSee(ctx); err != nil {
		return view{}, err
	}
	if shown.Reads, err = c.Operator.ReadsMail(ctx); err != nil {
		return view{}, err
	}
	if err := c.replyChoices(r, &shown); err != nil {
		return view{}, err
	}
	at := func(before int64) string {
		with := url.Values{}
		for name, value := range map[string]string{"state": filter.State, "kind": filter.Kind, "campaign": filter.Campaign, "account": filter.Account} {
			if value != "" {
				with.Set(name, value)
			}
		}
		if filter.Contact > 0 {
			with.Set("contact", strconv.FormatInt(filter.Contact, 10))
		}
		if before > 0 {
			with.Set("before", strconv.FormatInt(before, 10))
		}
		return strings.TrimSuffix(c.link("replies")+"?"+with.Encode(), "?")
	}
	if before > 0 {
		shown.Start = at(0)
	}
	if shown.Next > 0 {
		shown.Older = at(shown.Next)
	}
	return view{"replies", "Replies", shown}, nil
}

// replyChoices are what the filter offers.
func (c *Console) replyChoices(r *http.Request, shown *repliesView) error {
	shown.States = choices(shown.Asked.State, stateNames...)
	kinds := [][2]string{{"", "anything"}}
	for _, kind := range operator.InboundKinds() {
		kinds = append(kinds, [2]string{kind, kindName(kind)})
	}
	shown.Kinds = choices(shown.Asked.Kind, kinds...)
	of, err := c.Operator.Campaigns(r.Context())
	if err != nil {
		return err
	}
	campaigns := [][2]string{{"", "any"}}
	for _, one := range of {
		campaigns = append(campaigns, [2]string{one.Key, one.Name})
	}
	shown.Campaigns = choices(shown.Asked.Campaign, campaigns...)
	accounts, err := c.Operator.Senders(r.Context())
	addresses := [][2]string{{"", "any"}}
	for _, one := range accounts {
		addresses = append(addresses, [2]string{one.Address, one.Address})
	}
	shown.Accounts = choices(shown.Asked.Account, addresses...)
	return err
}
