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

// sent is one more mail that has left at t.
func (s *Sender) sent(t time.Time) {
	s.Seq++
	s.Spent = s.Account.After(s.Spent, t, s.Address, s.Seq)
}

// believed is the sender whose next moment lies no further ahead than a gap and its jitter
// allow. When clips it at each look, and would clip it again at the next: who looks more
// than once has to keep what the first look said, or a clock that was put back by an hour
// holds everybody up for an hour.
func (s Sender) believed(now time.Time) Sender {
	if latest := now.Add(s.Account.Gap + s.Account.Jitter); s.Spent.Next.After(latest) {
		s.Spent.Next = latest
	}
	return s
}

// anytime are hours that are always open.
func (s *Sender) anytime() Hours { return Hours{Zone: s.Account.Hours.Zone} }

// date is the date of the account at an instant.
func (s *Sender) date(t time.Time) Date { return DateOf(t.In(s.Account.Hours.Zone)) }
