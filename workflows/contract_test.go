package workflows_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/workflows"
)

// Other programs rely on these names. A change here breaks them, and every
// enrollment that is running: do not mend this test, mend the change.
func TestContractIsFrozen(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"relance", "Enrollment", "EnrollContacts", "WakeContacts", "resume", "disenroll", "unpause", "resume", "enrollment"},
		[]string{workflows.TaskQueue, workflows.EnrollmentType, workflows.EnrollContactsType, workflows.WakeContactsType,
			workflows.ResumeSignal, workflows.DisenrollSignal, workflows.UnpauseSignal, workflows.ResumeUpdate, workflows.EnrollmentQuery})
	require.Equal(t, []string{"EnrollmentStatus", "ErrorCode", "ErrorCause", "CampaignKey", "ContactId", "StepId", "ErrorSince"},
		[]string{workflows.EnrollmentStatus.GetName(), workflows.ErrorCode.GetName(), workflows.ErrorCause.GetName(), workflows.CampaignKey.GetName(),
			workflows.ContactID.GetName(), workflows.StepID.GetName(), workflows.ErrorSince.GetName()})
	require.Equal(t, "enrollment/q4-outreach/17", workflows.EnrollmentID("q4-outreach", 17))
	key, id, ok := workflows.ParseEnrollmentID("enrollment/q4-outreach/17")
	require.True(t, ok)
	require.Equal(t, "q4-outreach", key)
	require.EqualValues(t, 17, id)
	_, _, ok = workflows.ParseEnrollmentID("enrollment/q4-outreach")
	require.False(t, ok)

	payload, err := json.Marshal(campaign.Resume{ParkID: 2, FixID: "f", By: "maya", Note: "n", Assume: campaign.AssumeNotSent})
	require.NoError(t, err)
	require.JSONEq(t, `{"parkId":2,"fixId":"f","by":"maya","note":"n","assume":"not-sent"}`, string(payload))
	payload, err = json.Marshal(workflows.Disenroll{Reason: "r", By: "b"})
	require.NoError(t, err)
	require.JSONEq(t, `{"reason":"r","by":"b"}`, string(payload))
}

func TestCatalogueCodesAreFrozen(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, entry := range failure.Catalogue() {
		codes = append(codes, string(entry.Code))
	}
	require.Equal(t, []string{"EmailAccountDisconnected", "EmailAccountInError", "OwnerHasNoSendingAddress", "ContactHasNoEmail", "NoCreditsLeft",
		"SendingFailed", "EmailAlreadyBounced", "OwnerHasNoPhone", "DeliveryUncertain", "MessageCannotBeRendered"}, codes)
}
