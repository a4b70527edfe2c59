package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// publish makes the status visible to lists: the search attributes. It writes
// nothing when they say so already, so that the straight way through a
// campaign costs no event for them.
func (e *enrollment) publish(ctx workflow.Context, status campaign.Status) {
	if status == e.Published && e.StepID == e.PublishedStep && status != campaign.InError {
		return
	}
	updates := []temporal.SearchAttributeUpdate{Attr.EnrollmentStatus.ValueSet(string(status))}
	if e.StepID != e.PublishedStep { // each costs its bytes in the history
		updates = append(updates, Attr.StepID.ValueSet(e.StepID))
	}
	switch {
	case status == campaign.InError:
		updates = append(updates, Attr.ErrorCode.ValueSet(string(e.Park.Problem.Code)),
			Attr.ErrorCause.ValueSet(e.Park.Problem.Cause().Thing()), Attr.ErrorSince.ValueSet(e.Park.Since.Truncate(time.Second)))
	case e.Published == campaign.InError:
		updates = append(updates, Attr.ErrorCode.ValueUnset(), Attr.ErrorCause.ValueUnset(), Attr.ErrorSince.ValueUnset())
		workflow.SetCurrentDetails(ctx, "") // else they would outlive a wait at the step
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		e.log.Error("the search attributes were not written", "error", err)
		return
	}
	e.Published, e.PublishedStep = status, e.StepID
}

// publishedAtStart reads the search attributes set by the start of this run.
func publishedAtStart(ctx workflow.Context) (status campaign.Status, stepID string) {
	shown := workflow.GetTypedSearchAttributes(ctx)
	stepID, _ = shown.GetKeyword(Attr.StepID)
	if word, ok := shown.GetKeyword(Attr.EnrollmentStatus); ok {
		return campaign.Status(word), stepID
	}
	return campaign.Active, stepID
}

// clearError takes back what a park has published, once its step has
// succeeded. What follows at once, a wait or the end, publishes its own status.
func (e *enrollment) clearError(ctx workflow.Context) {
	if !e.clearDetails(ctx) {
		return
	}
	next := campaign.NextAfter(e.input.Steps, e.StepIndex-1)
	if !next.Completed && e.input.Steps[next.StepIndex].Sends() {
		e.StepID = next.StepID
		e.publish(ctx, campaign.Active)
	}
}

// clearDetails takes back the text of a park or a pause; false when there was none.
func (e *enrollment) clearDetails(ctx workflow.Context) bool {
	if e.Published != campaign.InError && e.Published != campaign.Paused {
		return false
	}
	workflow.SetCurrentDetails(ctx, "")
	return true
}

// describe writes the current details of an open park, in plain words, for the
// workflow's page in the Web UI.
func (e *enrollment) describe(ctx workflow.Context) {
	if e.Park != nil {
		workflow.SetCurrentDetails(ctx, details(*e.Park, e.input.CampaignKey, e.input.ContactID, e.StepID))
	}
}

func details(parked failure.Parked, campaignKey string, contactID int64, stepID string) string {
	entry := parked.Problem.Code.Entry()
	var text strings.Builder
	fmt.Fprintf(&text, "### In error in step `%s`: %s\n\n", stepID, entry.Title)
	fmt.Fprintf(&text, "**Why:** %s\n\n", plainText(parked.Problem.Reason()))
	fmt.Fprintf(&text, "**How to fix:** %s\n\n", plainText(entry.HowToFix))
	fmt.Fprintf(&text, "```\n%s\n```\n\n", failure.NextCommand(parked.Problem, campaignKey, contactID, false))
	if entry.Code == failure.EmailAccountDisconnected { // the workflow does not know its campaign
		fmt.Fprintf(&text, "Of several senders: `starter campaign move-sender %s`, which leaves the campaign the others.\n\n", campaignKey)
	}
	fmt.Fprintf(&text, "Code `%s`, park %d, since %s. ", entry.Code, parked.ParkID, parked.Since.UTC().Format(time.RFC3339))
	if entry.ByHand {
		text.WriteString("It goes on when it is resumed.")
	} else {
		text.WriteString("It goes on by itself when this is fixed.")
	}
	return text.String()
}

// plainText keeps a server's words, and our dashes, from being read as markdown.
var plainText = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "<", "&lt;", "#", `\#`, "--", `\-\-`).Replace
