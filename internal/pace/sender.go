package pace

import "time"

// Sender is an email account as it stands at one moment: what it may send, what it has
// sent, and whether it can.
type Sender struct {
	Account Account
	Address string
	Spent   Spent
	// Seq is how many mails have left: what the jitter of the next is drawn from.
	Seq int64
	// Turns are the last turns that first mails of each of Line.Campaigns had, a campaign in the first of
	// its hours; 0 is none. A campaign beyond them has had none.
	Turns []int64
	// Rests is until when its server takes no more mail; zero when it does.
	Rests time.Time
	// InError is true of an account from which nothing leaves until somebody mends it.
	InError bool
}

// when is what Account.When says of an account that may be resting.
func (s *Sender) when(now time.Time, window Hours) (time.Time, []Reason, error) {
	if s.Rests.After(now) {
		now = s.Rests
	}
	return s.Account.When(now, window, s.Spent)
}

// Believed is what has been spent when a next moment that lies further ahead than a gap and
// its jitter allow counts as one gap: it was reckoned by a clock that has been put back
// since. When clips it at each look, and at the next look again: who looks more than once
// has to keep what the first look believed, or that clock holds everybody up after all.
func (a Account) Believed(now time.Time, spent Spent) Spent {
	if latest := now.Add(a.Gap + a.Jitter); spent.Next.After(latest) {
		spent.Next = latest
	}
	return spent
}

// anytime are hours that are always open.
func (s *Sender) anytime() Hours { return Hours{Zone: s.Account.Hours.Zone} }

// date is the date of the account at an instant.
func (s *Sender) date(t time.Time) Date { return DateOf(t.In(s.Account.Hours.Zone)) }
