package campaign_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func fine() campaign.Facts {
	return campaign.Facts{
		Status: campaign.Active, Now: now,
		Campaign: campaign.Campaign{Key: "q4", Owner: "maya", Sender: "maya@northwind.example"},
		Contact:  campaign.Contact{ID: 17, Email: "ada@contoso.example"},
		Owner:    campaign.User{Key: "maya", Phone: "+32475000001"},
		Account:  &campaign.EmailAccount{Address: "maya@northwind.example", Status: campaign.AccountConnected},
		Billing:  campaign.Billing{Unlimited: true},
	}
}

func renders() error { return nil }

func TestCheckEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*campaign.Facts)
		code   failure.Code
		causes []failure.Cause
	}{
		"fine":       {func(*campaign.Facts) {}, "", nil},
		"no sender":  {func(f *campaign.Facts) { f.Account = nil }, failure.OwnerHasNoSendingAddress, []failure.Cause{"campaign:q4/sender"}},
		"removed":    {func(f *campaign.Facts) { f.Account.Status = campaign.AccountRemoved }, failure.EmailAccountDisconnected, []failure.Cause{"email_account:maya@northwind.example", "campaign:q4/sender"}},
		"in error":   {func(f *campaign.Facts) { f.Account.Status = campaign.AccountInError }, failure.EmailAccountInError, []failure.Cause{"email_account:maya@northwind.example", "campaign:q4/sender"}},
		"no address": {func(f *campaign.Facts) { f.Contact.Email = "" }, failure.ContactHasNoEmail, []failure.Cause{"contact:17/email"}},
		"bounced":    {func(f *campaign.Facts) { f.Bounced = true }, failure.EmailAlreadyBounced, []failure.Cause{"contact:17/email"}},
		"no credits": {func(f *campaign.Facts) { f.Billing = campaign.Billing{} }, failure.NoCreditsLeft, []failure.Cause{"plan"}},
		"a credit is held already": {func(f *campaign.Facts) {
			f.Billing, f.Delivery = campaign.Billing{}, &campaign.Delivery{Draft: campaign.Draft{CostsCredit: true}}
		}, "", nil},
		"the sender before the contact": {func(f *campaign.Facts) { f.Account, f.Contact.Email = nil, "" }, failure.OwnerHasNoSendingAddress, []failure.Cause{"campaign:q4/sender"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := fine()
			c.change(&facts)
			finding := campaign.CheckEmail(facts, renders)
			if c.code == "" {
				require.True(t, finding.Clear())
				return
			}
			require.Equal(t, c.code, finding.Problem.Code)
			require.Equal(t, c.causes, finding.Problem.Causes)
		})
	}
}

func TestWaitingIsNotAnError(t *testing.T) {
	t.Parallel()
	facts := fine()
	facts.Account.RestingUntil = now.Add(time.Hour)
	require.Equal(t, campaign.Finding{Until: now.Add(time.Hour)}, campaign.CheckEmail(facts, renders))
	facts.Account.RestingUntil = now.Add(-time.Hour)
	require.True(t, campaign.CheckEmail(facts, renders).Clear())
	facts.Campaign.Paused, facts.Account = true, nil
	require.Equal(t, campaign.Finding{Paused: true}, campaign.CheckEmail(facts, renders), "a paused campaign asks for nothing")
	require.Equal(t, campaign.Finding{Paused: true}, campaign.CheckSMS(facts, renders))
}

func TestUnrenderableNamesContactAndCampaign(t *testing.T) {
	t.Parallel()
	finding := campaign.CheckEmail(fine(), func() error { return errors.New("the body names {{ company }}") })
	require.Equal(t, failure.MessageCannotBeRendered, finding.Problem.Code)
	require.Equal(t, []failure.Cause{"contact:17/fields", "campaign:q4/steps"}, finding.Problem.Causes)
	require.Contains(t, finding.Problem.Message(), "{{ company }}")
}

func TestCheckSMSNeedsAPhone(t *testing.T) {
	t.Parallel()
	facts := fine()
	require.True(t, campaign.CheckSMS(facts, renders).Clear())
	facts.Owner.Phone = ""
	require.Equal(t, []failure.Cause{"user:maya/phone"}, campaign.CheckSMS(facts, renders).Problem.Causes)
}

func TestNextAfter(t *testing.T) {
	t.Parallel()
	steps := []campaign.Plan{
		{ID: "a", Kind: campaign.Email}, {ID: "w", Kind: campaign.Wait, Wait: time.Hour}, {ID: "b", Kind: campaign.SMS}, {ID: "end", Kind: campaign.Wait, Wait: time.Hour},
	}
	require.Equal(t, campaign.Next{StepID: "a"}, campaign.NextAfter(steps, -1))
	require.Equal(t, campaign.Next{StepID: "w", StepIndex: 1, Wait: time.Hour}, campaign.NextAfter(steps, 0))
	require.Equal(t, campaign.Next{StepID: "b", StepIndex: 2}, campaign.NextAfter(steps, 1))
	require.Equal(t, campaign.Next{Completed: true}, campaign.NextAfter(steps, 2), "a wait that nothing follows is not waited for")
	require.Equal(t, campaign.Next{Completed: true}, campaign.NextAfter(nil, -1))
}

func TestThreadRoot(t *testing.T) {
	t.Parallel()
	of := campaign.Campaign{Steps: []campaign.Step{{ID: "a"}, {ID: "b", ReplyTo: "a"}, {ID: "c", ReplyTo: "b"}, {ID: "x", ReplyTo: "x"}}}
	require.Equal(t, "a", of.ThreadRoot(of.Steps[2]).ID)
	require.Equal(t, "x", of.ThreadRoot(of.Steps[3]).ID, "a circle ends")
}

func TestASecretDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	account := campaign.EmailAccount{SMTP: campaign.SMTP{Password: "hunter2"}}
	text, err := json.Marshal(account)
	require.NoError(t, err)
	for _, printed := range []string{string(text), fmt.Sprintf("%v", account), fmt.Sprintf("%+v", account), fmt.Sprintf("%#v", account), fmt.Sprint(account.SMTP.Password)} {
		require.NotContains(t, printed, "hunter2")
	}
}

func TestOnlyMessagesSend(t *testing.T) {
	t.Parallel()
	sends := map[campaign.Kind]bool{campaign.Email: true, campaign.SMS: true, campaign.Wait: false}
	require.Len(t, campaign.Kinds(), len(sends))
	for _, kind := range campaign.Kinds() {
		require.Equal(t, sends[kind], campaign.Plan{Kind: kind}.Sends(), kind)
	}
	require.False(t, campaign.Kind("condition").Sends(), "what is not known is not sent")
}

func TestAPositionOnlyGrows(t *testing.T) {
	t.Parallel()
	kinds := campaign.Kinds()
	for n := range 81 { // every list of four steps
		var plans []campaign.Plan
		for rest := n; len(plans) < 4; rest /= len(kinds) {
			plans = append(plans, campaign.Plan{ID: string(rune('a' + len(plans))), Kind: kinds[rest%len(kinds)]})
		}
		for at := -1; at < len(plans); at++ {
			if next := campaign.NextAfter(plans, at); !next.Completed {
				require.Greater(t, next.StepIndex, at, "%v", plans)
			}
		}
	}
}
