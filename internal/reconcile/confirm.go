package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"relance/internal/campaign"
)

// looks is how often what differs is looked at again before it counts as moving.
const looks = 5

// confirm looks again at some enrollments and reports those that differ in the
// same way twice and have not moved in between.
func (c *Comparison) confirm(ctx context.Context, report *Report, before map[campaign.EnrollmentKey]look) error {
	for range looks {
		if len(before) == 0 {
			return nil
		}
		select {
		case <-time.After(c.Interval):
		case <-ctx.Done():
			return ctx.Err()
		}
		moved := map[campaign.EnrollmentKey]look{}
		for page := range slices.Chunk(slices.Collect(maps.Keys(before)), pageSize) {
			again, err := c.reread(ctx, page)
			if err != nil {
				return err
			}
			if err := c.ask(ctx, report.Window, again); err != nil {
				return err
			}
			for _, now := range again {
				action := now.plan(report.Window)
				switch {
				case action.Kind == Same && now.err == nil:
				case now.moment() != before[now.key].moment():
					moved[now.key] = now
				default:
					if err := c.report(ctx, report, now, action); err != nil {
						return err
					}
				}
			}
		}
		before = moved
	}
	return nil
}

// moment distinguishes a look from a later one at the same enrollment: it is the same
// for as long as neither side has moved.
func (l look) moment() string {
	text := fmt.Sprint(l.err != nil)
	if l.record != nil {
		text += recordWords(l.record) + fmt.Sprint(l.record.LastPark, l.record.Ledger)
	}
	if l.run != nil {
		text += fmt.Sprint(l.run.RunID, l.run.Length, l.run.Busy) + positionWords(l.run.Position)
	}
	return text
}

// report puts a confirmed look into words.
func (c *Comparison) report(ctx context.Context, report *Report, one look, action Action) error {
	difference := &Difference{
		EnrollmentKey: one.key, Kind: action.Kind, Left: action.Left,
		Postgres: recordWords(one.record), Temporal: runWords(one.run), Repair: repairWords(action),
	}
	switch {
	case one.err != nil:
		difference.Kind, difference.Temporal, difference.Repair = Silent, "does not answer", ""
		difference.Left = one.err.Error()
	case one.record == nil:
		difference.lost = &campaign.Lost{EnrollmentKey: one.key, EnrollmentID: one.run.EnrollmentID, StartedAt: one.run.StartedAt}
		why, err := c.Ledger.Adoptable(ctx, *difference.lost)
		if err != nil {
			return err
		}
		if why != "" && !one.run.Open { // there is nothing left to repair
			report.Forgotten = append(report.Forgotten, difference.WorkflowID())
			return nil
		}
		if why != "" {
			difference.Left = fmt.Sprintf("%s; end it: temporal workflow signal --workflow-id %s --name disenroll", why, difference.WorkflowID())
		}
	}
	if one.record != nil {
		difference.ContactName, difference.StepID = one.record.ContactName, one.record.StepID
	}
	if one.run != nil {
		difference.StepID = one.run.StepID
	}
	if difference.Left != "" {
		difference.Repair = ""
	}
	report.Differences = append(report.Differences, difference)
	return nil
}

// compareDifferences orders a report: by kind, then by campaign and contact.
func compareDifferences(a, b *Difference) int {
	if order := strings.Compare(string(a.Kind), string(b.Kind)); order != 0 {
		return order
	}
	if order := strings.Compare(a.CampaignKey, b.CampaignKey); order != 0 {
		return order
	}
	return int(a.ContactID - b.ContactID)
}

// count compares the numbers that PostgreSQL has given out with those that
// Temporal has seen.
func (c *Comparison) count(ctx context.Context, report *Report, used campaign.Numbers) error {
	given, err := c.Ledger.Numbers(ctx)
	if err != nil {
		return err
	}
	if used.Fact <= given.Fact && used.Contact <= given.Contact && used.Enrollment <= given.Enrollment {
		return nil
	}
	words := func(n campaign.Numbers) string {
		return fmt.Sprintf("has counted to fix %d, contact %d, enrollment %d", n.Fact, n.Contact, n.Enrollment)
	}
	report.Differences = append(report.Differences, &Difference{
		Kind: Numbers, Postgres: words(given), Temporal: words(used), Repair: repairWords(Action{Kind: Numbers}), numbers: used,
	})
	return nil
}
