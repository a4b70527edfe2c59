package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Outbox is the part of the database that waking needs: entries, their targets and cursors.
type Outbox interface {
	OpenEntries(ctx context.Context) ([]campaign.OutboxEntry, error)
	Targets(ctx context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error)
	AdvanceCursor(ctx context.Context, entry campaign.OutboxEntry, page []campaign.Target) error
	CloseIfDrained(ctx context.Context, entry campaign.OutboxEntry) error
	// Disenroll ends the enrollment, unless it is in a later round than the one that has this first visit; 0 is any.
	Disenroll(ctx context.Context, enrollmentID int64, firstVisit int, reason, by string) (campaign.Status, error)
	// NoteEnded records that the workflow of an enrollment is closed.
	NoteEnded(ctx context.Context, ended campaign.EndedWorkflow) (news bool, err error)
	// FoldTally compacts the counters of enrollments.
	FoldTally(ctx context.Context) error
}

// ErrNoWorkflow is what a Messenger answers when the enrollment has no open workflow.
var ErrNoWorkflow = errors.New("the enrollment has no open workflow")

// Messenger signals workflows.
type Messenger interface {
	Resume(ctx context.Context, target campaign.Target, resume campaign.Resume) error
	Unpause(ctx context.Context, target campaign.Target) error
	// Edited has the enrollment look what comes next.
	Edited(ctx context.Context, target campaign.Target) error
	Disenroll(ctx context.Context, target campaign.Target, reason, by string) error
	// KeepEnrolling sees to it that an EnrollContacts runs for the campaign.
	KeepEnrolling(ctx context.Context, campaignKey string) error
}

// Wakes drains the outbox.
type Wakes struct {
	Outbox    Outbox
	Messenger Messenger
	// Concurrency is how many workflows are signalled at once, Yielding how many while
	// other campaigns have live steps, PageSize how many are read at once.
	Concurrency, Yielding, PageSize int
	// Steps are what the signals of a large fix make room for.
	Steps *RecentSteps
	Pace
}

// WakeResult counts the workflows that were signalled.
type WakeResult struct {
	Signalled int `json:"signalled"`
}

// Wake signals every workflow that an open row of the outbox selects. The
// cursor of each row is in PostgreSQL, so a retry goes on behind the last page
// that was signalled completely; a page that is signalled twice does no harm,
// since a resume names its park and its fix.
func (a *Wakes) Wake(ctx context.Context) (WakeResult, error) {
	stop := keepAlive(ctx)
	defer stop()
	walks := map[int64]*walk{}
	signalled, err := a.inTurns(ctx, a.PageSize, a.open, func(ctx context.Context, entry campaign.OutboxEntry, room int) (int, bool, error) {
		if walks[entry.ID] == nil {
			walks[entry.ID] = &walk{}
		}
		signalled, more, err := a.signal(ctx, entry, walks[entry.ID], room)
		if err != nil {
			err = fmt.Errorf("outbox row %d (%s %s): %w", entry.ID, entry.Kind, entry.Cause, err)
			activity.GetLogger(ctx).Warn("a row of the outbox cannot be delivered, and is tried again", "error", err)
		}
		return signalled, more, err
	})
	return WakeResult{Signalled: signalled}, err
}

// open lists the open entries, and compacts the tally each time: a run may last a day.
// A tally that is not compacted is slow to read and not wrong: no signal waits for it (law 3).
func (a *Wakes) open(ctx context.Context) (entries []campaign.OutboxEntry, err error) {
	if err := inTime(ctx, a.Outbox.FoldTally); err != nil {
		activity.GetLogger(ctx).Warn("the tally cannot be compacted, and is tried again", "error", err)
	}
	err = inTime(ctx, func(ctx context.Context) (err error) {
		entries, err = a.Outbox.OpenEntries(ctx)
		return err
	})
	return entries, err
}

func (a *Wakes) targets(ctx context.Context, entry campaign.OutboxEntry, limit int) (page []campaign.Target, err error) {
	err = inTime(ctx, func(ctx context.Context) (err error) {
		page, err = a.Outbox.Targets(ctx, entry, limit)
		return err
	})
	return page, err
}

// signal signals up to room workflows of a row, and says whether there are more. One that cannot
// be signalled keeps no other waiting (law 3): it is left, and tried again later.
func (a *Wakes) signal(ctx context.Context, entry campaign.OutboxEntry, at *walk, room int) (signalled int, more bool, err error) {
	if entry.Kind == campaign.OutboxEnroll {
		return 0, false, a.Messenger.KeepEnrolling(ctx, entry.Campaign)
	}
	if signalled, err = a.again(ctx, entry, at, room); err != nil {
		return signalled, false, err
	}
	for tried := 0; ; {
		entry.Cursor = max(entry.Cursor, at.cursor)
		page, err := a.targets(ctx, entry, max(1, min(a.PageSize, room-tried)))
		if err != nil {
			return signalled, false, err
		}
		if len(page) == 0 && len(at.left) > 0 {
			return signalled, true, at.failed
		}
		if len(page) == 0 {
			return signalled, false, inTime(ctx, func(ctx context.Context) error { return a.Outbox.CloseIfDrained(ctx, entry) })
		}
		if tried == room {
			return signalled, true, nil
		}
		heard, err := a.signalPage(ctx, entry, at, page)
		if err != nil {
			return signalled, false, err
		}
		entry.Left = at.firstLeft()
		if err := inTime(ctx, func(ctx context.Context) error { return a.Outbox.AdvanceCursor(ctx, entry, page) }); err != nil {
			return signalled, false, err
		}
		at.cursor = page[len(page)-1].Seq
		signalled, tried = signalled+heard, tried+len(page)
	}
}

