package pace

import "time"

// Day is what a sender sends on one date of its zone.
type Day struct {
	Date Date
	// First and FollowUps are how many mails leave.
	First, FollowUps int
	// Late is how long after it was due the latest of the follow-ups leaves.
	Late time.Duration
	// Limit is what holds the next mail back beyond this date; empty when nobody is in
	// line any more.
	Limit Limit
}

// tally counts a mail that leaves at t, before it is spent.
func (s *walker) tally(t time.Time, one Waiting, window Hours, since time.Time) {
	if !t.Before(s.dayEnds) {
		if last := len(s.days) - 1; last >= 0 {
			s.days[last].Limit = s.heldBeyond(s.days[last].Date, window, since)
		}
		date := s.date(t)
		s.dayEnds = date.Add(1).At(0, s.Account.Hours.Zone)
		s.days = append(s.days, Day{Date: date})
	}
	day := &s.days[len(s.days)-1]
	if one.Step == 0 {
		day.First++
		return
	}
	day.FollowUps++
	if late := t.Sub(one.Due); !one.Due.IsZero() && late > day.Late {
		day.Late = late
	}
}

// heldBeyond is what kept a mail from leaving on a date, of a contact that has been in
// line since; empty when it was not in line then.
func (s *walker) heldBeyond(date Date, window Hours, since time.Time) Limit {
	from := latest(since, s.lastSent)
	if s.date(from) != date {
		return ""
	}
	_, reasons, err := s.when(from, window)
	if err != nil {
		return ""
	}
	for _, reason := range reasons {
		if s.date(reason.Until) != date {
			return reason.Limit
		}
	}
	return ""
}
