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
	// window is when the campaign may send; the zero value is any time.
	window paceRule
}

// unedited is the edition of a campaign that nobody has edited: of a lane's at first, and of its small one.
func (one lane) unedited() edition {
	return edition{window: inAnyHour, wait: "3s", third: one.read || one.edited && !one.paced}
}

// campaignsText are the campaigns of a lane in a workspace file.
func campaignsText(one lane, e edition) string {
	text := campaignText(one, campaignOf(one.name), e)
	if one.small {
		text += campaignText(one, smallOf(one.name), one.unedited())
	}
	return text
}

func campaignText(one lane, key string, e edition) string {
	var text strings.Builder
	fmt.Fprintf(&text, "  - key: %s\n    name: Lab %s\n    owner: %s\n", key, one.name, ownerOf(one.name))
	if one.more > 0 {
		fmt.Fprintf(&text, "    senders: [%s]\n", strings.Join(one.senders(), ", "))
	} else {
		fmt.Fprintf(&text, "    sender: %s\n", accountOf(one.name))
	}
	if hours := e.window.hours; hours != (clockTimes{}) {
		fmt.Fprintf(&text, "    window: {days: [mon, tue, wed, thu, fri, sat, sun], from: %q, to: %q, timezone: %s, holidays: none}\n", hours.from, hours.to, e.window.zone)
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
// while contacts stand before, at and behind them. Who had completed a campaign without a pace when its last message was added is
// taken on: the workflow of some is about to end (law 2). With a pace they would be follow-ups that have been due for long.
func editCampaigns(ctx context.Context, o *operator, _ string) {
	if !o.isUpgraded() {
		return
	}
	for _, one := range o.lanes.that(isEdited) {
		wait, extra, third := []string{"1s", "2s", "3s", longestWait.String()}[o.random.IntN(4)], o.random.IntN(2) == 0, o.random.IntN(2) == 0
		o.edit(ctx, one, func(e *edition) { e.wait, e.extra, e.third = wait, extra, third })
		if third && !one.paced {
			o.run(ctx, "", "enroll", campaignOf(one.name), "--continue", "--wait=false")
		}
	}
}

// edit changes a campaign in one part; whatever somebody else has made of the others stays.
func (o *operator) edit(ctx context.Context, one lane, change func(*edition)) {
	only := []string{campaignOf(one.name)}
	if one.more > 0 { // a campaign cannot be given a sender that is removed meanwhile
		only = append(only, one.senders()...)
	}
	defer o.alone(only...)()
	e := o.edition(one)
	before := e.window
	change(&e)
	o.mu.Lock()
	o.editions[one.name] = e
	o.mu.Unlock()
	if e.window != before {
		o.paces.begin(campaignOf(one.name), e.window)
	}
	if o.surely(ctx, "campaigns:\n"+campaignsText(one, e), "apply", "-f", "-") {
		o.paces.over(campaignOf(one.name))
	}
}

// edition is the campaign of a lane as it is now.
func (l *lab) edition(one lane) edition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.editions[one.name]
}
