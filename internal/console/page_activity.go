package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

const activityPerPage = 100

// activityView is a part of what people have done.
type activityView struct {
	// By and On are the filter as it was typed, Wrong is what is wrong with it.
	By, On, Wrong string
	Rows          []activityRow
	// Start, Next and File are addresses; empty when there is nothing there.
	Start, Next, File string
}

// activityRow is one change, and where more about it stands.
type activityRow struct {
	operator.Activity
	Text string
	// Page is of the thing; empty when it has none. OfPerson and OfThing filter.
	Page, OfPerson, OfThing string
}

func pageActivity(c *Console, r *http.Request, _ *frame) (view, error) {
	asked := r.URL.Query()
	shown := activityView{By: asked.Get("by"), On: asked.Get("on")}
	filter, err := activityFilter(asked)
	var wrong *operator.Invalid
	if errors.As(err, &wrong) {
		shown.Wrong = sentence(err)
		return view{"activity", "Activity", shown}, nil
	}
	before, _ := strconv.ParseInt(asked.Get("before"), 10, 64) // anything else is the first page
	page, err := c.Operator.Activities(r.Context(), filter, max(before, 0), activityPerPage)
	if err != nil {
		return view{}, err
	}
	for _, a := range page.Items {
		shown.Rows = append(shown.Rows, c.activityRow(a))
	}
	at := func(path string, more ...string) string {
		query := url.Values{}
		for name, value := range map[string]string{"by": shown.By, "on": shown.On} {
			if value != "" {
				query.Set(name, value)
			}
		}
		for i := 0; i < len(more); i += 2 {
			query.Set(more[i], more[i+1])
		}
		return c.link(path) + "?" + query.Encode()
	}
	shown.File = at("activity.csv")
	if before > 0 {
		shown.Start = at("activity")
	}
	if page.Next > 0 {
		shown.Next = at("activity", "before", strconv.FormatInt(page.Next, 10))
	}
	return view{"activity", "Activity", shown}, nil
}

// activityFilter reads whose activity is asked for, and on what.
func activityFilter(asked url.Values) (filter operator.ActivityFilter, err error) {
	if on := asked.Get("on"); on != "" {
		filter, err = operator.ParseActivityThing(on)
	}
	filter.By = asked.Get("by")
	return filter, err
}

func (c *Console) activityRow(a operator.Activity) activityRow {
	row := activityRow{Activity: a, Text: operator.ActivityText(a)}
	on := string(a.Thing)
	if a.Subject != "" {
		on += ":" + a.Subject
		switch on[:len(a.Thing)] {
		case "campaign":
			row.Page = c.link("campaigns", a.Subject)
		case "email_account":
			row.Page = c.link("accounts", a.Subject)
		case "contact", "bounce":
			row.Page = c.link("contacts", a.Subject)
		case "inbound":
			row.Page = c.link("replies", a.Subject)
		case "suppression": // of a contact's address, or of a domain
			if row.Page = c.link("contacts", a.Subject); !isNumber(a.Subject) {
				row.Page = c.link("suppression") + "?q=" + queryEscape(a.Subject)
			}
		}
	}
	row.OfPerson = c.link("activity") + "?" + url.Values{"by": {a.By}}.Encode()
	row.OfThing = c.link("activity") + "?" + url.Values{"on": {on}}.Encode()
	return row
}
