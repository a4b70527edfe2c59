package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"relance/internal/failure"
	"relance/internal/operator"
)

const contactsPerPage = 100

// inErrorPerPage are fewer: each of their rows has a form's fields, which are most of the page's time.
const inErrorPerPage = 50

// causeView is one repair, and the contacts that it frees, or fewer of them.
type causeView struct {
	Card     card
	Contacts []causeRow
	Total    int
	Part     operator.Part
	// Going is what goes on with it, and what was done just now.
	Going []request
	// Values is the form with the values that they miss, Choose the one with what was
	// chosen among them; Seen is for the latter.
	Values, Choose, File Form
	Seen                 int64
	// FillsIn is true where each has a value to fill in, Resumes where a person has them
	// try again, Chooses where they can be chosen, Said where something is said of
	// one of them.
	FillsIn, Resumes, Chooses, Said bool
	// Whole is the address of all that the repair frees, where these are fewer; Start of
	// the first page, More of the one that follows; empty when there is none.
	Whole, Start, More string
}

// causeRow is one contact of the table, as it is shown: of fifty rows, templates
// that look every value up, and clean it, would take most of the page's time.
type causeRow struct {
	Link, Name, Campaign, Step, Since, SinceISO, Attempts, Seq, Seen string
	// Words are a server's, Meaning is what we say; empty when nobody has said anything.
	Words, Meaning string
	// Key names its value in the form; empty when there is no one such. Again is true when
	// it is the same as one above.
	Key   string
	Again bool
	// Label and Value are those of its field, ID the field's where it is Wrong.
	Label, Value, ID, Wrong string
	Email                   bool
}

func pageCause(c *Console, r *http.Request, f *frame) (view, error) {
	query := r.URL.Query()
	part := partOf(r.PathValue("code"), r.PathValue("cause"), query)
	repair, err := c.Operator.Repair(r.Context(), part.Code, failure.Cause(part.Cause))
	if err != nil {
		return view{}, err
	}
	page, err := c.Operator.PartContacts(r.Context(), part, readMark(query.Get("after")), inErrorPerPage)
	if err != nil {
		return view{}, err
	}
	cards, err := c.cards(r, f, []operator.Repair{repair})
	if err != nil {
		return view{}, err
	}
	entry := part.Code.Entry()
	shown := causeView{
		Card: cards[0], Total: page.Total, Part: part, Seen: page.SeenAt,
		Values: f.Form("values", part.Code), Choose: f.Form("choose", part.Code), File: f.Form("file", part.Code),
		FillsIn: operator.FillsIn(part.Code), Resumes: entry.ByHand && !entry.NeedsAnswer, Chooses: part.Code != failure.WorkflowEnded,
	}
	shown.Contacts = c.causeRows(page.Items, shown.Values)
	shown.Said = slices.ContainsFunc(shown.Contacts, func(row causeRow) bool { return row.Words != "" || row.Meaning != "" })
	shown.Card.First = nil // the table has them all
	going, err := c.going(r.Context(), f)
	if err != nil {
		return view{}, err
	}
	for _, one := range going {
		if one.concerns(repair) {
			shown.Going = append(shown.Going, one)
		}
	}
	here := c.link("cause", part.Code, part.Cause)
	narrowed := url.Values{}
	if part.Campaign != "" {
		narrowed.Set("campaign", part.Campaign)
	}
	if part.StepID != "" {
		narrowed.Set("step", part.StepID)
	}
	if len(narrowed) > 0 {
		shown.Whole = here
	}
	if query.Has("after") {
		shown.Start = here + "?" + narrowed.Encode()
	}
	if page.Next != nil {
		narrowed.Set("after", markText(page.Next))
		shown.More = here + "?" + narrowed.Encode()
	}
	return view{"cause", repair.Title, shown}, nil
}

// partOf is the part of a repair that an address, or a form, means: the parks that were
// chosen only where it asks for "these".
func partOf(code, cause string, values url.Values) operator.Part {
	part := operator.Part{Code: failure.Code(code), Cause: cause, Campaign: values.Get("campaign"), StepID: values.Get("step")}
	if values.Get("which") == "these" {
		part.Parks = numbersOf(values["park"])
	}
	return part
}

func (c *Console) causeRows(items []operator.InError, form Form) []causeRow {
	rows, above := make([]causeRow, len(items)), map[string]bool{}
	for i, item := range items {
		row := &rows[i]
		*row = causeRow{
			Link: c.link("contacts", item.ContactID), Name: lineText(item.ContactName), Campaign: lineText(item.Campaign), Step: lineText(item.StepID),
			Since: whenText(item.Since), SinceISO: isoText(item.Since), Words: lineText(item.Detail),
			Attempts: strconv.Itoa(item.Attempts), Seq: strconv.FormatInt(item.Seq, 10), Seen: strconv.FormatInt(item.Seen, 10),
		}
		if item.Words != nil {
			row.Words, row.Meaning = lineText(item.Words.Said), lineText(item.Words.Meaning)
		}
		if field := fieldOf(item); field != "" {
			row.Key = joined([]any{item.ContactID, field})
			row.Again, above[row.Key] = above[row.Key], true
			name := valuePrefix + row.Key
			row.Label, row.Value, row.Wrong, row.Email = fieldLabel(field), form.Value(name, ""), form.Wrong(name), field == "email"
			if row.Wrong != "" {
				row.ID = form.FieldID(name)
			}
		}
	}
	return rows
}

func queryEscape(text string) string { return url.QueryEscape(text) }
