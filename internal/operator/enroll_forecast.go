package operator

import (
	"context"
	"maps"
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// EnrollForecast is when contacts would be mailed who are not enrolled yet, if nobody answers.
type EnrollForecast struct {
	// New is how many there are, Account what they would be mailed from; of several senders
	// the first, and AnyOf are all of them.
	New     int      `json:"new"`
	Account string   `json:"account"`
	AnyOf   []string `json:"anyOf,omitempty"`
	// Zone is that of the accounts, an IANA name; left out when they have several.
	Zone string `json:"zone,omitempty"`
	// LastFirst is when the last of their first mails leaves, Last the last mail of the
	// campaign, Likely that if as many people stop as so far; left out when they never do.
	LastFirst *time.Time `json:"lastFirstMail,omitempty"`
	Likely    *time.Time `json:"likely,omitempty"`
	Last      *time.Time `json:"latest,omitempty"`
	// Limit binds on most of the days until then; left out when nothing does.
	Limit pace.Limit `json:"limit,omitempty"`
	// LateSeconds is how long after it was due the latest of the campaign's follow-ups leaves.
	LateSeconds int `json:"lateSeconds"`
	// Remain is how many of the new would not be mailed before Until.
	Remain int       `json:"remain"`
	Until  time.Time `json:"until"`
	// Others are the campaigns of the account that they hold up.
	Others []HeldUp `json:"others"`
}

// HeldUp is a campaign that others hold up: how late its follow-ups get, and when its last
// mail and its last first mail leave, without them and with them. What is left out of the latter would not leave any more.
type HeldUp struct {
	Campaign        string     `json:"campaign"`
	LateBefore      int        `json:"lateSecondsBefore"`
	LateAfter       int        `json:"lateSecondsAfter"`
	LastBefore      *time.Time `json:"latestBefore,omitempty"`
	LastAfter       *time.Time `json:"latestAfter,omitempty"`
	LastFirstBefore *time.Time `json:"lastFirstMailBefore,omitempty"`
	LastFirstAfter  *time.Time `json:"lastFirstMailAfter,omitempty"`
}

// heldUpLeast is up to how much later is no matter.
const heldUpLeast = time.Minute

// enrollForecast walks the line of a campaign's account without new contacts and with them;
// zones are how many of them there are in each zone, and begins is when they begin, zero for now. Nil when there is nothing to say.
func enrollForecast(ctx context.Context, db *store.Store, key string, zones map[string]int, begins time.Time) (*EnrollForecast, error) {
	if len(zones) == 0 {
		return nil, nil //nolint:nilnil // nobody is new
	}
	view, err := db.LineView(ctx, store.LineQuery{Campaign: key})
	if err != nil || len(view.Senders) == 0 {
		return nil, err
	}
	for i := range view.Campaigns {
		view.Campaigns[i].Paused = view.Campaigns[i].Paused && view.Campaigns[i].Key != key // it only says when
	}
	line, err := lineUpOf(view)
	if err != nil {
		return nil, err
	}
	of := line.campaign(key)
	if line.free(of) && of.Window.AlwaysOpen(view.Calendar) && begins.IsZero() || line.sender(of.Sender) < 0 {
		return nil, nil //nolint:nilnil // they leave as fast as the server takes them, or not at all
	}
	before := *line
	before.line.Waiting = slices.Clone(line.line.Waiting)
	first := of.Path().Ahead(nil).Next(-1, of.Version)
	out := &EnrollForecast{Account: of.Sender, AnyOf: of.Senders, Until: line.Now.AddDate(pace.Furthest, 0, 0).UTC(), Others: []HeldUp{}}
	for _, address := range of.AllSenders() {
		if at := line.sender(address); at >= 0 && out.Zone != line.senders[at].Account.Hours.Zone.String() {
			if out.Zone != "" {
				out.Zone = ""
				break
			}
			out.Zone = line.senders[at].Account.Hours.Zone.String()
		}
	}
	from := len(line.line.Waiting)
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		cohort := store.LineCohort{Account: out.Account, Unbound: len(of.Senders) > 0, Campaign: key, StepID: first.StepID, Zone: zone, Count: zones[zone]}
		if due := later(line.Now, begins).Add(first.Wait); due.After(line.Now) {
			cohort.NotBefore = &due
		}
		if err := line.stand(cohort); err != nil {
			return nil, err
		}
		out.New += zones[zone]
	}
	if len(line.line.Waiting) == from {
		return nil, nil //nolint:nilnil // the campaign has no email
	}
	likely, latest := pace.Range(line.Now, line.line, line.senders...)
	reach := line.reach(latest, only(key))
	out.Last, out.LateSeconds = known(reach.Last), int(reach.Late/time.Second)
	out.Likely = known(line.reach(likely, only(key)).Last)
	var lastFirst time.Time // of the new, and not of those who were enrolled before
	for i, waiting := range line.line.Waiting[from:] {
		out.Remain += waiting.Size() - latest.Left[from+i]
		lastFirst = later(lastFirst, latest.Done[from+i])
	}
	out.LastFirst, out.Limit = known(lastFirst), line.mostly(of, latest, lastFirst)
	without := pace.Walk(line.Now, out.Until, before.line.WithoutLoss(), line.senders...)
	for _, other := range view.Campaigns {
		if other.Key != key {
			out.holdsUp(other.Key, before.reach(without, only(other.Key)), line.reach(latest, only(other.Key)))
		}
	}
	return out, nil
}

