package operator

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
	"relance/internal/store"
)

// A wait that is shortened makes no burst: apply says over how long the mails leave.
func TestApplySaysOverHowLongItsEditLeaves(t *testing.T) {
	t.Parallel()
	const contacts = 6
	b := setup(t, contacts)
	slow := pace.AccountRules{Gap: 10 * time.Minute}
	b.inTurns(slow, 1, 2, 3, 4, 5, 6)
	set := func(rules pace.AccountRules) {
		_, _, err := b.db.SetPace(b.ctx, mayas, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
		require.NoError(t, err)
	}
	b.exec(`DELETE FROM line`)
	set(pace.AccountRules{})
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = now() + interval '1 day', started_at = now(), follows = true`)
	file := []byte(`campaigns:
  - key: q4
    name: Q4
    owner: maya
    sender: maya@northwind.example
    steps:
      - id: intro
        email: {subject: "Hi", body: "Hello"}
      - wait: 1h
      - id: follow-up
        email: {subject: "Again", body: "Hello"}
`)
	said := func() (due, seconds int) {
		done, err := b.Listing().Apply(b.ctx, "workspace.yaml", file, true)
		require.NoError(t, err)
		for _, item := range done.Items {
			for _, reach := range item.Reach {
				due, seconds = due+reach.DueAtOnce, seconds+reach.SpreadSeconds
			}
		}
		return due, seconds
	}
	due, seconds := said()
	require.Equal(t, contacts, due)
	require.Zero(t, seconds, "nothing limits them")
	steps := file
	file = append([]byte("email_accounts:\n  - {address: maya@northwind.example, name: Maya, smtp: {host: 127.0.0.1, port: 25, tls: none, username: \"\"}, pace: {gap: 10m}}\n"), steps...)
	_, seconds = said()
	require.InDelta(t, 50*60, seconds, 10*60, "by the pace that the same file gives the sender")
	file = steps
	set(slow)
	_, seconds = said()
	require.InDelta(t, 50*60, seconds, 10*60, "six mails, five gaps")
}

// What is saved is not taken for failed when the line cannot be read that only a duration is for: nobody is left waiting.
func TestAnApplyThatIsSavedSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.inTurns(pace.AccountRules{Gap: 10 * time.Minute}, 1, 2)
	b.exec(`DELETE FROM line`)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = now() + interval '1 day', started_at = now(), follows = true`)
	b.exec(`ALTER TABLE campaign_turns RENAME TO turns_away`) // of what is read here, only the look at the line knows it
	file := []byte(`campaigns:
  - {key: q4, name: Q4, owner: maya, sender: maya@northwind.example, steps: [{id: intro, email: {subject: "Hi", body: "Hello"}}, {wait: 1h}, {id: follow-up, email: {subject: "Again", body: "Hello"}}]}
`)
	_, err := b.Apply(b.ctx, "workspace.yaml", file, true)
	require.Error(t, err, "a dry run only says")
	done, err := b.Apply(b.ctx, "workspace.yaml", file, false)
	require.NoError(t, err)
	require.True(t, done.AnyChange)
	require.NoError(t, done.Delayed)
	require.Equal(t, 1, b.temporal.woken, "those who look at once are signalled")
}

// Ctrl-C after the commit leaves a change that is saved, and says so: the outbox is drained within a minute.
func TestAChangeThatIsInterruptedIsSaved(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	gone, interrupt := context.WithCancel(b.ctx)
	interrupt()
	effect, err := b.Listing().effect(gone, b.db, store.Change{Resuming: 1})
	require.NoError(t, err)
	require.ErrorIs(t, effect.Delayed, context.Canceled)
}
