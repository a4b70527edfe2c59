package operator

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relance/internal/pace"
)

// Text is a waterfall in one line: "limit of the day 400 → ramp day 6: 60 → …".
func (w Waterfall) Text() string {
	if w.Left == nil {
		return "nothing limits it"
	}
	var parts []string
	for _, row := range w.Rows {
		text := fmt.Sprintf("%s %d", LimitName(row.Limit), row.Number)
		if row.Limit == RampLimit {
			text = fmt.Sprintf("ramp day %d: %d", w.SendingDay+1, row.Number)
		} else if row.Limit == OpenTime {
			text = fmt.Sprintf("open %s%s: %d", openText(time.Duration(w.OpenSeconds)*time.Second), w.gapText(), row.Number)
		}
		parts = append(parts, text)
	}
	left := fmt.Sprintf("%d left", *w.Left)
	if w.Bottleneck != "" {
		left += fmt.Sprintf(" (bottleneck: %s)", LimitName(w.Bottleneck))
	}
	return strings.Join(append(parts, left), " → ")
}

// gapText is the mean time between two mails, with its fraction: the row's number is made of it.
func (w Waterfall) gapText() string {
	if w.GapSeconds == 0 {
		return ""
	}
	return " at " + strconv.FormatFloat(w.GapSeconds, 'f', -1, 64) + " s"
}

// Zone is that of the accounts; empty when they have several.
func (f Forecast) Zone() (zone string) {
	for i, sender := range f.Senders {
		if i > 0 && sender.Zone != zone {
			return ""
		}
		zone = sender.Zone
	}
	return zone
}

func openText(open time.Duration) string {
	hours, minutes := int(open.Hours()), int(open.Minutes())%60
	switch {
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
}

// ForecastSpan is one date of an account, or several up to To.
type ForecastSpan struct {
	ForecastDay
	To pace.Date
}

// Dates are the first and the last: "2026-11-15 to 2026-11-21".
func (s ForecastSpan) Dates() string {
	if s.To == s.Date {
		return s.Date.String()
	}
	return s.Date.String() + " to " + s.To.String()
}

// singleDays is how many dates of an account are shown one by one; the rest by week.
const singleDays = 14

// ByWeek has the first dates one by one, and the rest by the weeks of the calendar, which begin on Monday.
func ByWeek(days []ForecastDay) []ForecastSpan {
	var spans []ForecastSpan
	for i := 0; i < len(days); {
		end := i + 1
		for i >= singleDays && end < len(days) && monday(days[end].Date) == monday(days[i].Date) {
			end++
		}
		group := days[i:end]
		one := ForecastSpan{ForecastDay: group[0], To: group[len(group)-1].Date}
		for _, day := range group[1:] {
			one.FirstMails += day.FirstMails
			one.FollowUps += day.FollowUps
			one.LateSeconds = max(one.LateSeconds, day.LateSeconds)
			one.Bottleneck, one.Limit = day.Bottleneck, nil // of a week nobody asks a number
		}
		spans = append(spans, one)
		i += len(group)
	}
	return spans
}

// monday is the first day of a date's week.
func monday(date pace.Date) pace.Date {
	return date.Add(-int(date.Weekday()+6) % 7)
}
