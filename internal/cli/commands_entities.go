package cli

// entities are the commands for the things that the engine works with:
// workspaces, contacts, campaigns, email accounts, users, the plan, bounces.
var entities = []build{
	newContacts, newBounce,
	newApply, newCampaign, newEmailAccount, newUser, newPlan, newCredits,
}
