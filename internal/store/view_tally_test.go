package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// wrongTallySQL counts everything in one snapshot, and returns what the tally does not agree with.
const wrongTallySQL = `
	SELECT coalesce(string_agg(format('%s %s %s %s: %s', campaign, status, code, cause, n), E'\n'), '') FROM (
		SELECT campaign, status, code, cause, sum(n) AS n FROM (
			SELECT campaign, status, coalesce(code, '') AS code,
			       CASE WHEN cause LIKE 'contact:%' THEN 'contact' ELSE coalesce(cause, '') END AS cause, 1 AS n FROM enrollments
			UNION ALL
			SELECT campaign, 'sent', '', '', 1 FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE state = 'sent' AND kind = 'email'
			UNION ALL
			SELECT campaign, status, code, cause, -n FROM tally) AS t
		 GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0) AS wrong`

// wrongStepsSQL does so for the tally by step and day; what is old may stand under any day.
const wrongStepsSQL = `
	SELECT coalesce(string_agg(format('%s %s %s %s: %s', campaign, step_id, what, day, n), E'\n'), '') FROM (
		SELECT campaign, step_id, what, CASE WHEN day < current_date - 80 THEN '-infinity' ELSE day END AS day, sum(n) AS n FROM (
			SELECT campaign, step_id, status AS what, coalesce((ended_at AT TIME ZONE 'UTC')::date, '-infinity') AS day, 1 AS n FROM enrollments
			UNION ALL
			SELECT campaign, d.step_id, CASE kind WHEN 'email' THEN 'sent' ELSE 'notified' END, (coalesce(settled_at, reserved_at) AT TIME ZONE 'UTC')::date, 1
			  FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE state = 'sent'
			UNION ALL
			SELECT campaign, o.step_id, 'parked', (o.at AT TIME ZONE 'UTC')::date, 1 FROM notes o JOIN enrollments e ON e.id = o.enrollment_id WHERE kind = 'in_error'
			UNION ALL
			SELECT campaign, step_id, what, day, -n FROM tally_step) AS t
		 GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0) AS wrong`

func (b *ledgerBundle) tallyAgrees(after string) {
	b.t.Helper()
	require.Empty(b.t, one[string](b, wrongTallySQL), "after %s, by how much the tables hold more than the tally", after)
	require.Empty(b.t, one[string](b, wrongStepsSQL), "after %s, by how much the tables hold more than the tally by step", after)
}

// Many change everything at once, and at every moment the tally is what a full
// count gives, and the six statuses add up (law 2).
func TestTheTallyIsWhatAFullCountGives(t *testing.T) {
	t.Parallel()
	const people, hands, changes = 12, 6, 120
	b := setupLedger(t, people)
	b.exec(`INSERT INTO campaigns SELECT 'q5', name, owner, sender, paused, steps FROM campaigns`)
	var ended int // the judge looks until all hands rest
	group, ctx := errgroup.WithContext(b.ctx)
	rested := make(chan struct{}, hands)
	for hand := range uint64(hands) {
		group.Go(func() error {
			defer func() { rested <- struct{}{} }()
			dice := rand.New(rand.NewPCG(20_260_601, hand))
			for range changes {
				if err := b.changeSomething(ctx, dice, int64(1+dice.IntN(people))); err != nil && !expected(err) {
					return err
				}
			}
			return nil
		})
	}
	for ended < hands {
		select {
		case <-rested:
			ended++
		default:
		}
		b.tallyAgrees("some of the changes")
		b.statusesAddUp()
	}
	require.NoError(t, group.Wait())
	b.tallyAgrees("all changes")
	require.NoError(t, b.FoldTally(b.ctx))
	b.tallyAgrees("folding")
	require.LessOrEqual(t, one[int](b, `SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM tally GROUP BY campaign, status, code, cause) AS t`), foldAt)
	require.LessOrEqual(t, one[int](b, `SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM tally_step GROUP BY campaign, step_id, what, day) AS t`), foldAt)
	wrong, err := b.RecountTally(b.ctx)
	require.NoError(t, err)
	require.Zero(t, wrong)
}

// expected are the answers to stale attempts, to late ones and to those of contacts that are gone.
func expected(err error) bool {
	return errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrLate) || errors.Is(err, ErrNotFound) || isConflict(err)
}

