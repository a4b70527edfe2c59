package pace

import "time"

// Day is what a sender sends on one date of its zone.
type Day struct {
	Date Date
	Mails
	// Of are those of each of Line.Campaigns.
	Of []Mails
	// Limit is what holds the next mail back beyond this date; empty when nobody is in
	// line any more.
	Limit Limit
}

// Mails are how many leave.
type Mails struct {
	First, FollowUps int
	// Late is how long after it was due the latest of the follow-ups leaves.
	Late time.Duration
}

func (m *Mails) add(isFirst bool, late time.Duration) {
	if isFirst {
		m.First++
		return
	}
	m.FollowUps++
	m.Late = max(m.Late, late)
}

// Reach is how far one campaign comes.
type Reach struct {
	// LastFirst is when the last of its first mails leaves, Last the last of all; zero when
	// none does.
	LastFirst, Last time.Time
	// Late is how long after it was due the latest of its follow-ups leaves.
	Late time.Duration
}

// tally counts a mail that leaves at t, before it is spent.
func (s *walker) tally(t time.Time, one Waiting, window Hours, since time.Time) {
	if !t.Before(s.dayEnds) {
		if last := len(s.days) - 1; last >= 0 {
			s.days[last].Limit = s.heldBeyond(s.days[last].Date, window, since)
		}
		date := s.date(t)
		s.dayEnds = date.Add(1).At(0, s.Account.Hours.Zone)
		s.days = append(s.days, Day{Date: date, Of: make([]Mails, len(s.begins))})
	}
	if s.begins[one.Campaign].IsZero() {
		s.begins[one.Campaign] = t
	}
	day, late := &s.days[len(s.days)-1], one.lateAt(t)
	day.add(one.Step == 0, late)
	day.Of[one.Campaign].add(one.Step == 0, late)
}

// lateAt is how long after it was due a follow-up leaves at t.
func (w Waiting) lateAt(t time.Time) time.Duration {
	if w.Step == 0 || w.Due.IsZero() {
		return 0
	}
	return t.Sub(w.Due)
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
