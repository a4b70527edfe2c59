package operator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/store"
)

// Status counts the enrolled contacts of one campaign by status.
type Status struct {
	store.CampaignStatus
	// EndedBy counts those who were taken out by what the person has said; they are among the
	// disenrolled.
	EndedBy map[campaign.EndedBy]int `json:"endedBy"`
	// Bounced counts those whose address is of no use, by a report that came after their message
	// was accepted.
	Bounced int `json:"bounced"`
	// Mailboxes are how the mail of its senders is read; those that are not are left out.
	Mailboxes []CampaignMailbox `json:"mailboxes"`
	// LineTroubles are what is the matter with lines in which its contacts stand.
	LineTroubles []LineTrouble `json:"lineTroubles"`
	// StartsLater are enrollments that were asked to begin later, the soonest first.
	StartsLater []StartsLater `json:"startsLater,omitempty"`
}

// StartsLater is one request to enroll that has not begun.
type StartsLater struct {
	At time.Time `json:"at"`
	// Contacts is how many it enrolled; Request is its number in the background.
	Contacts int   `json:"contacts"`
	Request  int64 `json:"request"`
}

// startsLater are the requests to enroll in a campaign that begin later.
func startsLater(open []Background, key string) (all []StartsLater) {
	for _, one := range open {
		if one.NotBefore != nil && one.Campaign == key {
			all = append(all, StartsLater{one.NotBefore.UTC(), one.Total, one.ID})
		}
	}
	slices.SortFunc(all, func(a, b StartsLater) int { return a.At.Compare(b.At) })
	return all
}

// Statuses counts for every campaign, or for the one with this key. A NotFound
// when there is no such campaign.
func (o *Operator) Statuses(ctx context.Context, key string) ([]Status, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return nil, err
	}
	counts, err := db.CampaignStatuses(ctx, key)
	if err != nil {
		return nil, err
	}
	endedBy, err := db.EndedBy(ctx, key)
	if err != nil {
		return nil, err
	}
	bounced, err := db.Bounced(ctx, key)
	if err != nil {
		return nil, err
	}
	read, err := mailboxes(ctx, db)
	if err != nil {
		return nil, err
	}
	senders, err := db.SendersOf(ctx, key)
	if err != nil {
		return nil, err
	}
	open, err := o.UnderWay(ctx, key)
	if err != nil {
		return nil, err
	}
	troubles, err := o.LineTroubles(ctx, key)
	statuses := []Status{}
	for _, count := range counts {
		of := []LineTrouble{}
		for _, trouble := range troubles {
			if slices.Contains(trouble.Campaigns, count.Campaign) {
				of = append(of, trouble)
			}
		}
		status := Status{
			CampaignStatus: count, EndedBy: endedBy[count.Campaign], Bounced: bounced[count.Campaign], Mailboxes: mailboxesOf(read, senders[count.Campaign]),
			LineTroubles: of, StartsLater: startsLater(open, count.Campaign),
		}
		if status.EndedBy == nil {
			status.EndedBy = map[campaign.EndedBy]int{}
		}
		statuses = append(statuses, status)
	}
	return statuses, err
}

// Event is one line of a contact's timeline.
type Event = store.Event

// Timeline is everything that has happened to a contact, oldest first, in every
// campaign or in the one with this key.
func (o *Operator) Timeline(ctx context.Context, contactID int64, key string) ([]Event, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return nil, err
	}
	events, err := db.Timeline(ctx, contactID, key)
	for i := range events {
		events[i].At = events[i].At.UTC()
	}
	return list(events), err
}

// Background is something that was asked for and that workers still do.
type Background = store.OutboxStatus

// UnderWay lists what the background still has to do: of any campaign, or what
// can concern the one with this key.
func (o *Operator) UnderWay(ctx context.Context, key string) ([]Background, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	open, err := db.OutboxStatuses(ctx)
	return list(slices.DeleteFunc(open, func(one Background) bool { return key != "" && one.Campaign != "" && one.Campaign != key })), err
}

// BackgroundEntry returns the one with this number; an ErrNotFound when it is not
// under way any more.
func (o *Operator) BackgroundEntry(ctx context.Context, id int64) (Background, error) {
	open, err := o.UnderWay(ctx, "")
	if err != nil {
		return Background{}, err
	}
	at := slices.IndexFunc(open, func(one Background) bool { return one.ID == id })
	if at < 0 {
		return Background{}, &store.Error{Kind: ErrNotFound, Text: fmt.Sprintf("there is no number %d under way in the background (any more)", id)}
	}
	return open[at], nil
}

// SetRate changes how fast the background does one thing, from now; 0 is
// without a limit. An ErrRefused when it has finished, an ErrNotFound when there is none.
func (o *Operator) SetRate(ctx context.Context, id int64, rate campaign.Rate) error {
	db, err := o.database(ctx)
	if err != nil {
		return err
	}
	return db.SetRate(ctx, id, rate, o.by)
}

// Stop takes back what a resume or a disenrollment has not signalled yet, or an enrollment
// that has not begun, and returns how far it was. An ErrRefused for anything else and for what has
// finished, an ErrNotFound when there is none.
func (o *Operator) Stop(ctx context.Context, id int64) (Background, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Background{}, err
	}
	return db.Stop(ctx, id, o.by)
}