func (b *ledgerBundle) changeSomething(ctx context.Context, dice *rand.Rand, id int64) error {
	attempt := b.attempt(id)
	attempt.ResumedPark = 1000 // whatever is open is resumed
	if dice.IntN(2) == 0 {
		attempt.Next = campaign.Next{Completed: true}
	}
	problems := []failure.Problem{
		noSender, {Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.Cause(fmt.Sprintf("contact:%d", id))}},
		{Code: failure.SendingFailed},
	}
	switch dice.IntN(12) {
	case 0, 1, 2: // a send
		delivery, err := b.Claim(ctx, attempt, draft("c@contoso.example"))
		if err != nil || delivery.State != campaign.Reserved {
			return err
		}
		if err := b.Gate(ctx, delivery); err != nil {
			return err
		}
		return b.MarkSent(ctx, attempt, delivery, "250 ok")
	case 3, 4: // a park, which is another park when one is open
		_, err := b.Hold(ctx, attempt, found(problems[dice.IntN(len(problems))]))
		return err
	case 5: // a wait that is over
		_, err := b.Hold(ctx, attempt, func(facts campaign.Facts) campaign.Finding { return campaign.Finding{Until: facts.Now} })
		return err
	case 6:
		return b.disenrolled(ctx, id, "", "test")
	case 7: // and again from the beginning, in one statement
		_, err := b.pool.Exec(ctx, `
			WITH unsent AS (UPDATE deliveries SET state = 'failed' WHERE enrollment_id = $1)
			UPDATE enrollments SET status = 'Active', step_index = 0, ended_at = NULL, park_seq = NULL, code = NULL, cause = NULL WHERE id = $1`, id)
		return err
	case 8: // a transaction that comes to nothing
		_, err := b.pool.Exec(ctx, `BEGIN; UPDATE enrollments SET status = 'Paused', park_seq = NULL, code = NULL; DELETE FROM deliveries; ROLLBACK`)
		return err
	case 9: // another campaign, and out of it
		if _, err := b.Enroll(ctx, "q5", nil, "test", false); err != nil {
			return err
		}
		_, err := b.pool.Exec(ctx, `DELETE FROM enrollments WHERE campaign = 'q5'`)
		return err
	case 10:
		_, err := b.RecountTally(ctx)
		return err
	}
	return b.FoldTally(ctx)
}

func (b *ledgerBundle) statusesAddUp() {
	b.t.Helper()
	statuses, err := b.CampaignStatuses(b.ctx, "")
	require.NoError(b.t, err)
	for _, s := range statuses {
		require.Equal(b.t, s.Enrolled, s.Active+s.Waiting+s.InError+s.Paused+s.Completed+s.Disenrolled, "law 2: %+v", s)
		inError := 0
		for _, n := range s.ByCode {
			inError += n
		}
		require.Equal(b.t, s.InError, inError, "by code: %+v", s)
	}
}

func TestStatusAndSummaryReadTheTally(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	for id, problem := range map[int64]failure.Problem{
		1: {Code: failure.ContactHasNoEmail, Causes: []failure.Cause{"contact:1"}},
		2: {Code: failure.ContactHasNoEmail, Causes: []failure.Cause{"contact:2"}},
		3: noSender,
	} {
		_, err := b.Hold(b.ctx, b.attempt(id), found(problem))
		require.NoError(t, err)
	}
	delivery := b.claim(b.attempt(4))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(4), delivery, "250 ok"))
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() - interval '1 second' WHERE id = 5`)
	b.exec(`UPDATE enrollments SET parked_at = '2026-11-01Z' WHERE id = 2`)

	statuses, err := b.CampaignStatuses(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, []CampaignStatus{{
		Campaign: "q4", Enrolled: 6, Active: 2, Waiting: 1, InError: 3, Sent: 1,
		ByCode: map[failure.Code]int{failure.ContactHasNoEmail: 2, failure.OwnerHasNoSendingAddress: 1},
	}}, statuses, "who is due counts as active")
	groups, err := b.ErrorSummary(b.ctx, "")
	require.NoError(t, err)
	require.Len(t, groups, 2)
	require.Equal(t, "contact", groups[0].Cause)
	require.Equal(t, 2, groups[0].Count)
	require.Equal(t, "2026-11-01", groups[0].Oldest.UTC().Format("2006-01-02"), "the oldest of the group")
	for code, want := range map[failure.Code]int{"": 3, failure.ContactHasNoEmail: 2, failure.SendingFailed: 0} {
		count, err := b.CountErrors(b.ctx, ErrorFilter{Campaign: "q4", Code: code})
		require.NoError(t, err)
		require.Equal(t, want, count, "with code %q", code)
	}
}

// A write past the triggers makes the tally wrong; a recount repairs it.
func TestRecountPutsTheTallyRight(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.exec(`ALTER TABLE enrollments DISABLE TRIGGER USER; UPDATE enrollments SET status = 'Paused' WHERE id <= 2; ALTER TABLE enrollments ENABLE TRIGGER USER`)
	wrong, err := b.RecountTally(b.ctx)
	require.NoError(t, err)
	require.Equal(t, 4, wrong, "too many active, too few paused: in all, and at the step")
	b.tallyAgrees("a recount")

	b.exec(`DELETE FROM tally; DELETE FROM tally_step`)
	_, err = b.RecountTally(b.ctx)
	require.NoError(t, err)
	b.tallyAgrees("the tally was lost")

	b.exec(`TRUNCATE enrollments CASCADE`)
	b.tallyAgrees("TRUNCATE")
}
