package cli

import "github.com/spf13/cobra"

// build makes one command of the program. It sets GroupID when it stands
// directly under `starter`.
type build func(*session) *cobra.Command

// The groups of `starter help`.
const (
	groupCore      = "core"
	groupContacts  = "contacts"
	groupConfigure = "configure"
	groupDiagnose  = "diagnose"
	groupOther     = "other"
)

var groups = []cobra.Group{
	{ID: groupCore, Title: "Every day:"},
	{ID: groupContacts, Title: "Contacts:"},
	{ID: groupConfigure, Title: "Configuration:"},
	{ID: groupDiagnose, Title: "Diagnosis:"},
	{ID: groupOther, Title: "Other:"},
}

// operations are the commands that run the engine.
var operations = []build{
	newEnroll, newStatus, newErrors, newResume, newDisenroll, newBackground,
	newTimeline, newActivity, newInbound, newExplain, newReconcile, newConsole,
	newPreview,
	newWhy, newForecast,
	newTestSend,
	newMigrate, newVersion,
}

// entities are the commands for the things that the engine works with:
// workspaces, contacts, campaigns, email accounts, users, the plan, bounces.
var entities = []build{
	newContacts, newBounce, newSuppression,
	newApply, newCampaign, newEmailAccount, newMailbox, newUser, newPlan, newCredits, newToken, newSchema,
}
