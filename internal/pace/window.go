package pace

import (
	"fmt"
	"strings"
	"time"
)

// Window is when messages may leave on some days of the week: from From up to, and not
// including, To. One that ends before it begins goes over midnight and belongs to the
// day on which it begins.
type Window struct {
	Days Days  `json:"days"`
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// Check is nil for a window that can be open; its error says what was expected.
func (w Window) Check() error {
	switch {
	case w.Days == 0:
		return fmt.Errorf("there is no day; expected at least one of %s", EveryDay)
	case w.From == w.To:
		return fmt.Errorf("the window begins and ends at %s; expected two different times (a whole day is 00:00 to 24:00)", w.From)
	case w.From >= EndOfDay:
		return fmt.Errorf("the window begins at %s; expected a time before 24:00", w.From)
	}
	return nil
}

func (w Window) overMidnight() bool { return w.To < w.From }

// open is the day on which the window began that is open at an instant; false when it is closed.
func (w Window) open(t time.Time) (Date, bool) {
	today, at := DateOf(t), shows(t)
	switch {
	case !w.overMidnight():
		return today, w.Days.Has(today.Weekday()) && w.From <= at && at < w.To
	case at >= w.From:
		return today, w.Days.Has(today.Weekday())
	case at < w.To:
		yesterday := today.Add(-1)
		return yesterday, w.Days.Has(yesterday.Weekday())
	}
	return today, false
}

// Days are days of the week.
type Days uint8

// Some days.
const (
	EveryDay Days = 1<<7 - 1
	Weekdays      = EveryDay &^ (1<<time.Saturday | 1<<time.Sunday)
)

// On are the given days.
func On(days ...time.Weekday) (set Days) {
	for _, day := range days {
		set |= 1 << day
	}
	return set
}

// Has is true for a day that belongs to them.
func (d Days) Has(day time.Weekday) bool { return d&(1<<day) != 0 }

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseDay reads mon, or Monday.
func ParseDay(text string) (time.Weekday, error) {
	for day, name := range dayNames {
		if text == name || strings.EqualFold(text, time.Weekday(day).String()) {
			return time.Weekday(day), nil
		}
	}
	return 0, fmt.Errorf("%q is no day; expected mon, tue, wed, thu, fri, sat or sun", text)
}

// String is the days from Monday on: "mon, tue".
func (d Days) String() string {
	var names []string
	for i := range 7 {
		if day := time.Weekday((i + 1) % 7); d.Has(day) {
			names = append(names, dayNames[day])
		}
	}
	return strings.Join(names, ", ")
}

// MarshalText writes the days as String does.
func (d Days) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Days) UnmarshalText(text []byte) error {
	*d = 0
	for _, name := range strings.Split(string(text), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		day, err := ParseDay(name)
		if err != nil {
			return err
		}
		*d |= On(day)
	}
	return nil
}
