package wakeups

import (
	"relance/activities"
	"relance/internal/campaign"
)

// sender is the part of a worker that sends.
type sender struct {
	emails *activities.Emails
	texts  *activities.Texts
}

// newSender makes one that calls between before everything that it does.
func newSender(w *world, between func()) sender {
	held := ledger{w.Store, w, between}
	return sender{
		emails: &activities.Emails{Ledger: held, Postman: mailServers{w.post, between}},
		texts:  &activities.Texts{Ledger: held, Texter: smsProvider{w.post, between}},
	}
}

// how runs an activity: run or runFirst.
type how func(activitySet, activity any, input ...any) (activities.Result, error)

func (s sender) execute(how how, plan campaign.Plan, attempt campaign.Attempt) (activities.Result, error) {
	switch plan.Kind {
	case campaign.Email:
		return how(s.emails, s.emails.SendEmail, attempt)
	case campaign.SMS:
		return how(s.texts, s.texts.SendSMS, attempt)
	case campaign.Wait:
	}
	panic("a step of the kind " + string(plan.Kind) + " sends nothing")
}
