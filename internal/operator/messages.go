package operator

import (
	"context"

	"relance/internal/store"
	"relance/workflows"
)

// Message is a message of a contact that was sent, or that may have been.
type Message = store.Message

// Messages lists what was sent to a contact, the latest first: when, from, to and by
// which Message-ID, and never the text.
func (o *Operator) Messages(ctx context.Context, contactID int64) ([]Message, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	messages, err := db.Messages(ctx, contactID)
	for i := range messages {
		messages[i].At = messages[i].At.UTC()
	}
	return list(messages), err
}

// ContactVersion is a number that differs after each change of a contact, for
// ContactEdit.Version.
func (o *Operator) ContactVersion(ctx context.Context, id int64) (int64, error) {
	db, err := o.database(ctx)
	if err != nil {
		return 0, err
	}
	return db.ContactVersion(ctx, id)
}

// WorkflowPage is the address of an enrollment's workflow in the Temporal Web UI.
func (o *Operator) WorkflowPage(campaignKey string, contactID int64) (string, error) {
	webURL, err := o.webPages()
	if err != nil {
		return "", err
	}
	return webURL(workflows.EnrollmentWorkflowID(campaignKey, contactID)), nil
}
