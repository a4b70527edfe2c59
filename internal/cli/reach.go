package cli

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/cli/print"
)

// reachText says what the edit of one step means for the contacts of a campaign.
func reachText(campaignKey string, r campaign.Reach) string {
	var parts []string
	add := func(count int, text string) {
		if count > 0 {
			parts = append(parts, fmt.Sprint(count, " ", text))
		}
	}
	past := print.Agree(r.Past, "has had it or is past it", "have had it or are past it")
	switch r.Edit {
	case campaign.EditRemoved:
		add(r.Skip, "will not get it")
		add(r.Past, past)
	case campaign.EditText:
		add(r.Get, "will get the new text")
		add(r.Past, past+", and will not")
	case campaign.EditRenamed:
		add(r.Get, "will get it by its new name")
		add(r.Past, past+", and will not get it again")
	case campaign.EditWait:
		add(r.Get, "will get it after the new wait, counted from the message before it")
		add(r.Past, past)
	case campaign.EditAdded, campaign.EditMoved:
		add(r.Get, "will get it")
		add(r.Past, print.Agree(r.Past, "is", "are")+" past it and will not")
	case campaign.EditPassed: // the rest get it as before
	}
	if r.Edit != campaign.EditRemoved {
		add(r.Skip, print.Agree(r.Skip, "stands", "stand")+" behind it now and will not get it")
	}
	due := print.Agree(r.DueAtOnce, "becomes", "become") + " due at once"
	if r.SpreadSeconds > 0 {
		due += ", and " + print.Agree(r.DueAtOnce, "leaves", "leave") + " over " + print.Span(time.Duration(r.SpreadSeconds)*time.Second) + " by pace and window"
	}
	add(r.DueAtOnce, due)
	add(r.Complete, print.Agree(r.Complete, "has nothing more to come, and completes", "have nothing more to come, and complete"))
	if r.Completed > 0 {
		parts = append(parts, fmt.Sprintf("%d had completed before and will not get it: `starter enroll %s --continue` takes %s on", r.Completed, campaignKey, print.Agree(r.Completed, "it", "them")))
	}
	if len(parts) == 0 {
		parts = []string{"no contact is concerned"}
	}
	return fmt.Sprintf("step %s, %s: %s", r.StepID, editWords[r.Edit], strings.Join(parts, "; "))
}

var editWords = map[campaign.EditKind]string{
	campaign.EditAdded: "added", campaign.EditRemoved: "removed", campaign.EditMoved: "moved",
	campaign.EditRenamed: "renamed", campaign.EditWait: "another wait before it", campaign.EditText: "another text",
	campaign.EditPassed: "not edited",
}
