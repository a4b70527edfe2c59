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
	counts := l.counting(campaign)
	for key, count := range l.paused {
		if counts(key) {
			forecast.Paused += count
		}
	}
	for key, count := range l.zoneUnknown {
		if counts(key) {
			forecast.ZoneUnknown += count
		}
	}
	for i := range forecast.Senders {
		forecast.Senders[i].State = l.Senders[i].Status
		l.count(&forecast.Senders[i], i, campaign, latest)
	}
	last := l.reach(latest, counts)
	forecast.LastFirst, forecast.Likely, forecast.Latest = known(last.LastFirst), known(l.reach(likely, counts).Last), known(last.Last)
	forecast.Remain = 0
	for i, waiting := range l.line.Waiting {
		if !counts(l.of[waiting.Campaign]) {
			continue
		}
		if waiting.Sender == pace.Unbound {
			forecast.Unbound += waiting.Size()
		}
		if campaign != "" {
			forecast.Remain += waiting.Size() - latest.Left[i]
		}
	}
	if campaign == "" {
		forecast.Remain = latest.Remain
	}
	for i := range forecast.Senders {
		if campaign != "" {
			forecast.Senders[i].Days = l.daysOf(latest.Days[i], campaign)
		}
	}
	forecast.Senders = l.askedFor(forecast.Senders)
	return forecast
}

// counting is true of a campaign that was asked for, or of all that the accounts that were
// asked for send.
func (l *lineUp) counting(campaign string) func(key string) bool {
	asked := map[string]bool{}
	for _, of := range l.Campaigns {
		for _, address := range of.AllSenders() {
			if at := l.sender(address); at >= 0 && l.Senders[at].Asked {
				asked[of.Key] = true
			}
		}
	}
	for _, waiting := range l.line.Waiting {
		if waiting.Sender != pace.Unbound && l.Senders[waiting.Sender].Asked {
			asked[l.of[waiting.Campaign]] = true
		}
	}
	return func(key string) bool {
		if campaign != "" {
			return key == campaign
		}
		return asked[key]
	}
}

// askedFor leaves out the accounts that only share contacts with those that were asked for.
func (l *lineUp) askedFor(all []SenderForecast) []SenderForecast {
	asked := []SenderForecast{}
	for i, sender := range l.Senders {
		if sender.Asked {
			asked = append(asked, all[i])
		}
	}
	return asked
}

// count counts those in line, and those who will come into it, and finds who leaves next.
func (l *lineUp) count(one *SenderForecast, sender int, campaign string, walked pace.Forecast) {
	one.InLine, one.Coming = 0, 0
	for _, waiting := range l.line.Waiting {
		switch {
		case waiting.Sender != sender || campaign != "" && l.of[waiting.Campaign] != campaign: // or they are in the campaign's line
		case waiting.HasPlace():
			one.InLine += waiting.Size()
		default:
			one.Coming += waiting.Size()
		}
	}
	var next time.Time
	for i, begins := range walked.Begins[sender] {
		if !begins.IsZero() && (campaign == "" || l.of[i] == campaign) && (next.IsZero() || begins.Before(next)) {
			next = begins
		}
	}
	one.Next = known(next)
}

// reach is how far the campaigns that count come, in all their zones.
func (l *lineUp) reach(walked pace.Forecast, counts func(key string) bool) pace.Reach {
	var all pace.Reach
	for i, reach := range walked.Campaigns {
		if counts(l.of[i]) {
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
			if l.of[i] == campaign {
				mails.First, mails.FollowUps, mails.Late = mails.First+of.First, mails.FollowUps+of.FollowUps, max(mails.Late, of.Late)
			}
		}
		if mails.First+mails.FollowUps > 0 {
			own = append(own, forecastDay(day, mails))
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
