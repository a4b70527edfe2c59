package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register names the workflows to whatever runs or reads them: a worker, a
// replayer, and the CLI while it asks enrollments where they stand.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(Enrollment, workflow.RegisterOptions{Name: EnrollmentType})
	registry.RegisterWorkflowWithOptions(EnrollContacts, workflow.RegisterOptions{Name: EnrollContactsType})
	registry.RegisterWorkflowWithOptions(WakeContacts, workflow.RegisterOptions{Name: WakeContactsType})
}
