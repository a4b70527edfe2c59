package console

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// request is something that the background does, on a page.
type request struct {
	operator.Request
	F *frame
}

// Key names the place of one of its Parts.
func (r request) Key(part string) string { return requestKey(r.ID, part) }

// Parts are what changes while it goes on, as a stream sends it too.
func (r request) Parts() picture { return requestParts(r.Request) }

// Form makes one of its forms; CanChange is true for an operator, while it goes on.
func (r request) Form(parts ...any) Form { return r.F.Form(parts...) }

// CanChange is true for an operator while there is something to change.
func (r request) CanChange() bool { return r.F.CanChange && r.DoneAt == nil }

// CanStop is true where the contacts that are not signalled yet may be left as they are.
func (r request) CanStop() bool {
	return r.Kind == campaign.OutboxResume || r.Kind == campaign.OutboxDisenroll
}

// Minute is its rate as the field for the pace shows it.
func (r request) Minute() string { return paceValue(r.Rate) }

// requestDone is the state of a request that has signalled every contact.
const requestDone = "done"

func requestParts(r operator.Request) picture {
	parts := picture{"value": r.Done, "max": max(r.Total, 1), "done": number(r.Done), "total": number(r.Total), "on": "", "again": "", "ended": ""}
	if r.Kind == campaign.OutboxFix || r.Kind == campaign.OutboxResume {
		parts["on"] = number(r.GoneOn()) + " gone on"
	}
	if r.Again > 0 {
		parts["again"] = number(r.Again) + " in error again"
	}
	if r.Ended > 0 {
		parts["ended"] = number(r.Ended) + " cannot go on, their workflow was ended from outside"
	}
	parts["rate"] = paceText(r.Rate)
	parts["state"], parts["said"] = "under way", quarters(r)
	if r.DoneAt != nil {
		parts["state"] = requestDone
	}
	return parts
}

// quarters says the start, each quarter and the end: a screen reader says it aloud.
func quarters(r operator.Request) string {
	switch {
	case r.DoneAt != nil:
		return fmt.Sprintf("Done: %s of %s %s.", number(r.Done), number(r.Total), verb(r))
	case r.Total == 0 || r.Done*4 < r.Total:
		return fmt.Sprintf("Under way for %s.", people(r.Total))
	}
	return fmt.Sprintf("%d %% of %s %s.", min(r.Done*4/r.Total, 4)*25, people(r.Total), verb(r))
}

func verb(r operator.Request) string {
	if r.Kind == campaign.OutboxEnroll {
		return "started"
	}
	return "signalled"
}

// Verb is what is done with each contact.
func (r request) Verb() string { return verb(r.Request) }

// What says in words what was asked for.
func (r request) What() string {
	if r.Kind == campaign.OutboxFix {
		return fixText(r.Cause)
	}
	if r.Kind == campaign.OutboxEdit {
		return "Look what comes next, after an edit of " + r.Campaign
	}
	which := "all contacts in error"
	if r.Named > 0 {
		which = people(r.Named)
	} else if r.Kind != campaign.OutboxResume {
		which = "contacts"
	}
	if r.Campaign != "" {
		which += " in " + r.Campaign
	}
	if r.Code != "" {
		which += " with “" + r.Code.Entry().Title + "”"
	}
	switch {
	case r.Kind == campaign.OutboxEnroll:
		return "Start " + which
	case r.Kind == campaign.OutboxDisenroll:
		return "Take out " + which
	case r.Assume == campaign.AssumeSent:
		return "It was sent: " + which
	case r.Assume == campaign.AssumeNotSent:
		return "It was not sent: " + which
	}
	return "Try again: " + which
}

// fixText says what was fixed.
func fixText(cause failure.Cause) string {
	if address, ok := cause.Account(); ok {
		return address + " is connected"
	}
	if cause == failure.Plan {
		return "There are credits, or another plan"
	}
	kind, key, _ := strings.Cut(cause.Thing(), ":")
	_, part, _ := strings.Cut(string(cause), "/")
	switch kind + " " + part {
	case "campaign sender":
		return key + " has another sender"
	case "campaign steps":
		return "The texts of " + key + " were edited"
	case "campaign active":
		return key + " goes on"
	case "contact email":
		return "The address of contact " + key + " is new"
	case "contact fields":
		return "Contact " + key + " was edited"
	case "user phone":
		return "The phone number of " + key + " is new"
	}
	return "Fixed: " + string(cause)
}

// paceText is a rate in words.
func paceText(rate campaign.Rate) string {
	switch minute := float64(rate) * 60; {
	case rate == 0:
		return "without a limit"
	case minute >= 1:
		return "at most " + paceValue(rate) + " a minute"
	default:
		return "at most " + strconv.FormatFloat(math.Round(minute*6000)/100, 'f', -1, 64) + " an hour"
	}
}

// paceValue is a rate as contacts a minute; empty without a limit.
func paceValue(rate campaign.Rate) string {
	if rate == 0 {
		return ""
	}
	return strconv.FormatFloat(math.Round(float64(rate)*60*100)/100, 'f', -1, 64)
}

// readPace reads the field for the pace; empty is no limit.
func readPace(text string) (campaign.Rate, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ",", "")
	if text == "" {
		return 0, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		if rate, err := campaign.ParseRate(text + "/m"); err == nil {
			return rate, nil
		}
	}
	return 0, &operator.Invalid{Field: "pace", Text: fmt.Sprintf("%q is not a number of contacts a minute; expected something like 300, or nothing for no limit", text)}
}
