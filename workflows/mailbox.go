package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// Mailbox reads the mailbox of one account, by one long activity after another. It ends when
// the account is not read any more, when another reader has it, and when only a person can
// mend what is wrong; TendMailboxes starts it again.
func Mailbox(ctx workflow.Context, input MailboxInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           MailboxTaskQueue,
		StartToCloseTimeout: activities.ReadFor + 10*time.Minute,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		Summary:             "read the mailbox of " + input.Address,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
	var mailboxes *activities.Mailboxes
	for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		var read activities.ReadResult
		err := workflow.ExecuteActivity(ctx, mailboxes.ReadMailbox, activities.ReadInput{Address: input.Address}).Get(ctx, &read)
		if err != nil || read.Over {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, MailboxType, input)
}

// TendMailboxes starts a Mailbox for every account that is read and that nobody reads, and
// forgets raw messages whose time is over. A schedule runs it every minute.
func TendMailboxes(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: WatchTimeout,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		Summary:             "see to it that every mailbox is read",
		// A worker of an earlier version does not know the activity: another is asked.
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second, MaximumAttempts: 5},
	})
	var mailboxes *activities.Mailboxes
	return workflow.ExecuteActivity(ctx, mailboxes.TendMailboxes).Get(ctx, nil)
}
