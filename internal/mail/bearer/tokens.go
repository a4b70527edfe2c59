package bearer

import (
	"context"

	"relance/internal/campaign"
)

// Tokens gives the access token of an account. rejected is the token that a server has just
// refused, empty at first: then another one is returned, or the same if there is no other. A
// *Denied when only a person can get one again.
type Tokens func(ctx context.Context, address string, rejected campaign.Secret) (campaign.Secret, error)

// Denied says that the provider gives no token for an account any more: its owner has to consent
// again.
type Denied struct {
	Address, Provider string
	// Code is the provider's (RFC 6749 §5.2): usually invalid_grant.
	Code string
	// Why is the sentence, in the provider's words.
	Why string
}

func (e *Denied) Error() string { return e.Why + "; connect it again: " + e.Fix() }

// Fix is the command that mends it.
func (e *Denied) Fix() string {
	return "starter email-account connect " + e.Address + " --provider " + e.Provider
}
