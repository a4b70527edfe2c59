package campaign_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

type missing string

func (missing) Error() string             { return "whatever it says" }
func (m missing) MissingVariable() string { return string(m) }

func TestAMissingVariableIsAFieldOfTheProblem(t *testing.T) {
	t.Parallel()
	facts := campaign.Facts{Contact: campaign.Contact{ID: 17}, Campaign: campaign.Campaign{Key: "q4"}, Owner: campaign.User{Phone: "+32475000001"}}
	for want, err := range map[string]error{"city": fmt.Errorf("sms: %w", missing("city")), "": errors.New("the text is not a valid template")} {
		problem := campaign.CheckSMS(facts, func() error { return err }).Problem
		require.Equal(t, failure.Problem{
			Code: failure.MessageCannotBeRendered, Detail: err.Error(), Words: failure.Ours(err.Error()), Variable: want,
			Causes: []failure.Cause{failure.ContactFields(17), failure.CampaignSteps("q4")},
		}, *problem)
	}
}
