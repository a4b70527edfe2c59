package failure

import "fmt"

// WorkflowEnded is what `errors` shows of an enrollment whose workflow was ended
// from outside. It is no error that a step can park with, so the catalogue does
// not have it: nothing in the database is wrong, and no fix ends it.
const WorkflowEnded Code = "WorkflowEnded"

// EndedEntry describes WorkflowEnded as the catalogue describes its codes.
func EndedEntry() Entry {
	return Entry{
		Code: WorkflowEnded, Title: "Workflow ended from outside",
		Description: "The workflow of this enrollment was terminated, deleted or timed out, so nothing moves the contact on.",
		HowToFix:    "Start the workflow again where it stood; what was sent is not sent again.",
		ParksUntil:  "the workflow is started again",
	}
}

// ReconcileCommand is the `starter` line that starts the workflow of an
// enrollment again.
func ReconcileCommand(campaignKey string, contactID int64) string {
	return fmt.Sprintf("starter reconcile --apply --campaign %s --contact %d", campaignKey, contactID)
}

// ReconcileEndedCommand is the line that starts all of them again.
const ReconcileEndedCommand = "starter reconcile --apply --ended"
