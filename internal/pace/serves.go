package pace

import "time"

// Used is what an account has sent on its date at now, and its limit of that date; false
// when nothing limits it.
func (a Account) Used(now time.Time, spent Spent) (used, limit int, limited bool) {
	used, sendingDay := spent.on(DateOf(now.In(a.Hours.Zone)))
	limit, limited = a.Limit(sendingDay)
	return used, limit, limited
}

// Serves is how many mails an account can send at most from now on, on so many dates, its
// ramp included: windows of campaigns can only make it fewer. Unlimited when nothing limits it.
func (a Account) Serves(now time.Time, spent Spent, days int) int {
	today := DateOf(now.In(a.Hours.Zone))
	used, sendingDay := spent.on(today)
	var week [7]int // a date is as open as that of the week before, but where the clock changes
	total := 0
	for i := range days {
		if i < len(week) {
			week[i], _ = a.Capacity(today.Add(i), Hours{Zone: a.Hours.Zone})
		}
		n := week[i%len(week)]
		if limit, limited := a.Limit(sendingDay + i); limited {
			n = min(n, limit)
		}
		if n == Unlimited {
			return Unlimited
		}
		if i == 0 {
			n = max(0, n-used)
		}
		total += n
	}
	return total
}

// Stalled is how long nothing may leave although something could, before that is worth a
// word: three gaps, and at least a minute.
func (a Account) Stalled() time.Duration { return max(time.Minute, 3*(a.Gap+a.Jitter)) }

// CouldLeave is true when a mail of these windows could have left at any time of this long
// until now: the windows and hours were open, and the day had budget left.
func (a Account) CouldLeave(now time.Time, long time.Duration, window Hours, spent Spent) bool {
	spent.Next = time.Time{} // whether the gap is over is another question
	for _, at := range []time.Time{now.Add(-long), now} {
		if when, _, err := a.When(at, window, spent); err != nil || when.After(at) {
			return false
		}
	}
	closes := Closes(now.Add(-long), window, a.Hours)
	return closes.IsZero() || closes.After(now)
}
