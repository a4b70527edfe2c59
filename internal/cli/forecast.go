package cli

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// forecastDays is how many dates of an account are printed one by one; the rest by week.
const forecastDays = 14

// showForecast prints what each account sends by date, and when all is done.
func (s *session) showForecast(forecast operator.Forecast) error {
	t := print.NewTable("From", "Date", ">First mails", ">Follow-ups", "Late", "What limits")
	for _, sender := range forecast.Senders {
		s.sayf("%s: %d in line. Today: %s", sender.Account, sender.InLine, waterfallText(sender.Today))
		for _, day := range byWeek(sender.Days) {
			t.Add(sender.Account, day.dates, day.FirstMails, day.FollowUps, lateText(day.LateSeconds), print.OrDash(operator.LimitName(day.Limit)))
		}
	}
	s.sayf("%s", finishText(forecast))
	if t.Len() == 0 && s.format == formatTable {
		return nil
	}
	return s.show(forecast, t)
}

// waterfallText is a waterfall in one line: "limit 400 → ramp day 6: 60 → …".
func waterfallText(w operator.Waterfall) string {
	var parts []string
	for _, row := range w.Rows {
		text := fmt.Sprintf("%s %d", operator.LimitName(row.Limit), row.Number)
		if row.Limit == operator.RampLimit {
			text = fmt.Sprintf("ramp day %d: %d", w.SendingDay+1, row.Number)
		} else if row.Limit == operator.OpenTime {
			text = fmt.Sprintf("open %s at %d s: %d", print.Age(time.Duration(w.OpenSeconds)*time.Second), w.GapSeconds, row.Number)
		}
		parts = append(parts, text)
	}
	if w.Left == nil {
		return "nothing limits it"
	}
	left := fmt.Sprintf("%d left", *w.Left)
	if w.Bottleneck != "" {
		left += fmt.Sprintf(" (bottleneck: %s)", operator.LimitName(w.Bottleneck))
	}
	return strings.Join(append(parts, left), " → ")
}

// finishText says when the last mail leaves.
func finishText(forecast operator.Forecast) string {
	var text string
	switch {
	case forecast.Latest == nil:
		text = "No mail leaves."
	case forecast.Likely == nil || forecast.Likely.Equal(*forecast.Latest):
		text = "The last mail leaves on " + print.Moment(*forecast.Latest) + "."
	default:
		text = fmt.Sprintf("The last mail leaves between %s, if as many answer as so far, and %s, if nobody does.", print.Moment(*forecast.Likely), print.Moment(*forecast.Latest))
	}
	if forecast.Remain > 0 {
		text += fmt.Sprintf(" %s in line will not have left by %s: there is no time, no sender, or more than the limits can serve.",
			print.Plural(forecast.Remain, "contact"), forecast.Until.Format(time.DateOnly))
	}
	return text
}

// printedDay is one date, or a week of them.
type printedDay struct {
	operator.ForecastDay
	dates string
}

// byWeek has the first dates one by one, and the rest seven at a time.
func byWeek(days []operator.ForecastDay) []printedDay {
	var printed []printedDay
	for i := 0; i < len(days); {
		group := days[i : i+1]
		if i >= forecastDays {
			group = days[i:min(i+7, len(days))]
		}
		one := printedDay{ForecastDay: group[0], dates: group[0].Date.String()}
		for _, day := range group[1:] {
			one.FirstMails += day.FirstMails
			one.FollowUps += day.FollowUps
			one.LateSeconds = max(one.LateSeconds, day.LateSeconds)
			one.Limit = day.Limit
			one.dates = group[0].Date.String() + " to " + day.Date.String()
		}
		printed = append(printed, one)
		i += len(group)
	}
	return printed
}

func lateText(seconds int) string {
	if seconds < 60 {
		return "-"
	}
	return print.Age(time.Duration(seconds) * time.Second)
}
