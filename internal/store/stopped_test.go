package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// A stopped attempt is a stale one that has paused for a while: what it
// decides, or looks at, is older than what others have done since.

// doubted is contact 1 parked with its first message uncertain: the claim that
// passed the gate, and the park.
func (b *ledgerBundle) doubted() campaign.Delivery {
	b.t.Helper()
	delivery := b.claim(b.attempt(1))
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, uncertainty)
	require.NoError(b.t, err)
	require.Equal(b.t, 1, held.Parked.ParkID)
	return delivery
}

// Law 1: one attempt has looked and stopped; a second was uncertain; an operator
// said that it was not sent, and the third has sent its dot. The first goes on.
func TestAnOlderVisitIsNotClaimedBesideANewerOne(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.doubted()
	answered := b.attempt(1)
	answered.Visit, answered.ResumedPark, answered.Resume = 2, 1, &campaign.Resume{Assume: campaign.AssumeNotSent, By: "maya"}
	third := b.claim(answered)
	require.NoError(t, b.Gate(b.ctx, third), "the dot may be out")

	seen := draft("c@contoso.example")
	seen.Seen = campaign.Active
	_, err := b.Claim(b.ctx, b.attempt(1), seen)
	require.ErrorIs(t, err, campaign.ErrSuperseded)
	require.Equal(t, campaign.Failed, b.state(b.attempt(1)), "the first visit stays as the operator said")
	require.NoError(t, b.MarkSent(b.ctx, answered, third, "250 ok"))
}

// Law 1: the ledger has no row of the step any more (a restored one may not), and
// the contact is past it: an attempt that wakes up late does not begin it again.
func TestAStepThatIsPastIsNotClaimed(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE enrollments SET step_index = 5`)
	seen := draft("c@contoso.example")
	seen.Seen = campaign.Active
	_, err := b.Claim(b.ctx, b.attempt(1), seen)
	require.ErrorIs(t, err, campaign.ErrSuperseded)
	var rows int
	require.NoError(t, b.pool.QueryRow(b.ctx, `SELECT count(*) FROM deliveries`).Scan(&rows))
	require.Zero(t, rows)
}

// Law 2: one attempt has stopped before its first look; a second was uncertain,
// and the workflow waits at that park; the answer came late, and was yes. The
// first then finds the message sent: it must leave the park to its resume, or
// the workflow waits for one that is never sent any more.
func TestAReceiptLeavesAParkThatWasNotResumed(t *testing.T) {
	t.Parallel()
	for _, assume := range []campaign.Assume{"", campaign.AssumeSent} {
		b := setupLedger(t, 1)
		delivery := b.doubted()
		require.ErrorIs(t, b.MarkSent(b.ctx, b.attempt(1), delivery, "250 ok"), campaign.ErrLate)

		stopped := b.attempt(1)
		stopped.Resume = &campaign.Resume{Assume: assume}
		_, sent, err := b.AcceptSent(b.ctx, stopped, assume != "")
		require.NoError(t, err)
		require.False(t, sent, "an attempt that finds a park has to report it")
		require.Equal(t, campaign.InError, b.status(1))
		targets, err := b.Targets(b.ctx, b.onlyWake(), 10)
		require.NoError(t, err)
		require.Len(t, targets, 1, "the late answer still finds the park that it resumes")

		resumed := b.attempt(1)
		resumed.ResumedPark, resumed.Resume = 1, &campaign.Resume{Assume: campaign.AssumeSent}
		_, sent, err = b.AcceptSent(b.ctx, resumed, true)
		require.NoError(t, err)
		require.True(t, sent)
		require.Equal(t, campaign.Waiting, b.status(1))
	}
}

// Law 2: an operator has answered "it was sent" for the last message, and the person's reply has ended the
// enrollment before the attempt came to it. The answer is kept, and the workflow learns of the
// end: else it would be completed, and PostgreSQL would say that it was disenrolled.
func TestAnAnswerComesToAnEnrollmentThatHasEnded(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.doubted()
	require.NoError(t, b.disenrolled(b.ctx, 1, "replied", "mailbox"))
	answered := b.attempt(1)
	answered.ResumedPark, answered.Resume, answered.Next = 1, &campaign.Resume{ParkID: 1, Assume: campaign.AssumeSent, By: "maya"}, campaign.Next{Completed: true}
	_, sent, err := b.AcceptSent(b.ctx, answered, true)
	require.NoError(t, err)
	require.False(t, sent)
	require.Equal(t, campaign.Sent, b.state(b.attempt(1)))
	facts, err := b.Facts(b.ctx, answered)
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, facts.Status)
}
