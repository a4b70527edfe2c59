package operator

import (
	"fmt"
	"time"

	"relance/internal/failure"
	"relance/internal/store"
)

// Ended says how, and when, the workflow of an enrollment was ended from outside.
type Ended = store.Ended

// endedItem is an enrollment that was not in error when its workflow was ended.
func endedItem(row store.EndedRow, webURL func(string) string) InError {
	return inError(store.ErrorRow{
		Contact: row.Contact, Campaign: row.Campaign, StepID: row.StepID, StepIndex: row.StepIndex, Since: row.Ended.NoticedAt,
		Problem: failure.Problem{
			Code: failure.WorkflowEnded, Detail: fmt.Sprintf("it %s, when the contact was %s", endedText(row.Ended), row.Status),
		},
		Ended: &row.Ended,
	}, webURL)
}

// startAgain has an item say what comes before everything else: its workflow was
// ended, and no fix reaches it before it is started again.
func (i *InError) startAgain(ended Ended) {
	ended.NoticedAt = ended.NoticedAt.UTC()
	if ended.ClosedAt != nil {
		closed := ended.ClosedAt.UTC()
		ended.ClosedAt = &closed
	}
	i.Ended, i.NextCommand = &ended, failure.ReconcileCommand(i.Campaign, i.ContactID)
	if i.Code != failure.WorkflowEnded {
		i.HowToFix = "Its workflow " + endedText(ended) + ": start it again where it stood. Then: " + i.HowToFix
	}
}

// endedText is how a workflow was ended, as the end of a sentence: `was
// terminated at 2026-11-24T09:00:00Z`.
func endedText(ended Ended) string {
	if ended.ClosedAt == nil {
		return fmt.Sprintf("was %s; noticed at %s", ended.How, ended.NoticedAt.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("was %s at %s", ended.How, ended.ClosedAt.UTC().Format(time.RFC3339))
}
