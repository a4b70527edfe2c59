package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// edition is a campaign as an operator has edited it: which messages it has beside the first
// and the follow-up, how long the wait between them is, and when it may send.
type edition struct {
	wait         string
	extra, third bool
	window       string // of the workspace file; empty for any time
}

// campaignText is the campaign of a lane in a workspace file.
func campaignText(one lane, e edition) string {
	var text strings.Builder
	fmt.Fprintf(&text, "  - key: %s\n    name: Lab %s\n    owner: %s\n    sender: %s\n", campaignOf(one.name), one.name, ownerOf(one.name), accountOf(one.name))
	if e.window != "" {
		fmt.Fprintf(&text, "    window: %s\n", e.window)
	}
	text.WriteString("    steps:\n")
	text.WriteString(`      - {id: intro, email: {subject: "Hello {{ first_name }}", body: "Hi {{ first_name }}, this is the first one."}}` + "\n")
	if e.extra {
		text.WriteString("      - wait: 1s\n" + `      - {id: extra, email: {reply_to: intro, body: "One more, {{ first_name }}."}}` + "\n")
	}
	fmt.Fprintf(&text, "      - wait: %s\n", e.wait)
	text.WriteString(`      - {id: follow-up, email: {reply_to: intro, body: "And this, {{ first_name }}, the second."}}` + "\n")
	if e.third {
		text.WriteString("      - wait: 3s\n" + `      - {id: third, email: {reply_to: intro, body: "The last one, {{ first_name }}."}}` + "\n")
	}
	if !one.read && !one.edited {
		text.WriteString(`      - {id: tell, sms: {text: "{{ first_name }} is through"}}` + "\n")
	}
	return text.String()
}

// longestWait is the longest that there is in any edition.
const longestWait = 6 * time.Second

// editCampaigns inserts a step, removes one, shortens and lengthens the wait, as it is drawn,
// while contacts stand before, at and behind them.
func editCampaigns(ctx context.Context, o *operator, _ string) {
	for _, one := range o.lanes.that(isEdited) {
		o.edit(ctx, one, edition{
			wait:  []string{"1s", "2s", "3s", longestWait.String()}[o.random.IntN(4)],
			extra: o.random.IntN(2) == 0,
			third: o.random.IntN(2) == 0,
		})
	}
}

// closeWindows gives campaigns a window that closes, or opens, at the next full minute, and
// takes it away again when it has.
func closeWindows(ctx context.Context, o *operator, _ string) {
	for _, one := range o.lanes.that(isPaced) {
		times, closes := aroundNextMinute(time.Now().UTC())
		wait := "3s"
		o.edit(ctx, one, edition{wait: wait, window: fmt.Sprintf(`{days: [mon, tue, wed, thu, fri, sat, sun], from: %q, to: %q, timezone: UTC, holidays: none}`, times.from, times.to)})
		pause(ctx, time.Until(closes)+3*time.Second)
		o.edit(ctx, one, edition{wait: wait})
	}
}

func (o *operator) edit(ctx context.Context, one lane, e edition) {
	rule := windowRule(e.window)
	o.paces.beginWindow(one.name, rule)
	if o.run(ctx, "campaigns:\n"+campaignText(one, e), "apply", "-f", "-") {
		o.paces.over(o.paces.windows[one.name])
	}
}
