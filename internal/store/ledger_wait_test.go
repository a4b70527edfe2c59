package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// The row of an enrollment waits until the instant that the attempt has reckoned, however
// the message is found to have been sent; without one it waits as long as Next says.
func TestTheRowWaitsUntilTheReckonedInstant(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	at := time.Now().Add(71 * time.Hour).Truncate(time.Microsecond).UTC()
	reckoned := func(id int64) campaign.Attempt {
		attempt := b.attempt(id)
		attempt.Next.Days, attempt.Next.At = 3, at
		return attempt
	}
	sent := func(attempt campaign.Attempt) campaign.Delivery {
		delivery := b.claim(attempt)
		require.NoError(t, b.Gate(b.ctx, delivery))
		return delivery
	}
	waits := func(id int64) time.Time {
		require.Equal(t, campaign.Waiting, b.status(id))
		return one[time.Time](b, `SELECT next_at FROM enrollments WHERE id = $1`, id).UTC()
	}

	require.NoError(t, b.MarkSent(b.ctx, reckoned(1), sent(reckoned(1)), "250 ok"))
	require.Equal(t, at, waits(1))
	later := reckoned(1) // the same message, by an attempt that looks again
	later.Next.At = at.Add(time.Hour)
	_, found, err := b.AcceptSent(b.ctx, later, false)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, at, waits(1), "a row that has gone on stays")

	delivery := sent(reckoned(2))
	_, err = b.MarkUncertain(b.ctx, reckoned(2), delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	answer := reckoned(2)
	answer.ResumedPark, answer.Resume = 1, &campaign.Resume{ParkID: 1, Assume: campaign.AssumeSent}
	_, found, err = b.AcceptSent(b.ctx, answer, true)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, at, waits(2))

	unreckoned := reckoned(3)
	unreckoned.Next.At = time.Time{}
	require.NoError(t, b.MarkSent(b.ctx, unreckoned, sent(unreckoned), "250 ok"))
	require.WithinDuration(t, time.Now().Add(72*time.Hour), waits(3), time.Minute)
}
