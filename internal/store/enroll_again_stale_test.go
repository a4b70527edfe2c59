package store

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// A disenrollment that was signalled to the workflow of the round before, and that it takes up
// when the contact has been enrolled again, ends nothing of this round (law 2).
func TestTheEndOfARoundEndsNoLaterOne(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	for _, id := range []int64{1, 2} {
		b.done(id)
		b.again(BatchOptions{Named: true}, id)
	}
	before := b.everything()
	status, err := b.Disenroll(b.ctx, 1, 1, "asked to", "maya")
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, status, "the workflow ends, as of a round that is over")
	require.Equal(t, before, b.everything())

	status, err = b.Disenroll(b.ctx, 1, 2, "asked to", "maya")
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, status)
	require.Equal(t, campaign.Disenrolled, b.status(1), "its own round")
	status, err = b.Disenroll(b.ctx, 2, 0, "asked to", "maya")
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, status)
	require.Equal(t, campaign.Disenrolled, b.status(2), "a workflow of the release before says no round")

	b.again(BatchOptions{Named: true}, 1)
	status, err = b.Disenroll(b.ctx, 1, 1000, "asked to", "maya")
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, status)
	require.Equal(t, campaign.Disenrolled, b.status(1), "a database that is older than the round")
	require.Equal(t, campaign.Completed, b.completed())
	b.tallyAgrees("rounds were ended")
}

// completed disenrolls one whose last step was done before.
func (b *ledgerBundle) completed() campaign.Status {
	b.t.Helper()
	b.again(BatchOptions{Named: true}, 2)
	attempt := b.inRound(2)
	attempt.Next = campaign.Next{Completed: true, Version: attempt.Version}
	b.sends(attempt)
	status, err := b.Disenroll(b.ctx, 2, attempt.Visit, "asked to", "maya")
	require.NoError(b.t, err)
	return status
}

// An attempt of the round before may be a position further than its row, which was ended in a
// wait: nothing that it writes concerns this round (laws 1, 2 and 4).
func TestAStaleAttemptOfTheRoundBeforeWritesNothing(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.sends(b.attempt(1))
	stale := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}}
	lost := b.claimNow(stale)
	require.NoError(t, b.Gate(b.ctx, lost))
	require.NoError(t, b.disenrolled(b.ctx, 1, "asked to", "maya"))
	b.again(BatchOptions{Named: true}, 1)
	require.Equal(t, stale.StepIndex, one[int](b, `SELECT step_index FROM enrollments WHERE id = 1`), "its position does not say that it is stale")
	stale.Resume = &campaign.Resume{Assume: campaign.AssumeSent, By: "maya"}
	follows := stale
	follows.Follows, follows.Version, follows.Kind = true, 1, campaign.SMS

	for name, write := range map[string]func() error{
		"hold": func() error { _, err := b.Hold(b.ctx, stale, found(noSender)); return err },
		"record": func() error {
			held, err := b.Record(b.ctx, stale, failure.Problem{Code: failure.SendingFailed})
			require.Equal(t, campaign.Held{Sent: true}, held, "nothing is left to record")
			return err
		},
		"uncertain": func() error {
			_, err := b.MarkUncertain(b.ctx, stale, lost, failure.Problem{Code: failure.DeliveryUncertain})
			return err
		},
		"receipt": func() error {
			_, sent, err := b.AcceptSent(b.ctx, stale, true)
			require.False(t, sent)
			return err
		},
		"go on": func() error {
			_, moved, err := b.GoOn(b.ctx, follows)
			require.False(t, moved)
			return err
		},
		"claim": func() error { _, err := b.Claim(b.ctx, stale, draft("c@contoso.example")); return err },
		"gate":  func() error { return b.Gate(b.ctx, lost) },
	} {
		before := b.everything()
		if err := write(); err != nil && !errors.Is(err, campaign.ErrSuperseded) {
			require.NoError(t, err, name)
		}
		require.Equal(t, before, b.everything(), name)
	}

	// This round is in doubt about a message at that very position; the answer to the other one is not for it.
	attempt := b.inRound(1)
	attempt.StepID = "tell"
	delivery := b.claimNow(attempt)
	require.NoError(t, b.Gate(b.ctx, delivery))
	held, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	require.NotNil(t, held.Parked)
	asked := one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'resume'`)
	_, sent, err := b.AcceptSent(b.ctx, stale, true)
	require.NoError(t, err)
	require.False(t, sent)
	require.Equal(t, campaign.Uncertain, b.state(attempt), "law 4")
	require.ErrorIs(t, b.MarkSent(b.ctx, stale, lost, "250 ok"), campaign.ErrLate)
	require.Equal(t, campaign.Sent, b.state(stale), "a late answer is the truth about its own round")
	require.Equal(t, asked, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'resume'`), "law 4")
	require.Equal(t, campaign.InError, b.status(1))
}

