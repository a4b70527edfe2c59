package store

import (
	"fmt"
	"strings"

	"relance/internal/campaign"
)

// NotEligible refuses a request that names a contact with nothing to
// resume or to end. It wraps ErrRefused.
type NotEligible struct {
	// Kind is OutboxResume or OutboxDisenroll.
	Kind      campaign.OutboxKind
	Selection Selection
	// Assume is the answer that the resume brings; empty without one.
	Assume    campaign.Assume
	ContactID int64
	// Enrollments are the contact's in the campaigns of the selection, as they
	// are now; none when the contact is not enrolled there.
	Enrollments []Match
}

// Unwrap makes it a refusal.
func (*NotEligible) Unwrap() error { return ErrRefused }

// Error names the contact and says of each enrollment why it does not serve.
func (e *NotEligible) Error() string {
	who := fmt.Sprintf("contact %d", e.ContactID)
	if len(e.Enrollments) == 0 {
		if e.Selection.Campaign != "" {
			return fmt.Sprintf("%s is not enrolled in %s", who, e.Selection.Campaign)
		}
		return who + " is not enrolled in any campaign"
	}
	first := e.Enrollments[0]
	if name := strings.TrimSpace(first.FirstName + " " + first.LastName); name != "" {
		who += " (" + name + ")"
	}
	reasons := make([]string, len(e.Enrollments))
	for i, one := range e.Enrollments {
		switch {
		case i == 0:
			reasons[i] = e.reason(one)
		case e.hasNoPark(one) && e.hasNoPark(first): // said once for all campaigns
			reasons[i] = fmt.Sprintf("%s in %s", one.Status, one.Campaign)
		default:
			reasons[i] = "it " + e.reason(one)
		}
	}
	return who + " " + strings.Join(reasons, ", ")
}

// hasNoPark is true when there is nothing to resume.
func (e *NotEligible) hasNoPark(one Match) bool {
	return e.Kind == campaign.OutboxResume && one.Status != campaign.InError
}

func (e *NotEligible) reason(one Match) string {
	switch {
	case e.hasNoPark(one):
		return fmt.Sprintf("is not in error: it is %s in %s", one.Status, one.Campaign)
	case e.Kind == campaign.OutboxResume && e.Assume != "":
		return fmt.Sprintf("is in error with %s in %s; an answer is for DeliveryUncertain only", one.Code, one.Campaign)
	case e.Kind == campaign.OutboxResume:
		return fmt.Sprintf("is in error with %s in %s, not with %s", one.Code, one.Campaign, e.Selection.Code)
	case one.Status.Ended():
		return fmt.Sprintf("is %s in %s already", one.Status, one.Campaign)
	}
	return fmt.Sprintf("is %s in %s, not in error with %s", one.Status, one.Campaign, e.Selection.Code)
}