// only is true of one campaign.
func only(campaign string) func(key string) bool {
	return func(key string) bool { return key == campaign }
}

// free is true of a campaign with a sender that can send and limits nothing.
func (l *lineUp) free(of *campaign.Campaign) bool {
	return slices.ContainsFunc(of.AllSenders(), func(address string) bool {
		at := l.sender(address)
		return at >= 0 && l.Senders[at].Pace.Free() && (len(of.Senders) == 0 || !l.senders[at].InError)
	})
}

// holdsUp adds a campaign that gets later by more than a little.
func (f *EnrollForecast) holdsUp(key string, before, after pace.Reach) {
	if after.Late-before.Late < heldUpLeast && !getsLater(before.Last, after.Last) && !getsLater(before.LastFirst, after.LastFirst) {
		return
	}
	f.Others = append(f.Others, HeldUp{
		Campaign: key, LateBefore: int(before.Late / time.Second), LateAfter: int(after.Late / time.Second),
		LastBefore: known(before.Last), LastAfter: known(after.Last),
		LastFirstBefore: known(before.LastFirst), LastFirstAfter: known(after.LastFirst),
	})
}

// getsLater is true of a mail that leaves later by more than a little, or not at all any more.
func getsLater(before, after time.Time) bool {
	return !before.IsZero() && (after.IsZero() || after.Sub(before) >= heldUpLeast)
}

// LastLater is true where its last mail leaves later, or not at all any more.
func (h HeldUp) LastLater() bool { return getsLater(instantOf(h.LastBefore), instantOf(h.LastAfter)) }

// LastFirstLater is LastLater of the last first mail.
func (h HeldUp) LastFirstLater() bool {
	return getsLater(instantOf(h.LastFirstBefore), instantOf(h.LastFirstAfter))
}

// instantOf is an instant that may not be known, as zero then.
func instantOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// mostly is the limit of the most days of a campaign's senders until a moment; the one that comes first of several.
func (l *lineUp) mostly(of *campaign.Campaign, walked pace.Forecast, until time.Time) pace.Limit {
	counts, most := map[pace.Limit]int{}, pace.Limit("")
	for _, address := range of.AllSenders() {
		at := l.sender(address)
		if at < 0 {
			continue
		}
		for _, day := range walked.Days[at] {
			if day.Date.At(0, l.senders[at].Account.Hours.Zone).After(until) {
				break
			}
			if day.Limit == "" {
				continue
			}
			if counts[day.Limit]++; most == "" || counts[day.Limit] > counts[most] {
				most = day.Limit
			}
		}
	}
	return most
}
