package cli

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// sayEnrollForecast says when the new contacts of a campaign would be mailed.
func (s *session) sayEnrollForecast(key string, forecast *operator.EnrollForecast) {
	if forecast == nil {
		return
	}
	for _, line := range enrollForecastLines(key, *forecast) {
		s.sayf("%s", line)
	}
}

func enrollForecastLines(key string, forecast operator.EnrollForecast) []string {
	var lines []string
	moment := func(t *time.Time) string { return momentIn(*t, forecast.Zone) }
	from := forecast.Account
	if len(forecast.AnyOf) > 1 {
		from = "any of " + strings.Join(forecast.AnyOf, ", ")
	}
	if forecast.LastFirst == nil {
		nobody := print.Agree(forecast.New, "The new contact would not", fmt.Sprintf("None of the %d new contacts would", forecast.New))
		lines = append(lines, fmt.Sprintf("%s be mailed from %s: starter forecast %s", nobody, from, key))
	} else {
		text := fmt.Sprintf("From %s the last first email would leave on %s", from, moment(forecast.LastFirst))
		if name := operator.LimitName(forecast.Limit); name != "" {
			text += ", which depends on: " + name
		}
		lines = append(lines, text+".")
		end := "The last email of " + key + " would leave on " + moment(forecast.Last)
		if forecast.Likely != nil && forecast.Likely.Before(*forecast.Last) {
			end = fmt.Sprintf("The last email of %s would leave between %s, if as many people stop as so far, and %s, if nobody does", key, moment(forecast.Likely), moment(forecast.Last))
		}
		if late := lateText(forecast.LateSeconds); late != "-" {
			end += "; its follow-ups would be up to " + late + " late"
		}
		lines = append(lines, end+".")
	}
	if forecast.Remain > 0 {
		lines = append(lines, fmt.Sprintf("%s would not have had the first email by %s.", print.Plural(forecast.Remain, "contact"), forecast.Until.Format(time.DateOnly)))
	}
	for _, other := range forecast.Others {
		lines = append(lines, heldUpText(other, forecast.Zone))
	}
	return lines
}

// heldUpText says what the new contacts do to another campaign.
func heldUpText(other operator.HeldUp, zone string) string {
	var parts []string
	if other.LateAfter-other.LateBefore >= 60 {
		parts = append(parts, fmt.Sprintf("its latest follow-up from %s to %s late", orNothing(lateText(other.LateBefore)), lateText(other.LateAfter)))
	}
	later := func(what string, before, after *time.Time) {
		if after == nil {
			parts = append(parts, what+" would not leave")
			return
		}
		parts = append(parts, fmt.Sprintf("%s from %s to %s", what, momentIn(*before, zone), momentIn(*after, zone)))
	}
	if other.LastFirstLater() {
		later("its last first email", other.LastFirstBefore, other.LastFirstAfter)
	}
	if other.LastLater() {
		later("its last email", other.LastBefore, other.LastAfter)
	}
	return other.Campaign + " would be held up: " + strings.Join(parts, ", ") + "."
}

func orNothing(late string) string {
	if late == "-" {
		return "not at all"
	}
	return late
}
