package pace

import "time"

// Further names of what takes something away from a day, beside DayLimit.
const (
	// RampLimit is what the ramp allows on this sending day.
	RampLimit Limit = "ramp"
	// OpenTime is what fits into the hours of the date.
	OpenTime Limit = "open_time"
	// Sent has left already.
	Sent Limit = "sent"
	// TimeLeft is what still fits between now and midnight.
	TimeLeft Limit = "time_left"
)

// Row is one step of a Waterfall: a limit, its number, and how many mails it leaves of
// those that the rows before it left.
type Row struct {
	Limit  Limit `json:"limit"`
	Number int   `json:"number"`
	Left   int   `json:"left"`
}

// Waterfall is what the limits make of one date. Its arithmetic adds up: a row leaves the
// lesser of its number and what was left before it, but for Sent, which is subtracted.
type Waterfall struct {
	Date Date
	// SendingDay counts the account's dates with mail from 0: the day of its ramp.
	SendingDay int
	// Open is how long the date is open, Each the mean time between two mails.
	Open, Each time.Duration
	Rows       []Row
	// Left is how many mails leave until midnight, when the line is long enough; what
	// Walk says. It means nothing without Limited: as many as there are.
	Left    int
	Limited bool
	// Bottleneck is the row that raising would help first: the last that left less than
	// was left before it. AccountInError and AccountRests are no rows.
	Bottleneck Limit
}

// Today is the waterfall of the account's date at now, for mails of these windows: any of
// them that is open will do; none is at any time.
func (s Sender) Today(now time.Time, windows ...Hours) Waterfall {
	s.Spent = s.Account.Believed(now, s.Spent)
	if len(windows) == 0 {
		windows = []Hours{s.anytime()}
	}
	w := Waterfall{Date: s.date(now), Each: s.Account.Gap + s.Account.Jitter/2}
	var sent int
	sent, w.SendingDay = s.Spent.on(w.Date)
	midnight, end := w.Date.At(0, s.Account.Hours.Zone), w.Date.Add(1).At(0, s.Account.Hours.Zone)
	fits, bounded := s.fits(now, end, windows)
	spans := openSpans(midnight, end, s.Account.Hours, windows)

	if perDay := s.Account.PerDay; perDay > 0 {
		w.row(DayLimit, perDay)
	}
	if ramp, limited := (Account{Ramp: s.Account.Ramp}).Limit(w.SendingDay); limited {
		w.row(RampLimit, ramp)
	}
	for _, span := range spans {
		w.Open += span.long()
	}
	if w.Each > 0 || w.Open == 0 {
		// The jitter of a day may have been kind: what has left and what fits did fit.
		w.row(OpenTime, max(capacity(spans, w.Each), sent+fits))
	}
	if w.Limited {
		w.row(Sent, sent)
	}
	if bounded {
		w.row(TimeLeft, fits)
	}
	switch {
	case s.InError:
		w.Left, w.Limited, w.Bottleneck = 0, true, AccountInError
	case s.Rests.After(now) && w.Bottleneck == TimeLeft:
		w.Bottleneck = AccountRests
	}
	return w
}

// row adds a row to those before it.
func (w *Waterfall) row(limit Limit, number int) {
	left := number
	switch {
	case limit == Sent:
		left = max(0, w.Left-number)
	case w.Limited && w.Left <= number:
		left = w.Left
	default:
		w.Bottleneck = limit
	}
	w.Left, w.Limited = left, true
	w.Rows = append(w.Rows, Row{limit, number, left})
}

// plenty is more mails than an account sends on a date: a second between two.
const plenty = 24 * 60 * 60

// fits is how many mails of these windows can leave from now on and before end, if no
// number limits them; false when there is plenty of time.
func (s Sender) fits(now, end time.Time, windows []Hours) (int, bool) {
	s.Account.PerDay, s.Account.Ramp, s.InError = 0, Ramp{}, false
	all := newWalker(s, Line{Windows: windows, Campaigns: [][]Step{{{}}}})
	for i := range windows { // somebody waits for each
		all.line.of(i, anyCampaign).push(place{})
	}
	next, until := &contact{since: instantOf(now)}, instantOf(end)
	for fits := 0; ; fits++ {
		if all.look(next.since); !all.sends || all.leaves >= until {
			return fits, true
		}
		if s.Account.Gap+s.Account.Jitter == 0 || fits == plenty {
			return fits, false
		}
		next.since = all.leaves
		all.tally(next.since, next, &windows[0])
		all.sent(next.since)
	}
}

// openSpans are when the account's hours and any of the windows are open.
func openSpans(from, to time.Time, account Hours, windows []Hours) []span {
	var spans []span
	for at := from; at.Before(to); {
		var opens, closes time.Time
		for _, window := range windows {
			next, err := Next(at, account, window)
			if err == nil && (opens.IsZero() || next.Before(opens)) {
				opens, closes = next, Closes(next, account, window)
			}
		}
		if opens.IsZero() || !opens.Before(to) {
			break
		}
		if closes.IsZero() || closes.After(to) {
			closes = to
		}
		one := span{from: instantOf(opens), to: instantOf(closes), open: true}
		if last := len(spans) - 1; last >= 0 && spans[last].to == one.from {
			spans[last].to = one.to
		} else {
			spans = append(spans, one)
		}
		at = closes
	}
	return spans
}

// capacity is how many mails spans take at a mean gap: the first leaves at once.
func capacity(spans []span, each time.Duration) int {
	if each == 0 {
		return 0
	}
	var mails int
	for _, span := range spans {
		mails += int((span.long() + each - 1) / each)
	}
	return mails
}
