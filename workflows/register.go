package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register registers the workflows with a worker or a replayer; `starter reconcile`
// runs such a worker while it queries enrollments.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(Enrollment, workflow.RegisterOptions{Name: EnrollmentType})
	registry.RegisterWorkflowWithOptions(EnrollContacts, workflow.RegisterOptions{Name: EnrollContactsType})
	registry.RegisterWorkflowWithOptions(WakeContacts, workflow.RegisterOptions{Name: WakeContactsType})
	registry.RegisterWorkflowWithOptions(GiveTurns, workflow.RegisterOptions{Name: GiveTurnsType})
	registry.RegisterWorkflowWithOptions(Mailbox, workflow.RegisterOptions{Name: MailboxType})
	registry.RegisterWorkflowWithOptions(TendMailboxes, workflow.RegisterOptions{Name: TendMailboxesType})
	registry.RegisterWorkflowWithOptions(WatchEnrollments, workflow.RegisterOptions{Name: WatchEnrollmentsType})
}
