package reconcile

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Comparison compares PostgreSQL with Temporal.
type Comparison struct {
	Ledger   Ledger
	Temporal Temporal
	// Campaign is the key of the only campaign to compare; empty compares all.
	Campaign string
	// Only are the enrollments to compare; nil compares all.
	Only []campaign.EnrollmentKey
	// Restored and TemporalRestored are the moments of the backups that the two
	// were restored from; zero when they were not.
	Restored, TemporalRestored time.Time
	// Interval is the time between two looks at what differs.
	Interval time.Duration
	// Progress receives how many enrollments have been looked at, or repaired; may be nil.
	Progress func(done int)
	// Say receives why something takes long; may be nil.
	Say func(why string)
}

// concurrency is how many enrollments are looked at, or repaired, at once.
const concurrency = 32

// pageSize is how many rows are read at once.
const pageSize = 500

// look is what one look at an enrollment has found.
type look struct {
	key      campaign.EnrollmentKey
	record   *campaign.Record
	run      *campaign.Run
	receipts campaign.Receipts
	err      error // a campaign.ErrNoAnswer
}

// seen is everything that a comparison has looked at so far.
type seen struct {
	sync.Mutex
	keys     map[campaign.EnrollmentKey]bool
	open     int
	goOn     int
	numbers  campaign.Numbers
	differ   map[campaign.EnrollmentKey]look
	underWay map[campaign.EnrollmentKey]look // a message may be on its way
}

