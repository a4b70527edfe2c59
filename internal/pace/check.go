package pace

import (
	"errors"
	"fmt"
	"slices"
)

// Wrong is one thing that rules cannot be.
type Wrong struct {
	// Field names it as a workspace file does: jitter, hours[1], holidays.country.
	Field string
	// Text says what is wrong and what was expected.
	Text string
}

func (w *Wrong) Error() string { return w.Field + ": " + w.Text }

// Check finds what cannot be; nil when all can.
func (r AccountRules) Check() (wrong []*Wrong) {
	add := func(field, text string) { wrong = append(wrong, &Wrong{field, text}) }
	switch {
	case r.Gap < 0 || r.Gap > LongestLength:
		add("gap", fmt.Sprintf("%s is no gap; expected a second to a day", r.Gap))
	case r.Jitter < 0 || r.Jitter > LongestLength:
		add("jitter", fmt.Sprintf("%s is no jitter; expected a second to a day", r.Jitter))
	case r.Jitter > 0 && r.Gap == 0:
		add("jitter", "a jitter is added to a gap, and there is none; expected a gap too, for example gap: 90s")
	}
	if r.PerDay < 0 || r.PerDay > MostMessages {
		add("per_day", fmt.Sprintf("%d is no number of messages; expected a whole number from 1 to %d", r.PerDay, MostMessages))
	}
	if r.Ramp != (Ramp{}) && (r.Ramp.Start < 1 || r.Ramp.Add < 1 || r.Ramp.Start > MostMessages || r.Ramp.Add > MostMessages) {
		add("ramp", fmt.Sprintf("%s is no ramp; expected a start and an add of 1 or more", r.Ramp))
	}
	wrong = append(wrong, checkWindows("hours", r.Hours)...)
	if r.Zone != "" {
		if _, err := Zone(r.Zone); err != nil {
			add("timezone", err.Error())
		}
	}
	if r.Order != "" {
		if _, err := ParseOrder(string(r.Order)); err != nil {
			add("order", err.Error())
		}
	}
	return wrong
}

// Check finds what cannot be; nil when all can.
func (r CampaignRules) Check() (wrong []*Wrong) {
	wrong = checkWindows("times", r.Windows)
	if r.Zone != "" && !r.InRecipientZone() {
		if _, err := Zone(r.Zone); err != nil {
			wrong = append(wrong, &Wrong{"timezone", err.Error()})
		}
	}
	return wrong
}

// CheckAll finds every holiday that cannot be; nil when all can.
func (h Holidays) CheckAll() (wrong []*Wrong) {
	if err := h.Check(); err != nil {
		return []*Wrong{{"country", err.Error()}}
	}
	of := Holidays{Country: h.Country}
	for i, day := range h.Remove {
		field := fmt.Sprintf("remove[%d]", i)
		switch {
		case h.Country == "":
			wrong = append(wrong, &Wrong{field, fmt.Sprintf("%s cannot be taken from the holidays of a country, for none is named; expected country too", day)})
		case !of.Has(day):
			wrong = append(wrong, &Wrong{field, fmt.Sprintf("%s is no holiday of %s; expected one of its holidays", day, h.Country)})
		}
	}
	for i, day := range h.Add {
		if slices.Contains(h.Remove, day) {
			wrong = append(wrong, &Wrong{fmt.Sprintf("add[%d]", i), fmt.Sprintf("%s is under remove too; expected it once", day)})
		}
	}
	return wrong
}

func checkWindows(field string, windows []Window) (wrong []*Wrong) {
	for i, window := range windows {
		if err := window.Check(); err != nil {
			wrong = append(wrong, &Wrong{fmt.Sprintf("%s[%d]", field, i), err.Error()})
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if _, second, err := overlap(windows); err != nil {
		wrong = append(wrong, &Wrong{fmt.Sprintf("%s[%d]", field, second), err.Error()})
	}
	return wrong
}

// overlap finds two windows that are open at the same time of the week.
func overlap(windows []Window) (first, second int, err error) {
	const week = 7 * 24 * 60
	var openBy [week]int
	for i, window := range windows {
		length := int(window.To - window.From)
		if window.overMidnight() {
			length += int(EndOfDay)
		}
		for day := range 7 {
			if window.Days&(1<<day) == 0 {
				continue
			}
			for minute := range length {
				at := (day*24*60 + int(window.From) + minute) % week
				if by := openBy[at]; by != 0 {
					if by-1 == i {
						return i, i, errors.New("the window overlaps itself; expected it to end before it begins again")
					}
					return by - 1, i, fmt.Errorf("the window %s overlaps %s; expected one of them, or times that do not overlap", window, windows[by-1])
				}
				openBy[at] = i + 1
			}
		}
	}
	return 0, 0, nil
}
