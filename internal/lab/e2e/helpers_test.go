package e2e

import (
	"mime"

	"go.temporal.io/sdk/client"

	"relance/internal/campaign"
	"relance/workflows"
)

type mimeDecoder = mime.WordDecoder

func updateOf(campaignKey string, contactID int64, resume campaign.Resume) client.UpdateWorkflowOptions {
	return client.UpdateWorkflowOptions{
		WorkflowID: workflows.EnrollmentWorkflowID(campaignKey, contactID), UpdateName: workflows.ResumeUpdate,
		WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{resume},
	}
}
