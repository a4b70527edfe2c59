package operator

import (
	"context"
	"strings"
	"time"

	"relance/internal/pace"
	"relance/internal/store"
)

// Forecast says when those leave who are in line, or will come into it: of a campaign, of an
// email account, or of all that a campaign sends with when of is empty. A NotFound when it is
// neither.
func (o *Operator) Forecast(ctx context.Context, of string) (Forecast, error) {
	query := store.LineQuery{}
	var db *store.Store
	var err error
	if strings.Contains(of, "@") {
		query.Account = stored(of)
		if db, err = o.database(ctx); err != nil {
			return Forecast{}, err
		}
	} else {
		query.Campaign = of
		if db, err = o.campaigns(ctx, of); err != nil {
			return Forecast{}, err
		}
	}
	view, err := db.LineView(ctx, query)
	if err != nil {
		return Forecast{}, err
	}
	if query.Account != "" && len(view.Senders) == 0 {
		return Forecast{}, o.noSuchAccount(ctx, db, query.Account)
	}
	line, err := lineUpOf(view)
	if err != nil {
		return Forecast{}, err
	}
	return line.forecast(query.Campaign), nil
}

// forecast is that of everybody in the line, or of a campaign: then others count only by
// what they take away from it.
func (l *lineUp) forecast(campaign string) Forecast {
	likely, latest := pace.Range(l.Now, l.line, l.senders...)
	forecast := forecastOf(l.Now, l.line, likely, latest, l.senders...)
	forecast.Campaign = campaign
	for key, count := range l.paused {
		if campaign == "" || key == campaign {
			forecast.Paused += count
		}
	}
	for i := range forecast.Senders {
		forecast.Senders[i].State = l.Senders[i].Status
		l.count(&forecast.Senders[i], i, campaign, latest)
	}
	last := l.reach(latest, campaign)
	forecast.LastFirst = known(last.LastFirst)
	if campaign == "" {
		return forecast
	}
	forecast.Likely, forecast.Latest = known(l.reach(likely, campaign).Last), known(last.Last)
	forecast.Remain = 0
	for i, waiting := range l.line.Waiting {
		if l.of[waiting.Campaign].key == campaign && latest.Done[i].IsZero() {
			forecast.Remain += max(1, waiting.Count)
		}
	}
	for i := range forecast.Senders {
		forecast.Senders[i].Days = l.daysOf(latest.Days[i], campaign)
	}
	return forecast
}

// count counts those in line, and those who will come into it, and finds who leaves next.
func (l *lineUp) count(one *SenderForecast, sender int, campaign string, walked pace.Forecast) {
	one.InLine, one.Coming = 0, 0
	var next time.Time
	for i, waiting := range l.line.Waiting {
		if waiting.Sender != sender || campaign != "" && l.of[waiting.Campaign].key != campaign {
			continue
		}
		if waiting.Seq > 0 {
			one.InLine += max(1, waiting.Count)
		} else {
			one.Coming += max(1, waiting.Count)
		}
		if leaves := walked.Leaves[i]; !leaves.IsZero() && (next.IsZero() || leaves.Before(next)) {
			next = leaves
		}
	}
	one.Next = known(next)
}

// reach is how far a campaign comes in all its zones; all campaigns when it is empty.
func (l *lineUp) reach(walked pace.Forecast, campaign string) pace.Reach {
	var all pace.Reach
	for i, reach := range walked.Campaigns {
		if campaign == "" || l.of[i].key == campaign {
			all.LastFirst, all.Last = later(all.LastFirst, reach.LastFirst), later(all.Last, reach.Last)
			all.Late = max(all.Late, reach.Late)
		}
	}
	return all
}

// daysOf are the dates on which a campaign sends, and what it sends on them.
func (l *lineUp) daysOf(days []pace.Day, campaign string) []ForecastDay {
	own := []ForecastDay{}
	for _, day := range days {
		var mails pace.Mails
		for i, of := range day.Of {
			if l.of[i].key == campaign {
				mails.First, mails.FollowUps, mails.Late = mails.First+of.First, mails.FollowUps+of.FollowUps, max(mails.Late, of.Late)
			}
		}
		if mails.First+mails.FollowUps > 0 {
			own = append(own, forecastDay(day.Date, mails, day.Limit))
		}
	}
	return own
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
