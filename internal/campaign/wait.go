package campaign

import (
	"time"

	"relance/internal/pace"
)

// Waits is how long a wait step waits; zero for any other.
func (s Step) Waits() pace.Wait { return waitOf(s.Wait, s.Days, s.SendingDays) }

// SetWait makes it the step's. Its rough length stands beside it, for releases that know no dates.
func (s *Step) SetWait(wait pace.Wait) {
	s.Wait, s.Days, s.SendingDays = wait.Roughly(), wait.Days, wait.SendingDays
}

// Waits is how long the enrollment waits before the step; zero when it does not.
func (n Next) Waits() pace.Wait { return waitOf(n.Wait, n.Days, n.SendingDays) }

func waitOf(wait time.Duration, days, sendingDays int) pace.Wait {
	if days > 0 || sendingDays > 0 {
		return pace.Wait{Days: days, SendingDays: sendingDays}
	}
	return pace.Wait{Elapsed: wait}
}

// Recipient is whose clock the contact lives by, and how that is known.
func (f Facts) Recipient() pace.Recipient {
	return pace.RecipientOf(f.Contact.Fields, f.Contact.Phone, f.Contact.Email, f.Now)
}

// NextAt is when the wait is over that follows the attempt's step, if it is a wait of dates:
// counted from now, or from when the step's message was sent. It is zero for any other, which
// is a length of time from when the step is settled, and when the campaign's rules have no
// such date: the next step's check of its window says that.
func (f Facts) NextAt(attempt Attempt) time.Time {
	wait := attempt.Next.Waits()
	if !wait.OfDates() {
		return time.Time{}
	}
	hours, err := f.Campaign.Window.Hours(f.Calendar, f.Zone())
	if err != nil {
		return time.Time{}
	}
	sent := f.Now
	if f.Delivery != nil && f.Delivery.State == Sent && !f.Delivery.WireAt.IsZero() {
		sent = f.Delivery.WireAt
	}
	at, err := wait.After(sent, attempt.Due, hours)
	if err != nil {
		return time.Time{}
	}
	return at
}