// Look compares. It changes nothing, except that this process becomes a query
// worker, so that the workflows read the events that wait for them.
//
// What differs is looked at again, until two looks in a row find the same: in a
// system at work everything moves, and what moves is alive.
func (c *Comparison) Look(ctx context.Context) (*Report, error) {
	report := &Report{Window: windowOf(c.Restored, c.TemporalRestored)}
	last, err := c.Ledger.LastSend(ctx)
	if err != nil {
		return nil, err
	}
	if last.IsZero() { // the ledger is empty; Temporal knows no year 0
		last = time.Unix(0, 0).UTC()
	}
	if !c.Restored.IsZero() && last.After(c.Restored.Add(grace)) {
		return nil, refusedf("PostgreSQL knows of a message at %s, so it was not restored from %s, or workers have run since",
			last.UTC().Format(time.RFC3339), c.Restored.UTC().Format(time.RFC3339))
	}
	stop, err := c.Temporal.Answer()
	if err != nil {
		return nil, err
	}
	defer stop()
	all := &seen{
		keys: map[campaign.EnrollmentKey]bool{}, differ: map[campaign.EnrollmentKey]look{}, underWay: map[campaign.EnrollmentKey]look{},
	}
	look := c.everything
	if c.Only != nil {
		look = c.some
	}
	if err := look(ctx, report, all, last); err != nil {
		return nil, err
	}
	if err := c.confirm(ctx, report, all.differ); err != nil {
		return nil, err
	}
	if err := c.count(ctx, report, all.numbers); err != nil {
		return nil, err
	}
	report.Workflows, report.GoOn = all.open, all.goOn
	if report.Window.Since.IsZero() && report.ShowsLoss() {
		report.Guessed, report.Window.Since = true, last
		for _, difference := range report.Differences {
			delete(all.underWay, difference.EnrollmentKey)
		}
		if err := c.confirm(ctx, report, all.underWay); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(report.Differences, compareDifferences)
	return report, nil
}

// everything looks at the enrollments that have not ended, and at the workflows
// beside them; last is the moment of the ledger's last send.
func (c *Comparison) everything(ctx context.Context, report *Report, all *seen, last time.Time) error {
	if err := c.rows(ctx, report, all); err != nil {
		return err
	}
	if !c.Restored.IsZero() {
		last = c.Restored
	}
	return c.runs(ctx, report, all, last)
}

// some looks at the enrollments that were named, ended or not.
func (c *Comparison) some(ctx context.Context, report *Report, all *seen, _ time.Time) error {
	for page := range slices.Chunk(c.Only, pageSize) {
		looks, err := c.reread(ctx, page)
		if err != nil {
			return err
		}
		report.Enrollments += len(looks)
		if err := c.each(ctx, report, all, looks); err != nil {
			return err
		}
		if c.Progress != nil {
			c.Progress(report.Enrollments)
		}
	}
	return nil
}

// rows looks at every enrollment that has not ended.
func (c *Comparison) rows(ctx context.Context, report *Report, all *seen) error {
	for after := int64(0); ; {
		page, err := c.Ledger.Records(ctx, c.Campaign, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].EnrollmentID
		report.Enrollments += len(page)
		looks := make([]look, len(page))
		for i := range page {
			looks[i] = look{key: page[i].EnrollmentKey, record: &page[i]}
		}
		if err := c.each(ctx, report, all, looks); err != nil {
			return err
		}
		if c.Progress != nil {
			c.Progress(report.Enrollments)
		}
	}
}

// runs looks at the workflows without an enrollment, or with one that has
// ended: those that run, and those that were started since the ledger's last
// send. The ids of the latter must not be given to another person, of whichever
// campaign they are.
func (c *Comparison) runs(ctx context.Context, report *Report, all *seen, since time.Time) error {
	page := func(page []campaign.EnrollmentKey) error {
		var keys []campaign.EnrollmentKey
		for _, key := range page {
			all.numbers.Contact = max(all.numbers.Contact, key.ContactID)
			if !all.keys[key] && (c.Campaign == "" || key.CampaignKey == c.Campaign) {
				keys = append(keys, key)
			}
		}
		looks, err := c.reread(ctx, keys)
		if err != nil {
			return err
		}
		return c.each(ctx, report, all, looks)
	}
	if err := c.Temporal.OpenRuns(ctx, page); err != nil {
		return err
	}
	return c.Temporal.RunsSince(ctx, since.Add(-grace), page)
}

// reread reads the rows of some keys; a look without a record has none.
func (c *Comparison) reread(ctx context.Context, keys []campaign.EnrollmentKey) ([]look, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	records, err := c.Ledger.RecordsOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	byKey := map[campaign.EnrollmentKey]*campaign.Record{}
	for i := range records {
		byKey[records[i].EnrollmentKey] = &records[i]
	}
	looks := make([]look, len(keys))
	for i, key := range keys {
		looks[i] = look{key: key, record: byKey[key]}
	}
	return looks, nil
}

// each asks Temporal about some enrollments at once and keeps what differs.
func (c *Comparison) each(ctx context.Context, report *Report, all *seen, looks []look) error {
	if err := c.ask(ctx, report.Window, looks); err != nil {
		return err
	}
	all.Lock()
	defer all.Unlock()
	for _, one := range looks {
		all.note(one)
		switch action := one.plan(report.Window); {
		case one.err != nil, action.Kind != Same:
			all.differ[one.key] = one
		case one.run != nil && (one.run.Pending != nil || !one.run.Open || mayHaveSent(one.run)):
			all.underWay[one.key] = one
		}
	}
	return nil
}

// ask reads the workflows of some looks.
func (c *Comparison) ask(ctx context.Context, window Window, looks []look) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for i := range looks {
		group.Go(func() error {
			one := &looks[i]
			run, err := c.Temporal.Run(ctx, one.key)
			if errors.Is(err, campaign.ErrNoAnswer) && ctx.Err() == nil {
				one.err = err
				return nil
			}
			if err != nil {
				return err
			}
			if one.run = run; run != nil && mayHaveSent(run) && !window.Since.IsZero() {
				one.receipts, err = c.Temporal.Receipts(ctx, *run)
			}
			return err
		})
	}
	return group.Wait()
}

// mayHaveSent is true of a run that was cut off, or may have been, while it tried a step:
// its history says more.
func mayHaveSent(run *campaign.Run) bool {
	return run.Open && (run.Busy || run.Status == campaign.Active) || !run.Open && run.Outcome == ""
}

// plan is what would be done about what this look has found.
func (l look) plan(window Window) Action {
	return plan(l.record, l.run, l.receipts, window, time.Now())
}

func (s *seen) note(one look) {
	s.keys[one.key] = true
	run := one.run
	if run == nil {
		return
	}
	s.numbers.Fact = max(s.numbers.Fact, run.LastFix)
	if run.Open || one.record == nil {
		s.numbers.Enrollment = max(s.numbers.Enrollment, run.EnrollmentID)
	}
	if run.Open {
		s.open++
		if one.record != nil && one.record.Status == campaign.Completed && run.Status == campaign.Waiting {
			s.goOn++
		}
	}
}
