package pace

import "time"

// Account is the pace of one email account. The zero value sends as fast as a server takes
// mail, but in no zone: Hours.Zone is always set.
type Account struct {
	// Gap is the least time between two mails; Jitter is added to it, up to this much.
	Gap, Jitter time.Duration
	// PerDay is how many mails leave on a date of Hours.Zone at most; 0 is no limit.
	PerDay int
	// Ramp lowers PerDay for the first days.
	Ramp Ramp
	// Hours are the account's own, beside the windows of campaigns.
	Hours Hours
}

// Ramp warms an account up: Start mails on its first sending day, and Add more on each
// further one. The zero value does not lower anything.
type Ramp struct {
	Start int `json:"start"`
	Add   int `json:"add"`
}

// Free is true of an account that limits nothing: it needs no turn.
func (a Account) Free() bool {
	return a.Gap == 0 && a.PerDay == 0 && a.Ramp == Ramp{} && len(a.Hours.Windows) == 0 && a.Hours.Holidays.none()
}

// Limit is how many mails may leave on a sending day, counted from 0; false when nothing
// limits them.
func (a Account) Limit(sendingDay int) (int, bool) {
	if a.Ramp == (Ramp{}) {
		return a.PerDay, a.PerDay > 0
	}
	ramp := a.Ramp.Start + sendingDay*a.Ramp.Add
	if a.PerDay > 0 && a.PerDay < ramp {
		return a.PerDay, true
	}
	// A ramp that has no end to reach goes on rising.
	return ramp, true
}

// Spent is what an account has sent, as the ledger says: what moves with each mail.
type Spent struct {
	// Next is the first moment for the next mail; zero when none has been sent.
	Next time.Time
	// Day is the last date on which mails left, Count how many: neither retries nor
	// refusals count, uncertain ones do. SendingDay counts such dates from 0.
	Day        Date
	Count      int
	SendingDay int
}

// on is what has been spent of a date: how many mails, and which sending day it is.
func (s Spent) on(day Date) (count, sendingDay int) {
	switch {
	case day == s.Day:
		return s.Count, s.SendingDay
	case s.Day == Date{}:
		return 0, 0
	}
	return 0, s.SendingDay + 1
}

// After is what has been spent when one more mail has left at t, the seq-th of the account.
func (a Account) After(s Spent, t time.Time, address string, seq int64) Spent {
	s = s.plusOne(DateOf(t.In(a.Hours.Zone)))
	s.Next = t.Add(a.gap(drawnFrom(address), seq))
	return s
}

// plusOne is what has been spent when one more mail has left on a date, but for Next.
func (s Spent) plusOne(day Date) Spent {
	count, sendingDay := s.on(day)
	return Spent{Next: s.Next, Day: day, Count: count + 1, SendingDay: sendingDay}
}

// gap is the time after the seq-th mail, of an address as drawnFrom has it.
func (a Account) gap(address uint64, seq int64) time.Duration { return a.Gap + a.jitter(address, seq) }

// jitter is the same at every look: nothing is rolled, so that a shown time stays. It only
// adds, the gap is a floor.
func (a Account) jitter(address uint64, seq int64) time.Duration {
	if a.Jitter <= 0 {
		return 0
	}
	hash := address
	for shift := 56; shift >= 0; shift -= 8 {
		hash = (hash ^ uint64(byte(seq>>shift))) * fnvPrime
	}
	return time.Duration(mixed(hash) % uint64(a.Jitter))
}

// drawnFrom is what the jitter of an address begins with: FNV-1a, as hash/fnv has it.
func drawnFrom(address string) uint64 {
	hash := uint64(14695981039346656037)
	for i := range len(address) {
		hash = (hash ^ uint64(address[i])) * fnvPrime
	}
	return hash
}

const fnvPrime = 1099511628211

// mixed spreads the bits of a hash whose inputs differ in few (the finalizer of MurmurHash3).
func mixed(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
