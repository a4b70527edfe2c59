package operator

import (
	"cmp"
	"context"
	"slices"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/message"
	"relance/internal/store"
)

// WouldPark are contacts that would be in error at their first message, for one reason.
type WouldPark struct {
	Code     failure.Code `json:"code"`
	Title    string       `json:"title"`
	Detail   string       `json:"detail,omitempty"`
	HowToFix string       `json:"howToFix"`
	// Variable is the contacts' variable that the template misses; empty for anything else.
	Variable string `json:"variable,omitempty"`
	// StepID is the step of that message, Count how many they are, Contacts the first few.
	StepID   string    `json:"stepId"`
	Count    int       `json:"count"`
	Contacts []OneName `json:"contacts"`
}

// OneName is a contact by its name.
type OneName struct {
	ContactID   int64  `json:"contactId"`
	ContactName string `json:"contactName"`
}

// namedFew is how many contacts of a reason are named.
const namedFew = 5

// WouldEnroll is what an enrollment would lead to.
type WouldEnroll struct {
	// WouldPark are who would be in error at once, the largest reason first.
	WouldPark []WouldPark `json:"wouldPark,omitempty"`
	// Forecast is of the rest; nil when nobody is left, or nothing limits when they are mailed.
	Forecast *EnrollForecast `json:"forecast,omitempty"`
}

// WouldEnroll asks, for every contact that Enroll would take with the same arguments, what
// the worker would ask before their first message: with the same checks, the same
// templates, and credits that each of them uses up; and when the rest would be mailed. A
// NotFound when there is no such campaign. It changes nothing.
func (o *Operator) WouldEnroll(ctx context.Context, key string, ids []int64, how How) (WouldEnroll, error) {
	return o.wouldEnroll(ctx, key, ids, false, how)
}

// WouldEnrollAgain asks the same of the contacts that a dry run of EnrollAgain would take.
func (o *Operator) WouldEnrollAgain(ctx context.Context, key string, would Enrolled, how How) (WouldEnroll, error) {
	if len(would.Contacts) == 0 {
		return WouldEnroll{}, nil
	}
	return o.wouldEnroll(ctx, key, would.Contacts, true, how)
}

func (o *Operator) wouldEnroll(ctx context.Context, key string, ids []int64, again bool, how How) (WouldEnroll, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return WouldEnroll{}, err
	}
	parks, zones, err := newcomers(ctx, db, o.links(), key, ids, again, how)
	if err != nil {
		return WouldEnroll{}, err
	}
	out := WouldEnroll{WouldPark: parks}
	out.Forecast, err = enrollForecast(ctx, db, key, zones, how.At)
	return out, err
}

// newcomers are who would be in error, and how many of the others live in each zone.
func newcomers(ctx context.Context, db *store.Store, links message.Links, key string, ids []int64, again bool, how How) ([]WouldPark, map[string]int, error) {
	zones := map[string]int{}
	type reason struct {
		code     failure.Code
		variable string
	}
	found := map[reason]*WouldPark{}
	spent := int64(0)
	err := db.Newcomers(ctx, key, ids, how.Most, again, func(facts campaign.Facts) {
		facts.Campaign.Paused = false // it only says when
		facts.Billing.Credits -= spent
		step, problem := firstMessage(facts, links)
		if problem == nil {
			spent++
			zones[facts.Zone()]++
			return
		}
		at := reason{problem.Code, problem.Variable}
		one := found[at]
		if one == nil {
			entry := problem.Code.Entry()
			one = &WouldPark{Code: problem.Code, Title: entry.Title, Detail: problem.Detail, HowToFix: entry.HowToFix, Variable: problem.Variable, StepID: step.ID}
			found[at] = one
		}
		if one.Detail != problem.Detail {
			one.Detail = "" // each has its own
		}
		if one.Count++; len(one.Contacts) < namedFew {
			one.Contacts = append(one.Contacts, OneName{facts.Contact.ID, facts.Contact.Name()})
		}
	})
	all := make([]WouldPark, 0, len(found))
	for _, one := range found {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b WouldPark) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Variable, b.Variable))
	})
	return all, zones, err
}

// firstMessage is the first step that sends, and what keeps it from being sent.
func firstMessage(facts campaign.Facts, links message.Links) (campaign.Step, *failure.Problem) {
	for _, step := range facts.Campaign.Steps {
		switch step.Kind {
		case campaign.Wait:
			continue
		case campaign.Email:
			return step, campaign.CheckEmail(facts, func() error { _, err := message.WriteEmail(facts, step, links); return err }).Problem
		case campaign.SMS:
			return step, campaign.CheckSMS(facts, func() error { _, err := message.WriteSMS(facts, step); return err }).Problem
		}
	}
	return campaign.Step{}, nil
}
