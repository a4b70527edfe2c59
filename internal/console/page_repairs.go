package console

import (
	"net/http"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// repairsPerPage are few enough to be read, and to be detailed quickly.
const repairsPerPage = 50

// finishedShown is how many of the last changes stand above the repairs; the page of the
// requests has them all.
const finishedShown = 3

// repairsView is the list of repairs.
type repairsView struct {
	operator.RepairList
	Title string
	Cards []card
	// Next is the address of the page that follows; First is false on any but the first.
	Next  string
	First bool
	// Going is what goes on, Finished what was done for those in error just now.
	Going, Finished []request
	// Lines are what is the matter with lines, on the first page.
	Lines []operator.LineTrouble
	// ToSee counts the messages at which somebody has to look, on the first page.
	ToSee int
	// With nobody in error: how many campaigns there are, and where their contacts stand.
	Campaigns, Enrolled, OnTheirWay, Done int
}

// card is one repair, with its forms.
type card struct {
	operator.Repair
	F *frame
	// Senders can be selected instead.
	Senders []operator.Account
	// Going is what goes on with it.
	Going []request
}

// Form makes one of its forms.
func (c card) Form(parts ...any) Form { return c.F.Form(parts...) }

// CanChange is true for an operator.
func (c card) CanChange() bool { return c.F.CanChange }

// Fields are the first few contacts with the value that each misses.
func (c card) Fields() []valueOf { return valuesOf(c.First) }

// valueOf is a contact and the name of the value to fill in; empty when there is no one such.
type valueOf struct {
	operator.InError
	Field string
}

func valuesOf(items []operator.InError) []valueOf {
	values := make([]valueOf, len(items))
	for i, item := range items {
		values[i] = valueOf{item, fieldOf(item)}
	}
	return values
}

func pageRepairs(c *Console, r *http.Request, f *frame) (view, error) {
	ctx := r.Context()
	after := readRepairMark(r.URL.Query().Get("after"))
	list, err := c.Operator.Repairs(ctx, after, repairsPerPage)
	if err != nil {
		return view{}, err
	}
	shown := repairsView{RepairList: list, First: after == operator.RepairMark{}}
	if shown.First {
		if shown.Lines, err = c.Operator.LineTroubles(ctx, ""); err != nil {
			return view{}, err
		}
		if shown.ToSee, err = c.Operator.InboundToSee(ctx); err != nil {
			return view{}, err
		}
	}
	going, err := c.going(ctx, f)
	if err != nil {
		return view{}, err
	}
	for _, one := range going {
		switch {
		case one.DoneAt == nil:
			shown.Going = append(shown.Going, one)
		case one.Kind != campaign.OutboxEnroll && one.Kind != campaign.OutboxEdit && len(shown.Finished) < finishedShown: // contacts that have begun are no repair
			shown.Finished = append(shown.Finished, one)
		}
	}
	if list.Next != nil {
		shown.Next = c.link() + "?after=" + queryEscape(repairMarkText(*list.Next))
	}
	if shown.Cards, err = c.cards(r, f, list.Items); err != nil {
		return view{}, err
	}
	for i, card := range shown.Cards {
		for _, one := range shown.Going {
			if one.stands(card.Repair) {
				shown.Cards[i].Going = append(shown.Cards[i].Going, one)
			}
		}
	}
	if list.Total == 0 {
		err = c.quiet(r, &shown)
	}
	shown.Title = errorsTitle(list.Contacts, list.Total)
	title := "Nobody is in error"
	if list.Contacts > 0 {
		title = number(list.Contacts) + " in error"
	}
	return view{"repairs", title, shown}, err
}

// cards are repairs with what their forms need.
func (c *Console) cards(r *http.Request, f *frame, repairs []operator.Repair) ([]card, error) {
	senders, err := c.Operator.Senders(r.Context())
	cards := make([]card, len(repairs))
	for i, repair := range repairs {
		cards[i] = card{Repair: repair, F: f, Senders: senders}
	}
	return cards, err
}

// quiet counts what is true when nobody is in error.
func (c *Console) quiet(r *http.Request, shown *repairsView) error {
	statuses, err := c.Operator.Statuses(r.Context(), "")
	shown.Campaigns = len(statuses)
	for _, status := range statuses {
		shown.Enrolled += status.Enrolled
		shown.OnTheirWay += status.Active + status.Waiting
		shown.Done += status.Completed
	}
	return err
}

func repairMarkText(mark operator.RepairMark) string {
	return strings.Join([]string{strconv.Itoa(mark.Count), string(mark.Code), string(mark.Cause)}, " ")
}

func readRepairMark(text string) operator.RepairMark {
	parts := strings.SplitN(text, " ", 3)
	if len(parts) != 3 {
		return operator.RepairMark{}
	}
	count, err := strconv.Atoi(parts[0])
	if err != nil {
		return operator.RepairMark{}
	}
	return operator.RepairMark{Count: count, Code: failure.Code(parts[1]), Cause: failure.Cause(parts[2])}
}
