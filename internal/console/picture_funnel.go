package console

import (
	"fmt"

	"relance/internal/campaign"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

const (
	stepHeight = 56 // of a step: two lines of text and its bar
	stepBar    = 14
	stepMargin = 4
)

// funnelPicture is how far the contacts of a campaign have come: a bar for each step.
type funnelPicture struct {
	Steps []stepBars
	Width, Height,
	// Full is the length of a bar for everybody.
	Full, Margin, BarHeight int
}

// stepBars is one step: how many have reached it, and of these who is in error there.
type stepBars struct {
	Label, Numbers string
	// LabelAt and NumbersAt are where the text stands, Top is where the bar begins.
	LabelAt, NumbersAt, Top int
	// Reached and InError are lengths; the latter is hatched.
	Reached, InError int
}

func pictureOfSteps(steps []operator.Step, enrolled int) funnelPicture {
	picture := funnelPicture{Width: pictureWidth, Full: pictureWidth - 2*stepMargin, Margin: stepMargin, BarHeight: stepBar, Height: stepMargin}
	length := func(n int) int {
		if n <= 0 || enrolled <= 0 {
			return 0
		}
		return min(max(n*picture.Full/enrolled, 2), picture.Full)
	}
	for i, step := range steps {
		inError := step.Contacts[campaign.InError]
		picture.Steps = append(picture.Steps, stepBars{
			Label:   plaintext.Line(fmt.Sprintf("%d. %s (%s)", i+1, plaintext.Line(step.ID, 30), step.Kind), 45),
			Numbers: fmt.Sprintf("%s reached it, %s in error", number(step.Reached), number(inError)),
			LabelAt: picture.Height + 12, NumbersAt: picture.Height + 27, Top: picture.Height + 33,
			Reached: length(step.Reached), InError: length(inError),
		})
		picture.Height += stepHeight
	}
	return picture
}
