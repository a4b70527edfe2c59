package pace

import "time"

// Limit is what holds a mail back.
type Limit string

// What can hold a mail back, in the order in which it is asked.
const (
	CampaignWindow Limit = "window"
	AccountHours   Limit = "hours"
	DayLimit       Limit = "day_limit"
	Gap            Limit = "gap"
)

// Reason is one thing that holds a mail back, and until when.
type Reason struct {
	Limit Limit
	Until time.Time
}

// When is the first instant from now on at which an account may send a mail of a campaign
// with these windows, and what held it back on the way; none when it may leave now. The
// error is ErrNever.
//
// A moment that lies further ahead than a gap and its jitter allow has been reckoned by a
// clock that was put back since: it counts as one gap (law 8, and nobody waits for a
// mistaken clock).
func (a Account) When(now time.Time, window Hours, spent Spent) (time.Time, []Reason, error) {
	if latest := now.Add(a.Gap + a.Jitter); spent.Next.After(latest) {
		spent.Next = latest
	}
	var reasons []Reason
	held := func(by Limit, until time.Time) {
		if len(reasons) > 0 && reasons[len(reasons)-1].Limit == by {
			reasons[len(reasons)-1].Until = until
			return
		}
		reasons = append(reasons, Reason{by, until})
	}
	end := now.AddDate(0, 0, Horizon)
	for at := now; at.Before(end); {
		was := at
		if opens, err := window.opens(at); err != nil {
			return time.Time{}, reasons, err
		} else if opens.After(at) {
			at = opens
			held(CampaignWindow, at)
		}
		if opens, err := a.Hours.opens(at); err != nil {
			return time.Time{}, reasons, err
		} else if opens.After(at) {
			at = opens
			held(AccountHours, at)
		}
		day := DateOf(at.In(a.Hours.Zone))
		count, sendingDay := spent.on(day)
		if limit, limited := a.Limit(sendingDay); limited && count >= limit {
			at = day.Add(1).At(0, a.Hours.Zone)
			held(DayLimit, at)
		}
		if spent.Next.After(at) {
			at = spent.Next
			held(Gap, at)
		}
		if at.Equal(was) {
			return at, reasons, nil
		}
	}
	return time.Time{}, reasons, ErrNever
}