// They were started side by side, in any order: those who take several enrollments take them by number. The plan
// for any parameters is the one that a worker keeps.
func TestThoseStartedAreMarkedInTheOrderOfAllLocks(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_generic_plan', current_database()); END $$`)
	b.pool.Reset()
	begun := b.toStart(b.starts()[0])
	begun[0], begun[1] = begun[1], begun[0]
	other, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = other.Rollback(b.ctx) }()
	_, err = other.Exec(b.ctx, `SELECT FROM enrollments WHERE id = 1 FOR UPDATE`)
	require.NoError(t, err)
	marked := make(chan error, 1)
	go func() { marked <- b.MarkStarted(b.ctx, begun, true) }()
	b.awaitLockWait()
	_, err = other.Exec(b.ctx, `SELECT FROM enrollments WHERE id = 2 FOR UPDATE NOWAIT`)
	require.NoError(t, err, "else each waits for the other")
	require.NoError(t, other.Commit(b.ctx))
	require.NoError(t, <-marked)
	require.Empty(t, b.starts())
}

// everything is what is written of enrollments, for one who asks whether anything was.
func (b *ledgerBundle) everything() string {
	b.t.Helper()
	return one[string](b, `SELECT concat(
		(SELECT string_agg(e::text, E'\n' ORDER BY id) FROM enrollments e), E'\n',
		(SELECT string_agg(d::text, E'\n' ORDER BY d::text) FROM deliveries d), E'\n',
		(SELECT string_agg(p::text, E'\n' ORDER BY p::text) FROM parked_on p), E'\n',
		(SELECT string_agg(l::text, E'\n' ORDER BY l::text) FROM line l), E'\n',
		(SELECT string_agg(o::text, E'\n' ORDER BY id) FROM outbox o), E'\n',
		(SELECT string_agg(n::text, E'\n' ORDER BY n::text) FROM notes n))`)
}

// An attempt of StartEnrollments that was given up, and comes late, has started the workflow of the
// round before: it marks none that is to be started since as started. Nobody would start that, and the
// watch would find no workflow of it and take it out (law 2).
func TestALateStartMarksNoLaterRound(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	late := b.toStart(b.starts()[0])
	require.Len(t, late, 2)
	require.NoError(t, b.MarkStarted(b.ctx, late, true), "the attempt that went on in its place")
	for _, id := range []int64{1, 2} {
		b.done(id)
	}
	b.again(BatchOptions{}, 1)
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(t, err)
	of.Steps = append(of.Steps, campaign.Step{ID: "more", Kind: campaign.SMS, Text: "More"})
	_, err = b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "maya", false)
	require.NoError(t, err)
	on, err := b.Continue(b.ctx, "q4", []int64{2}, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, on.Enrolled)

	for _, count := range []int{2, 2} { // the second time there is a third round of the first contact
		require.NoError(t, b.MarkStarted(b.ctx, late, true))
		require.Equal(t, count, one[int](b, `SELECT count(*) FROM enrollments WHERE started_at IS NULL`), "law 2: their workflows do not exist")
		require.Equal(t, 0, one[int](b, `SELECT sum(signalled) FROM outbox WHERE done_at IS NULL`))
		late = append(late, b.toStart(b.starts()[0])...)
		b.exec(`UPDATE enrollments SET status = 'Completed' WHERE id = 1`)
		b.again(BatchOptions{}, 1)
	}

	// A round that reconciliation asks for again, or that no request is known of, is marked as any other.
	b.exec(`UPDATE enrollments SET request = NULL WHERE id = 2`)
	for _, request := range b.starts() {
		require.NoError(t, b.MarkStarted(b.ctx, b.toStart(request), true))
		require.NoError(t, b.CloseIfStarted(b.ctx, request))
	}
	require.Equal(t, 0, one[int](b, `SELECT count(*) FROM enrollments WHERE started_at IS NULL`))
	require.Empty(t, b.starts())
}
