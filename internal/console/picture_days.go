package console

import (
	"fmt"
	"time"

	"relance/internal/operator"
)

const daysShown = 30

// The measures of a picture, in units that are a pixel at 320 pixels.
const (
	pictureWidth = 320
	bandHeight   = 36 // of the highest bar
	bandLine     = 20 // of the line of text above it
	bandGap      = 10
	dayWidth     = 10
	dayMargin    = (pictureWidth - daysShown*dayWidth) / 2
)

// daysPicture is what has happened by day: a band of bars for each of three numbers.
// The bands stand under each other, so that nothing is known by its colour alone.
type daysPicture struct {
	// Of names what it is about.
	Of    string
	Days  []operator.Day
	Bands []dayBand
	Width, Height,
	// Axis is the height of the line with the days.
	Axis int
	First, Last time.Time
}

type dayBand struct {
	Name, Class string
	Total, Most int
	// MostOn is the day of the highest bar, if there is any.
	MostOn time.Time
	// Text is where its line of text stands, Base where its bars do.
	Text, Base int
	Bars       []bar
}

type bar struct{ X, Y, Width, Height int }

func pictureOfDays(days []operator.Day, of string) daysPicture {
	picture := daysPicture{Of: of, Days: days, Width: pictureWidth}
	if len(days) == 0 {
		return picture
	}
	picture.First, picture.Last = days[0].Day, days[len(days)-1].Day
	for _, number := range []struct {
		name, class string
		of          func(operator.Day) int
	}{
		{"Sent", "sent", func(d operator.Day) int { return d.Sent }},
		{"Went into error", "bad", func(d operator.Day) int { return d.InError }},
		{"Ended", "ended", func(d operator.Day) int { return d.Completed + d.Disenrolled }},
	} {
		picture.Height += bandLine
		band := dayBand{Name: number.name, Class: number.class, Text: picture.Height - 6, Base: picture.Height + bandHeight}
		picture.Height += bandHeight + bandGap
		for _, day := range days {
			n := number.of(day)
			if band.Total += n; n > band.Most {
				band.Most, band.MostOn = n, day.Day
			}
		}
		for i, day := range days {
			if n := number.of(day); n > 0 {
				height := max(n*bandHeight/band.Most, 2) // one of a million is seen
				band.Bars = append(band.Bars, bar{dayMargin + i*dayWidth + 1, band.Base - height, dayWidth - 2, height})
			}
		}
		picture.Bands = append(picture.Bands, band)
	}
	picture.Axis = picture.Height + 6
	picture.Height += bandLine - 8
	return picture
}

// Summary is the band in words.
func (b dayBand) Summary() string {
	if b.Total == 0 {
		return b.Name + ": none"
	}
	return fmt.Sprintf("%s: %s (most in a day: %s)", b.Name, number(b.Total), number(b.Most))
}
