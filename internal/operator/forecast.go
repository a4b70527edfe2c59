package operator

import (
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Forecast is when those leave who are in line, and what follows for them.
type Forecast struct {
	At time.Time `json:"at"`
	// Campaign is the one that was asked for; empty for all of an account.
	Campaign string           `json:"campaign,omitempty"`
	Senders  []SenderForecast `json:"senders"`
	// Likely is when the last mail leaves if contacts are lost at the campaigns' own rates,
	// Latest if nobody answers, bounces or leaves; left out when there is none.
	Likely *time.Time `json:"likely,omitempty"`
	Latest *time.Time `json:"latest,omitempty"`
	// LastFirst is when the last of the first mails leaves, if nobody answers.
	LastFirst *time.Time `json:"lastFirstMail,omitempty"`
	// Unbound are those that nobody has mailed, of campaigns of several senders: any of these
	// takes them, so they are in no account's line. Their mails count where they leave.
	Unbound int `json:"unbound,omitempty"`
	// Paused are those whose campaign is paused: they count in nothing else here.
	Paused int `json:"paused"`
	// ZoneUnknown are those still to come into the line, of campaigns that send in each recipient's zone: which
	// that is is looked up when they come. They are reckoned in the workspace's, so their days are about.
	ZoneUnknown int `json:"zoneUnknown,omitempty"`
	// Remain is how many in line do not leave before Until: there is no time, no sender, or
	// the line is longer than its limits can serve.
	Remain int       `json:"remain"`
	Until  time.Time `json:"until"`
}

// SenderForecast is what one account sends: today, and by date of its zone.
type SenderForecast struct {
	Account string                 `json:"account"`
	State   campaign.AccountStatus `json:"status"`
	Zone    string                 `json:"zone"`
	// InLine have a place, Coming will come into the line: their wait ends, a failed try is
	// repeated, or they are on their way to the first.
	InLine int `json:"inLine"`
	Coming int `json:"coming"`
	// Next is when the next of them leaves; left out when none does.
	Next  *time.Time    `json:"next,omitempty"`
	Today Waterfall     `json:"today"`
	Days  []ForecastDay `json:"days"`
}

// ForecastDay is one date of an account, if nobody answers, bounces or leaves.
type ForecastDay struct {
	Date       pace.Date `json:"day"`
	FirstMails int       `json:"firstMails"`
	FollowUps  int       `json:"followUps"`
	// LateSeconds is how long after it was due the latest of the follow-ups leaves.
	LateSeconds int `json:"lateSeconds"`
	// Limit is how many its number lets leave on the date; null when none does.
	Limit *int `json:"limit"`
	// Bottleneck holds the next mail back beyond this date; empty when nobody is in line.
	Bottleneck pace.Limit `json:"bottleneck"`
}

// ForecastRow is one date of one account.
type ForecastRow struct {
	Account string `json:"account"`
	ForecastDay
}

// Rows are the dates of all accounts, account by account.
func (f Forecast) Rows() []ForecastRow {
	rows := []ForecastRow{}
	for _, sender := range f.Senders {
		for _, day := range sender.Days {
			rows = append(rows, ForecastRow{sender.Account, day})
		}
	}
	return rows
}

// Waterfall is what the limits make of one date of an account; its arithmetic adds up.
type Waterfall struct {
	Date       pace.Date  `json:"date"`
	SendingDay int        `json:"sendingDay"`
	Rows       []pace.Row `json:"rows"`
	// Left is how many mails still leave when the line is long enough; left out when
	// nothing limits them.
	Left       *int       `json:"left,omitempty"`
	Bottleneck pace.Limit `json:"bottleneck,omitempty"`
	// OpenSeconds is how long the date is open, GapSeconds the mean time between two mails.
	OpenSeconds int     `json:"openSeconds"`
	GapSeconds  float64 `json:"gapSeconds"`
}

// ForecastOf walks a line twice, with its rates of loss and without any.
func ForecastOf(now time.Time, line pace.Line, senders ...pace.Sender) Forecast {
	likely, latest := pace.Range(now, line, senders...)
	return forecastOf(now, line, likely, latest, senders...)
}

func forecastOf(now time.Time, line pace.Line, likely, latest pace.Forecast, senders ...pace.Sender) Forecast {
	forecast := Forecast{
		At: now.UTC(), Senders: []SenderForecast{}, Likely: known(likely.Last), Latest: known(latest.Last),
		Remain: latest.Remain, Until: now.AddDate(pace.Furthest, 0, 0).UTC(),
	}
	for i, sender := range senders {
		one := SenderForecast{
			Account: sender.Address, Zone: sender.Account.Hours.Zone.String(), Days: []ForecastDay{},
			Today: waterfallOf(sender.Today(now, line.Windows...)),
		}
		for _, waiting := range line.Waiting {
			if waiting.Sender == i && waiting.HasPlace() {
				one.InLine += waiting.Size()
			}
		}
		for _, day := range latest.Days[i] {
			one.Days = append(one.Days, forecastDay(day, day.Mails))
		}
		forecast.Senders = append(forecast.Senders, one)
	}
	return forecast
}

func forecastDay(of pace.Day, mails pace.Mails) ForecastDay {
	day := ForecastDay{Date: of.Date, FirstMails: mails.First, FollowUps: mails.FollowUps, LateSeconds: int(mails.Late / time.Second), Bottleneck: of.Limit}
	if of.Most > 0 {
		day.Limit = &of.Most
	}
	return day
}

func waterfallOf(today pace.Waterfall) Waterfall {
	w := Waterfall{
		Date: today.Date, SendingDay: today.SendingDay, Rows: list(today.Rows), Bottleneck: today.Bottleneck,
		OpenSeconds: int(today.Open / time.Second), GapSeconds: today.Each.Seconds(),
	}
	if today.Limited {
		w.Left = &today.Left
	}
	return w
}
