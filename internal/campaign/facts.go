package campaign

import (
	"errors"
	"time"

	"relance/internal/failure"
	"relance/internal/pace"
)

// Facts is everything that PostgreSQL holds about one attempt, read at one moment.
type Facts struct {
	EnrollmentID int64
	Status       Status
	// ParkID is the number of the enrollment's last park, open or not; 0 when none.
	ParkID   int
	Campaign Campaign
	Contact  Contact
	Owner    User
	// Account is the sender of this contact; nil when there is none.
	Account *EmailAccount
	// Candidates are the campaign's senders, in order, for a contact that has none of its
	// own yet: see Unbound.
	Candidates []Candidate
	Billing    Billing
	// Bounced is true when the contact's address has hard bounced, with the
	// server's words in BounceReason.
	Bounced      bool
	BounceReason string
	// BounceWords are who says what in it; nil when nobody knows.
	BounceWords *failure.Words
	// Delivery is the step's row of the ledger that counts: the one that was sent,
	// else the latest visit, from the attempt's own on; nil when there is none yet.
	Delivery *Delivery
	// Sendings are the emails that this enrollment has already had, oldest first, by the ids
	// that their steps have now.
	Sendings []Sending
	// Had are all messages that it has had, oldest first, by the ids of the ledger.
	Had []Sending
	// VisitBase is the last visit of the rounds before, when it has been enrolled again; 0 in
	// the first. What was delivered in a visit up to it is of those rounds: Had and Delivery are without it.
	VisitBase int
	// StepID and StepIndex are where its row stands, and Began when it was started.
	StepID    string
	StepIndex int
	Began     time.Time
	// Calendar is the workspace's.
	Calendar pace.Calendar
	Turn     Turn
	// DueAt is when the wait before the step was over, as the attempt says, or the moment of the edit of which the
	// enrollment was signalled, when that came later.
	DueAt time.Time
	// Mailbox is the one of those to which the contact may answer that has been read least: its
	// sender's, and that of each sender from which it was moved. Nil when none is read.
	Mailbox *Mailbox
	// Away is the person's absence; zero when there is none.
	Away Away
	// Suppressed is true when the contact's address, or its domain, is suppressed;
	// SuppressedBy says by what.
	Suppressed   bool
	SuppressedBy string
	// Now is the clock of PostgreSQL.
	Now time.Time
}

// Finding is the outcome of checking the facts: nothing (go on), or one of
// paused, an end, wait, a place in the line, problem.
type Finding struct {
	Paused  bool
	Stop    *Stop
	Until   time.Time
	Place   *Place
	Problem *failure.Problem
}

// Clear is true when the step can be done.
func (f Finding) Clear() bool {
	return !f.Paused && f.Stop == nil && f.Until.IsZero() && f.Place == nil && f.Problem == nil
}

// InError is true when it puts the contact in error; anything else only holds the step.
func (f Finding) InError() bool { return f.Problem != nil }

// CheckEmail finds what keeps an email step from being sent. It looks at the
// campaign first, then at the sender, the contact and the plan, so that the
// note always names the widest cause. Whether the texts can be rendered is
// checked by the caller, between the contact and the plan.
func CheckEmail(facts Facts, render func() error) Finding {
	if facts.Suppressed {
		return Finding{Stop: &Stop{By: Suppressed, Reason: "The contact's address is suppressed: " + facts.SuppressedBy + "."}}
	}
	if facts.Campaign.Paused {
		return Finding{Paused: true}
	}
	if problem := senderProblem(facts); problem != nil {
		return Finding{Problem: problem}
	}
	if problem := recipientProblem(facts); problem != nil {
		return Finding{Problem: problem}
	}
	if err := render(); err != nil {
		return Finding{Problem: Unrenderable(facts, err)}
	}
	if held := facts.Delivery != nil && facts.Delivery.CostsCredit; !held && !facts.Billing.Unlimited && facts.Billing.Credits <= 0 {
		return Finding{Problem: &failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}}}
	}
	return CheckTurn(facts)
}

// CheckSMS finds what keeps an SMS to the owner from being sent.
func CheckSMS(facts Facts, render func() error) Finding {
	if facts.Campaign.Paused {
		return Finding{Paused: true}
	}
	if facts.Owner.Phone == "" {
		return Finding{Problem: &failure.Problem{
			Code: failure.OwnerHasNoPhone, Detail: facts.Owner.Name, Words: failure.Ours(facts.Owner.Name),
			Causes: []failure.Cause{failure.OwnerPhone(facts.Owner.Key)},
		}}
	}
	if err := render(); err != nil {
		return Finding{Problem: Unrenderable(facts, err)}
	}
	return Finding{}
}

// MissingValue is an error of rendering that knows which variable the contact
// has no value for.
type MissingValue interface {
	error
	// MissingVariable is its name; empty when something else is wrong.
	MissingVariable() string
}

// Unrenderable is the problem of a message whose template cannot be filled for this contact.
func Unrenderable(facts Facts, err error) *failure.Problem {
	variable := ""
	if missing := MissingValue(nil); errors.As(err, &missing) {
		variable = missing.MissingVariable()
	}
	return &failure.Problem{
		Code: failure.MessageCannotBeRendered, Detail: err.Error(), Words: failure.Ours(err.Error()), Variable: variable,
		Causes: []failure.Cause{failure.ContactFields(facts.Contact.ID), failure.CampaignSteps(facts.Campaign.Key)},
	}
}

func senderProblem(facts Facts) *failure.Problem {
	sender := failure.CampaignSender(facts.Campaign.Key)
	if facts.Account == nil && facts.Unbound() {
		return NobodySends(facts)
	}
	if facts.Account == nil {
		return &failure.Problem{Code: failure.OwnerHasNoSendingAddress, Causes: []failure.Cause{sender}}
	}
	account := failure.EmailAccount(facts.Account.Address)
	switch facts.Account.Status {
	case AccountConnected:
		return nil
	case AccountRemoved:
		return &failure.Problem{
			Code: failure.EmailAccountDisconnected, Detail: facts.Account.Address, Words: failure.Ours(facts.Account.Address),
			Causes: []failure.Cause{account, sender},
		}
	case AccountInError:
		return &failure.Problem{
			Code: failure.EmailAccountInError, Detail: facts.Account.Address + ": " + facts.Account.Reason, Words: facts.Account.Words.About(facts.Account.Address),
			Causes: []failure.Cause{account, sender},
		}
	}
	return nil
}

func recipientProblem(facts Facts) *failure.Problem {
	causes := []failure.Cause{failure.ContactEmail(facts.Contact.ID)}
	if facts.Contact.Email == "" {
		return &failure.Problem{Code: failure.ContactHasNoEmail, Causes: causes}
	}
	if facts.Bounced {
		return &failure.Problem{Code: failure.EmailAlreadyBounced, Detail: facts.BounceReason, Words: facts.BounceWords, Causes: causes}
	}
	return nil
}
