package operator

import (
	"context"
	"fmt"
	"strings"

	"relance/internal/store"
)

// Activity is one change that a person has made.
type Activity = store.Activity

// ActivityFilter says which activity is meant; see ParseActivityThing.
type ActivityFilter = store.ActivityFilter

// ActivityPage is a part of the list of what people have done, newest first.
type ActivityPage struct {
	Items []Activity
	// Next is where the page that follows begins, for Activities; 0 when this is the last.
	Next int64
}

// Activities lists who did what, newest first: limit of it, from the page before (0 is
// the newest).
func (o *Operator) Activities(ctx context.Context, filter ActivityFilter, before int64, limit int) (ActivityPage, error) {
	db, err := o.database(ctx)
	if err != nil {
		return ActivityPage{}, err
	}
	items, err := db.Activities(ctx, filter, before, limit+1)
	page := ActivityPage{Items: list(items)}
	if len(items) > limit {
		page.Items, page.Next = items[:limit], items[limit-1].ID
	}
	return page, err
}

// activityThings are what a filter can name.
var activityThings = []store.ActivityThing{
	store.AnAccount, store.ABackground, store.ABounce, store.ACampaign, store.AContact, store.ThePlan, store.AUser, store.TheWorkspace, store.TheCalendar, store.ASuppression, store.AnInbound,
}

// ParseActivityThing reads what something was done to, as causes write it: campaign:q4,
// contact:17, email_account:maya@northwind.example, plan; or the thing alone, for all
// of its kind. An Invalid when there is no such thing.
func ParseActivityThing(text string) (ActivityFilter, error) {
	name, subject, _ := strings.Cut(strings.TrimSpace(text), ":")
	for _, thing := range activityThings {
		if string(thing) != strings.ToLower(name) {
			continue
		}
		if thing == store.AnAccount && subject != "" {
			subject = stored(subject)
		}
		return ActivityFilter{Thing: thing, Subject: subject}, nil
	}
	names := make([]string, len(activityThings))
	for i, thing := range activityThings {
		names[i] = string(thing)
	}
	return ActivityFilter{}, &Invalid{Field: "on", Problem: fmt.Sprintf("is %q; expected one of %s, and a colon with the key or the id for one of them: campaign:q4, contact:17", text, strings.Join(names, ", "))}
}

// ActivityText says in a sentence, without the person, what was done.
func ActivityText(a Activity) string {
	what := activityName(a)
	var text string
	switch a.Kind {
	case store.DidAdd:
		text = "added " + what
	case store.DidConnect:
		text = "connected " + what
	case store.DidFail:
		text = "could not log in with " + what + ", which is in error"
	case store.DidRemove:
		text = "removed " + what
	case store.DidChange:
		text = "changed " + what
	case store.DidImport:
		text = "imported contacts"
		if a.Thing == store.ASuppression {
			text = "imported " + what
		}
	case store.DidApply:
		text = "applied a workspace file"
	case store.DidPause:
		text = "paused " + what
	case store.DidUnpause:
		text = "let " + what + " go on"
	case store.DidEnroll:
		text = "enrolled contacts in " + what
	case store.DidResume:
		text = "resumed " + activityWhose(a, what)
	case store.DidDisenroll:
		text = "disenrolled " + activityWhose(a, what)
	case store.DidSaySent:
		text = "said that it was sent, of " + activityWhose(a, what)
	case store.DidSayNotSent:
		text = "said that it was not sent, of " + activityWhose(a, what)
	case store.DidSetRate:
		text = "changed the rate of " + what
	case store.DidStop:
		text = "stopped " + what
	case store.DidTest:
		text = "sent a test message of " + what
	case store.DidAttach:
		text = "attached " + what + " to a contact"
	case store.DidIgnore:
		text = "ignored " + what
	case store.DidReclassify:
		text = "had " + what + " judged anew"
	case store.DidRelease:
		text = "let " + what + " be written to again"
	case store.DidMove:
		text = "moved contacts of " + what + " to another sender"
	default: // of a later release
		text = string(a.Kind) + " " + what
	}
	if a.Code != "" {
		text += " (" + string(a.Code) + ")"
	}
	if len(a.Fields) > 0 {
		text += ": " + strings.Join(a.Fields, ", ")
	}
	return text
}

// activityWhose are the contacts of a request.
func activityWhose(a Activity, what string) string {
	switch {
	case a.Thing == store.ACampaign:
		return "contacts of " + what
	case a.Subject == "":
		return "contacts"
	}
	return what
}

// activityName names the thing.
func activityName(a Activity) string {
	switch a.Thing {
	case store.ThePlan:
		return "the plan"
	case store.TheWorkspace:
		return "the workspace"
	case store.TheCalendar:
		return "the calendar"
	case store.AContact:
		return strings.TrimSpace("contact " + a.Subject + named(a))
	case store.ABounce:
		if a.Subject == "" {
			return "a bounced address"
		}
		return "the bounced address of contact " + a.Subject + named(a)
	case store.ASuppression:
		switch {
		case a.Subject == "":
			return "suppressed addresses"
		case a.Name == "":
			return "the suppression of " + a.Subject
		}
		return "the suppressed address of contact " + a.Subject + named(a)
	case store.AnInbound:
		return "inbound message " + a.Subject
	case store.AnAccount, store.ACampaign, store.AUser, store.ABackground:
	}
	return strings.TrimSpace(strings.ReplaceAll(string(a.Thing), "_", " ") + " " + a.Subject)
}

func named(a Activity) string {
	if a.Name == "" {
		return ""
	}
	return " (" + a.Name + ")"
}
