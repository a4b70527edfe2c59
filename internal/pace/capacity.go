package pace

import (
	"math"
	"time"
)

// Unlimited is the capacity of a day on which nothing limits an account.
const Unlimited = math.MaxInt

// Capacity is how many mails an account can send on a date of its zone, of campaigns with
// these windows, and what decides it: DayLimit, or CampaignWindow or AccountHours when there
// is not the time for more; empty with Unlimited. The ramp does not count: it is of the
// first days only. The jitter counts by its half, which is its mean.
func (a Account) Capacity(date Date, window Hours) (n int, by Limit) {
	n = Unlimited
	if a.PerDay > 0 {
		n, by = a.PerDay, DayLimit
	}
	open := openOn(date, a.Hours.Zone, window, a.Hours)
	step := a.Gap + a.Jitter/2
	fits := Unlimited
	switch {
	case open == 0:
		fits = 0
	case step > 0:
		// Windows are half open: the first leaves as one opens, none as it closes.
		fits = int((open + step - 1) / step)
	}
	if fits < n {
		n, by = fits, CampaignWindow
		if openOn(date, a.Hours.Zone, a.Hours) < openOn(date, a.Hours.Zone, window) {
			by = AccountHours
		}
	}
	return n, by
}

// openOn is for how long all the hours are open on a date of a zone.
func openOn(date Date, zone *time.Location, all ...Hours) (open time.Duration) {
	end := date.Add(1).At(0, zone)
	for at := date.At(0, zone); ; {
		opens, err := Next(at, all...)
		if err != nil || !opens.Before(end) {
			return open
		}
		closes := Closes(opens, all...)
		if closes.IsZero() || closes.After(end) {
			closes = end
		}
		open += closes.Sub(opens)
		at = closes
	}
}

// Soon is how far ahead two parties that are each open within OpenSoon have to meet.
const (
	Soon     = 31 * 24 * time.Hour
	OpenSoon = 7 * 24 * time.Hour
)

// Meet is ErrNever for hours that are never open at the same time, or only after Soon
// although each is open within OpenSoon: at the change of a clock, say. It says nothing
// about hours that no time is open within Horizon: see Next.
func Meet(now time.Time, one, other Hours) error {
	common, err := Next(now, one, other)
	if err != nil {
		return err
	}
	if !common.After(now.Add(Soon)) {
		return nil
	}
	for _, hours := range []Hours{one, other} {
		if opens, err := Next(now, hours); err != nil || opens.After(now.Add(OpenSoon)) {
			return err
		}
	}
	return ErrNever
}
