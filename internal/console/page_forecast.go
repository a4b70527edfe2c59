package console

import (
	"fmt"
	"time"

	"relance/internal/operator"
)

// forecastView is what leaves when: of one campaign, or of one account.
type forecastView struct{ operator.Forecast }

// Weeks are the dates of an account, and then its weeks.
func (forecastView) Weeks(of operator.SenderForecast) []operator.ForecastSpan {
	return operator.ByWeek(of.Days)
}

// Ends is true when the end is a range.
func (f forecastView) Ends() bool {
	return f.Likely != nil && f.Latest != nil && f.Likely.Before(*f.Latest)
}

// whenInText is a moment on the clock of a zone, with its name.
func whenInText(t time.Time, zone string) string {
	text, err := operator.ClockOf(t, zone, "Mon 2 Jan 2006 15:04")
	if zone == "" || err != nil {
		return whenText(t)
	}
	return text
}

// lateText is how late something is, in its two largest units; empty for less than a minute.
func lateText(seconds int) string {
	switch minutes := seconds / 60; {
	case minutes < 1:
		return ""
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 24*60:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	default:
		return fmt.Sprintf("%d d %d h", minutes/60/24, minutes/60%24)
	}
}
