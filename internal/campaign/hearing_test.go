package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestAMailboxThatNobodyReads(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	facts := Facts{
		Account: &EmailAccount{Address: "maya@northwind.example"}, Now: now, DueAt: now.Add(-time.Hour), Sendings: []Sending{{Account: "maya@northwind.example"}},
		Mailbox: &Mailbox{Address: "maya@northwind.example", WantedAt: now.Add(-lookPatience)},
	}
	require.NotNil(t, checkHeard(facts).Place, "it is waited for")
	facts.Mailbox.WantedAt = facts.Mailbox.WantedAt.Add(-time.Second)
	problem := checkHeard(facts).Problem
	require.Equal(t, failure.MailboxUnreadable, problem.Code)
	require.Equal(t, "maya@northwind.example: no worker has read it to its end yet", problem.Detail)
	facts.Mailbox.LookBegan = now.Add(-2 * time.Hour)
	require.Equal(t, "maya@northwind.example: no worker has read it to its end since 2026-11-30 10:00 UTC", checkHeard(facts).Problem.Detail)
	facts.Mailbox.LookBegan = now
	require.True(t, checkHeard(facts).Clear())
}

// The first mail of a later round comes after those of the round before, whose answer may lie unread (law 9).
func TestALaterRoundWaitsForALook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	facts := Facts{
		Account: &EmailAccount{Address: "maya@northwind.example"}, Now: now,
		Mailbox: &Mailbox{Address: "maya@northwind.example", LookBegan: now.Add(-time.Hour)},
	}
	require.True(t, checkHeard(facts).Clear(), "a first mail answers nothing")
	facts.VisitBase = 1
	require.NotNil(t, checkHeard(facts).Place)
	facts.Mailbox.LookBegan = now.Add(-time.Second)
	require.True(t, checkHeard(facts).Clear())
}
