package pace

import "time"

// Day is what a sender sends on one date of its zone.
type Day struct {
	Date Date
	Mails
	// Of are those of each of Line.Campaigns.
	Of []Mails
	// Most is how many its limit lets leave on it; 0 when no number limits them.
	Most int
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

// tally counts a mail that leaves at an instant, before it is spent.
func (s *walker) tally(at instant, one *contact, window *Hours) {
	if at >= s.dayEnds {
		if last := len(s.days) - 1; last >= 0 {
			s.days[last].Limit = s.heldBeyond(s.days[last].Date, *window, one.since)
		}
		zone := s.Account.Hours.Zone
		date := DateOf(at.in(zone))
		s.dayEnds = instantOf(date.Add(1).At(0, zone))
		_, sendingDay := s.Spent.on(date)
		most, _ := s.Account.Limit(sendingDay)
		s.days = append(s.days, Day{Date: date, Most: most, Of: make([]Mails, len(s.begins))})
	}
	if s.begins[one.campaign] == none {
		s.begins[one.campaign] = at
	}
	day, late := &s.days[len(s.days)-1], one.lateAt(at)
	day.add(one.step == 0, late)
	day.Of[one.campaign].add(one.step == 0, late)
}

// lateAt is how long after it was due a follow-up leaves.
func (c *contact) lateAt(at instant) time.Duration {
	if c.step == 0 || c.due == none {
		return 0
	}
	return time.Duration(at - c.due)
}

// heldBeyond is what kept a mail from leaving on a date, of a contact that has been in
// line since; empty when it was not in line then.
func (s *walker) heldBeyond(date Date, window Hours, since instant) Limit {
	from := max(since, s.lastSent).in(s.Account.Hours.Zone)
	if DateOf(from) != date {
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
