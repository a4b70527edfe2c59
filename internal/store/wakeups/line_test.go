package wakeups

import (
	"errors"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// The times at which messages may leave change as all else does: a small gap, now and then
// a limit of the day, a window that opens in three days.
var (
	breaksTimes = []change{
		func(w *world) error { return w.setPace(w.anyAccount(), w.anyGap()) },
		func(w *world) error { return w.setPace(w.anyAccount(), w.anyGap()) },
		func(w *world) error {
			return w.setPace(w.anyAccount(), pace.AccountRules{Gap: 5 * time.Millisecond, PerDay: 1 + w.dice.below(30)})
		},
		func(w *world) error { return w.setWindow(w.anyCampaign(), closed()) },
	}
	mendsTimes = []change{
		func(w *world) error { return w.setPace(w.anyAccount(), w.anyGap()) },
		func(w *world) error { return w.setPace(w.anyAccount(), pace.AccountRules{}) },
		func(w *world) error { return w.setWindow(w.anyCampaign(), pace.CampaignRules{}) },
		func(w *world) error { return w.setWindow(w.anyCampaign(), pace.CampaignRules{}) },
	}
)

func (w *world) anyGap() pace.AccountRules {
	rules := pace.AccountRules{Gap: time.Duration(1+w.dice.below(40)) * time.Millisecond, Jitter: 2 * time.Millisecond}
	if w.dice.oneIn(3) {
		rules.Order = pace.FIFO
	}
	return rules
}

func closed() pace.CampaignRules {
	return pace.CampaignRules{Windows: []pace.Window{{Days: pace.On(time.Now().AddDate(0, 0, 3).UTC().Weekday()), To: pace.EndOfDay}}}
}

func (w *world) setPace(address string, rules pace.AccountRules) error {
	_, _, err := w.SetPace(w.ctx, address, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
	return ignore(err)
}

func (w *world) setWindow(key string, window pace.CampaignRules) error {
	of, err := w.Campaign(w.ctx, key)
	if err != nil {
		return err
	}
	of.Window = window
	_, err = w.Apply(w.ctx, store.Workspace{Campaigns: []store.CampaignSpec{{Campaign: of, KeepSender: true}}}, "test", false)
	return ignore(err)
}

// freeAll takes every limit away: who waits in line then waits for the giver alone.
func (w *world) freeAll() {
	w.t.Helper()
	for _, sender := range accounts {
		w.must(w.commit(func(w *world) error { return w.setPace(sender, pace.AccountRules{}) }))
	}
	w.mail.calm.Store(true)
	w.releaseAll()
	for _, key := range w.campaigns {
		w.must(w.commit(func(w *world) error { return w.setWindow(key, pace.CampaignRules{}) }))
	}
}

// releaseAll takes every hold away that there is: an absence may be read late.
func (w *world) releaseAll() {
	for id := range int64(contacts) {
		w.must(w.commit(func(w *world) error { return w.release(id + 1) }))
	}
}

// giveTurns is one of two givers, which dies now and then between its commit and its signals.
func (f *flows) giveTurns() {
	for !f.isStopped() {
		again, _, err := f.w.GiveTurns(f.w.ctx, 10)
		if err == nil && f.w.dice.oneIn(4) {
			_, err = f.w.TendLine(f.w.ctx)
		}
		if err == nil && !f.w.dice.oneIn(8) {
			err = f.signalTurns()
		}
		if err != nil && !errors.Is(err, errLost) && !f.isStopped() {
			f.w.t.Errorf("a giver: %v", err)
			return
		}
		f.w.awaitChange(min(again, 5*time.Millisecond))
	}
}

func (f *flows) signalTurns() error {
	turns, err := f.w.TurnsToSignal(f.w.ctx, 5)
	if err != nil {
		return err
	}
	var signalled, failed []campaign.GivenTurn
	var gone []int64
	for _, turn := range turns {
		if f.w.dice.oneIn(15) { // the signal is lost: it comes after the others
			failed = append(failed, turn)
			continue
		}
		switch err = f.tell(campaign.Target{CampaignKey: turn.CampaignKey, ContactID: turn.ContactID}, func(e *enrollment) { e.turn = max(e.turn, turn.Turn) }); {
		case errors.Is(err, activities.ErrNoWorkflow):
			gone = append(gone, turn.EnrollmentID)
		case err == nil && !f.w.dice.oneIn(30): // else it is signalled twice
			f.w.count("turn")
			signalled = append(signalled, turn)
		}
	}
	return errors.Join(f.w.TurnsSignalled(f.w.ctx, signalled, gone), f.w.TurnsFailed(f.w.ctx, failed))
}

func (f *flows) isStopped() (stopped bool) {
	f.locked(func() { stopped = f.stopped })
	return stopped
}

// queue waits for a turn as workflows/turn.go does.
func (e *enrollment) queue() {
	e.status, e.inLine = campaign.Waiting, true
	e.await(func() bool { return e.turn > 0 || e.edited })
	e.inLine, e.turn, e.used = false, 0, e.turn
	e.begin()
}

// inLine counts those who stand in a line that should move: nothing limits it, and their
// campaign goes on. The time of turns that were not used is over.
func (w *world) inLine() (count int) {
	w.t.Helper()
	_, err := w.db.Exec(w.ctx, `
		UPDATE line SET granted_at = granted_at - interval '2 hours', signalled_at = signalled_at - interval '2 hours'
		 WHERE state IN ('granted', 'claimed', 'stuck')`)
	w.must(err)
	w.must(w.db.QueryRow(w.ctx, `
		SELECT count(*) FROM line l JOIN campaigns c ON c.key = l.campaign WHERE l.state <> 'held' AND NOT c.paused`).Scan(&count))
	return count
}

// lineNow is what stands in the lines, for one who looks why nothing moves.
func (w *world) lineNow() (text string) {
	w.must(w.db.QueryRow(w.ctx, `
		SELECT clock_timestamp()::text || coalesce((SELECT string_agg(E'\n' || to_jsonb(p)::text, '') FROM account_pace p), '') || coalesce((SELECT string_agg(E'\n' || to_jsonb(l)::text || E'\n  ' || to_jsonb(e)::text, '')
		  FROM line l JOIN enrollments e ON e.id = l.enrollment_id WHERE l.state <> 'held'), '')`).Scan(&text))
	return text
}
