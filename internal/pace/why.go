package pace

import "time"

// What can hold a mail back beside the limits of When, in the order in which Why lists
// them all: Ended, InError, CampaignPaused, Held, NotDue, CampaignWindow, Holiday,
// AccountInError, AccountRests, AccountHours, DayLimit, Gap, InLine, HasTurn, Retried.
const (
	Ended          Limit = "ended"
	InError        Limit = "in_error"
	CampaignPaused Limit = "campaign_paused"
	Held           Limit = "held"
	NotDue         Limit = "wait"
	Holiday        Limit = "holiday"
	AccountInError Limit = "account_in_error"
	AccountRests   Limit = "account_rests"
	InLine         Limit = "line"
	HasTurn        Limit = "turn"
	Retried        Limit = "retry"
)

// Facts are what is known of one contact's next mail.
type Facts struct {
	// Ended: the enrollment is over. InError: it is parked until somebody acts.
	Ended, InError bool
	// CampaignPaused: until somebody lets it go on.
	CampaignPaused bool
	// Held: the contact is away; HeldUntil is zero when nobody knows until when.
	Held      bool
	HeldUntil time.Time
	// Due is when the mail is due.
	Due time.Time
	// Window are the campaign's hours in the zone that counts for this contact.
	Window Hours
	// Sender is the account the mail leaves from; nil while it has none.
	Sender *Sender
	// Before is how many stand before it in line, Expected when it will leave as Walk
	// says; zero when that cannot be said.
	Before   int
	Expected time.Time
	// HasTurn: it is being sent. RetryAt is when a failed try is repeated.
	HasTurn bool
	RetryAt time.Time
}

// Why is all that holds a mail back at now, each with its end; the end is zero where a
// person has to act, or nobody knows. The first reason is the answer to "why not yet";
// without any the mail may leave now. An enrollment that has ended has no other reason.
func Why(now time.Time, f Facts) []Reason {
	if f.Ended {
		return []Reason{{Limit: Ended}}
	}
	var reasons []Reason
	when := func(holds bool, limit Limit, until time.Time) {
		if holds {
			reasons = append(reasons, Reason{limit, until})
		}
	}
	when(f.InError, InError, time.Time{})
	when(f.CampaignPaused, CampaignPaused, time.Time{})
	when(f.Held && (f.HeldUntil.IsZero() || f.HeldUntil.After(now)), Held, f.HeldUntil)
	when(f.Due.After(now), NotDue, f.Due)
	reasons = append(reasons, f.Window.closed(now)...)
	if f.Sender != nil {
		reasons = append(reasons, f.Sender.limits(now)...)
	}
	when(f.Before > 0, InLine, f.Expected)
	when(f.HasTurn, HasTurn, time.Time{})
	when(f.RetryAt.After(now), Retried, f.RetryAt)
	return reasons
}

// closed says why a window is closed: by the clock, up to when it would open but for
// holidays, and by a holiday, up to when it does open. The end is zero when there is none
// within Horizon.
func (h Hours) closed(now time.Time) []Reason {
	opens, err := Next(now, h)
	if err == nil && opens.Equal(now) {
		return nil
	}
	var reasons []Reason
	workdays := h
	workdays.Holidays = Holidays{}
	byClock, never := Next(now, workdays)
	if never != nil || byClock.After(now) {
		reasons = append(reasons, Reason{CampaignWindow, byClock})
	}
	if never == nil && (err != nil || opens.After(byClock)) {
		reasons = append(reasons, Reason{Holiday, opens})
	}
	return reasons
}

// limits are what holds the account back at now. Each limit is asked of an account that
// has no other.
func (s Sender) limits(now time.Time) []Reason {
	var reasons []Reason
	if s.InError {
		reasons = append(reasons, Reason{Limit: AccountInError})
	}
	if s.Rests.After(now) {
		reasons = append(reasons, Reason{AccountRests, s.Rests})
	}
	zone := s.anytime()
	for _, alone := range []struct {
		limit Limit
		Account
	}{
		{AccountHours, Account{Hours: s.Account.Hours}},
		{DayLimit, Account{Hours: zone, PerDay: s.Account.PerDay, Ramp: s.Account.Ramp}},
		{Gap, Account{Hours: zone, Gap: s.Account.Gap, Jitter: s.Account.Jitter}},
	} {
		spent := s.Spent
		if alone.limit != Gap {
			spent.Next = time.Time{}
		}
		if until, held, err := alone.When(now, zone, spent); err != nil {
			reasons = append(reasons, Reason{Limit: alone.limit})
		} else if len(held) > 0 {
			reasons = append(reasons, Reason{alone.limit, until})
		}
	}
	return reasons
}