// again tries those that were left and are due, a page of them, if the row still selects them. However they fail,
// they are left again, and the others of the row go on.
func (a *Wakes) again(ctx context.Context, entry campaign.OutboxEntry, at *walk, room int) (signalled int, err error) {
	seqs := at.due(min(a.PageSize, room))
	var page []campaign.Target
	for i, seq := range seqs {
		entry.Cursor = seq - 1
		one, err := a.targets(ctx, entry, 1)
		if err != nil {
			at.keep(page, seqs[i:], err)
			return 0, err
		}
		if len(one) > 0 && one[0].Seq == seq {
			page = append(page, one[0])
		}
	}
	heard, errs := a.signalAll(ctx, entry, &walk{}, page) // that these fail says nothing of the others
	for i, err := range errs {
		if err != nil {
			at.leave(page[i].Seq, err)
		}
	}
	return heard, nil
}

// signalPage signals a page, and says how many of it heard. Those that could not be signalled are
// left. Its error is of more than a workflow: the page is to be signalled once more.
func (a *Wakes) signalPage(ctx context.Context, entry campaign.OutboxEntry, at *walk, page []campaign.Target) (heard int, err error) {
	if at.heard.Load() > 0 {
		at.forget()
	}
	heard, errs := a.signalAll(ctx, entry, at, page)
	if err := at.fault(ctx, errs); err != nil {
		at.anew()
		return 0, err
	}
	for i, err := range errs {
		if err != nil {
			at.leave(page[i].Seq, err)
		}
	}
	return heard, nil
}

// signalAll signals these at once, and says how many heard, and why each of the others has not.
func (a *Wakes) signalAll(ctx context.Context, entry campaign.OutboxEntry, at *walk, page []campaign.Target) (heard int, errs []error) {
	errs = make([]error, len(page))
	var group errgroup.Group // the failure of one does not cancel the rest
	group.SetLimit(a.Concurrency)
	limiter := newCallLimiter(a.Concurrency, a.Yielding, a.Steps, "") // a fix may concern many campaigns
	for i, target := range page {
		group.Go(func() error {
			errs[i] = a.signalInTurn(ctx, limiter, entry, at, target)
			return nil
		})
	}
	_ = group.Wait() // each error is in errs
	for _, err := range errs {
		if err == nil {
			heard++
		}
	}
	return heard, errs
}

func (a *Wakes) signalInTurn(ctx context.Context, limiter callLimiter, entry campaign.OutboxEntry, at *walk, target campaign.Target) error {
	switch {
	case stopping(ctx):
		return errStopping
	case at.away():
		return errAway
	}
	if err := a.pass(ctx); err != nil {
		return err
	}
	release, err := limiter.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	err = a.signalOne(ctx, entry, target)
	at.count(err)
	return err
}

func (a *Wakes) signalOne(ctx context.Context, entry campaign.OutboxEntry, target campaign.Target) error {
	err := a.send(ctx, entry, target)
	gone := errors.Is(err, ErrNoWorkflow)
	if err == nil && entry.Kind == campaign.OutboxDisenroll && !target.Started {
		gone = true // what has taken the signal up may be about to end: the workflow of the round before, or of before it was taken on
	}
	if !gone {
		return err
	}
	return inTime(ctx, func(ctx context.Context) error { return a.unheard(ctx, entry, target) })
}

// unheard writes down in PostgreSQL what no workflow has heard.
func (a *Wakes) unheard(ctx context.Context, entry campaign.OutboxEntry, target campaign.Target) error {
	switch entry.Kind {
	case campaign.OutboxStop: // it has come to its end by itself
		return nil
	case campaign.OutboxDisenroll:
		_, err := a.Outbox.Disenroll(ctx, target.EnrollmentID, target.VisitBase+1, entry.Note, entry.By)
		return err
	case campaign.OutboxFix, campaign.OutboxResume, campaign.OutboxEnroll, campaign.OutboxEdit:
	}
	// PostgreSQL lists it as parked, Temporal does not run it: it was ended from
	// outside, or it has gone on and come to its end meanwhile. The database knows
	// which: a row is ended before its workflow is.
	ended := campaign.EndedWorkflow{
		Watched: campaign.Watched{EnrollmentKey: campaign.EnrollmentKey{CampaignKey: target.CampaignKey, ContactID: target.ContactID}, EnrollmentID: target.EnrollmentID},
		Found:   campaign.Found{Ending: campaign.EndedClosed},
	}
	news, err := a.Outbox.NoteEnded(ctx, ended)
	if news {
		activity.GetLogger(ctx).Error("a parked enrollment has no open workflow; starter errors says what to do",
			"campaign", target.CampaignKey, "contactId", target.ContactID, "parkId", target.ParkID)
	}
	return err
}

func (a *Wakes) send(ctx context.Context, entry campaign.OutboxEntry, target campaign.Target) error {
	switch {
	case entry.Kind == campaign.OutboxDisenroll, entry.Kind == campaign.OutboxStop: // also one that is not marked as started: a killed worker may have left that out (law 2)
		return a.Messenger.Disenroll(ctx, target, entry.Note, entry.By)
	case entry.Kind == campaign.OutboxEdit:
		if err := a.Messenger.Edited(ctx, target); err != nil || target.ParkID == 0 {
			return err
		}
	case target.Status == campaign.Paused:
		return a.Messenger.Unpause(ctx, target)
	}
	return a.Messenger.Resume(ctx, target, campaign.Resume{
		ParkID: target.ParkID, FixID: fmt.Sprintf("%s-%d", entry.Kind, entry.ID),
		By: entry.By, Note: entry.ResumeNote(), Assume: entry.Assume,
	})
}
