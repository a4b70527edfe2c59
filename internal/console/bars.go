package console

import (
	"strconv"
	"strings"
	"time"

	"relance/internal/operator"
)

// bars is a small picture of how many were sent by day: the numbers stand beside it.
type bars struct {
	Width, Height, Base int
	Bars                []bar
	Total, Today, Most  int
	MostAt              time.Time
	// Label has every day, for those who do not see it.
	Label string
}

// Sizes of the picture, in its own units.
const (
	barWidth  = 8
	barGap    = 2
	barHeight = 36
)

// newBars draws the days, the oldest first. Each picture has its own scale; a day with
// any has a bar that can be seen.
func newBars(days []operator.SentDay) bars {
	picture := bars{Width: len(days) * (barWidth + barGap), Height: barHeight + 2, Base: barHeight + 1}
	for _, day := range days {
		picture.Total += day.Sent
		if day.Sent > picture.Most {
			picture.Most, picture.MostAt = day.Sent, day.Day
		}
		picture.Today = day.Sent
	}
	var label []string
	for i, day := range days {
		high := 0
		if day.Sent > 0 {
			high = max(2, day.Sent*barHeight/picture.Most)
		}
		picture.Bars = append(picture.Bars, bar{X: i * (barWidth + barGap), Y: barHeight - high, Width: barWidth, Height: high})
		label = append(label, day.Day.Format("2 Jan")+" "+strconv.Itoa(day.Sent))
	}
	picture.Label = strings.Join(label, ", ")
	return picture
}
