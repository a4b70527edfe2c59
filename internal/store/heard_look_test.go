package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// setupMoved has contact 1 mailed by maya, and moved to ann; both mailboxes are read.
func setupMoved(t *testing.T) *ledgerBundle {
	t.Helper()
	b := setupHeard(t, 1)
	_, err := b.ConnectAccount(b.ctx, accountAt(ann), "test")
	require.NoError(t, err)
	_, err = b.SetMailbox(b.ctx, ann, &campaign.IMAP{Host: "127.0.0.1", Port: 143, TLS: campaign.TLSNone, Username: ann}, "test")
	require.NoError(t, err)
	b.exec(`UPDATE campaigns SET senders = ARRAY[$1, $2], sender = $1 WHERE key = 'q4'`, maya, ann)
	b.sendIntro(1)
	_, err = b.MoveSender(b.ctx, "q4", maya, ann, "test", BatchOptions{})
	require.NoError(t, err)
	return b
}

func accountAt(address string) campaign.EmailAccount {
	return campaign.EmailAccount{Address: address, SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: campaign.TLSNone}}
}

// looksAt completes a look at one mailbox that begins now.
func (b *ledgerBundle) looksAt(address string) {
	b.t.Helper()
	mailbox, _, err := b.TakeMailbox(b.ctx, address, "reader")
	require.NoError(b.t, err)
	require.NoError(b.t, b.CompleteLook(b.ctx, address, mailbox.Lease, one[time.Time](b, `SELECT clock_timestamp()`)))
}

// Law 9: who was moved to another sender answers the emails of the one before, in its mailbox.
func TestAMovedContactWaitsForALookAtEachMailbox(t *testing.T) {
	t.Parallel()
	b := setupMoved(t)
	attempt := b.followUp(1)
	b.looksAt(ann)
	held, err := b.Hold(b.ctx, attempt, emailCheck)
	require.NoError(t, err)
	require.True(t, held.InLine, "nobody has looked where the answer comes")
	facts, err := b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	require.Equal(t, ann, facts.Account.Address)
	require.Equal(t, maya, facts.Mailbox.Address)
	states := func() string {
		return one[string](b, `SELECT account || ' ' || state || ' ' || coalesce(looks_at, '-') FROM line WHERE enrollment_id = 1`)
	}
	require.Equal(t, ann+" asleep "+maya, states(), "it stands in the line of one sender, and waits for a look at the other's mailbox")
	awaits, err := b.AwaitLooks(b.ctx, maya, 10)
	require.NoError(t, err)
	require.Len(t, awaits, 1)
	b.looksAt(ann)
	require.Equal(t, ann+" asleep "+maya, states(), "that was the other mailbox")
	b.exec(`UPDATE account_pace SET look_at = clock_timestamp() + interval '1 hour' WHERE address = $1`, ann)
	b.looksAt(maya)
	require.Equal(t, ann+" waiting -", states())
	require.True(t, one[bool](b, `SELECT look_at IS NULL FROM account_pace WHERE address = $1`, ann), "the giver looks at its line at once")
	facts, err = b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	require.False(t, facts.Mailbox.LookBegan.Before(facts.FreshAfter()), "both are fresh")
}

// Law 9: what an edit makes due is due since the edit. What was read before it says nothing of who has answered by then.
func TestWhatAnEditMakesDueWaitsForALookAfterIt(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	b.exec(`UPDATE enrollments SET started_at = now(), follows = true`)
	b.looksAt(maya)
	w := b.workspace()
	w.Campaigns[0].Steps[1].Wait = time.Millisecond
	_, err := b.Apply(b.ctx, w, "test", false)
	require.NoError(t, err)
	require.True(t, one[bool](b, `SELECT edit IS NOT NULL FROM enrollments WHERE id = 1`))
	attempt := b.followUp(1)
	attempt.Due, attempt.Follows, attempt.Version = time.Time{}, true, 2 // no timer has ended
	held, err := b.Hold(b.ctx, attempt, emailCheck)
	require.NoError(t, err)
	require.True(t, held.InLine)
	b.looksAt(maya)
	facts, err := b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, emailCheck(facts).Clear())
}

// Who sleeps for a look at the mailbox of before goes on when nobody is to read that any more.
func TestNobodySleepsForALookThatDoesNotCome(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *ledgerBundle) error{
		"it is not to be read": func(b *ledgerBundle) error { _, err := b.SetMailbox(b.ctx, maya, nil, "test"); return err },
		"its account was removed": func(b *ledgerBundle) error {
			_, err := b.RemoveAccount(b.ctx, maya, "test", RemovalSeen{})
			return err
		},
		"it cannot be read": func(b *ledgerBundle) error {
			mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
			require.NoError(b.t, err)
			_, err = b.MailboxFailed(b.ctx, maya, mailbox.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupMoved(t)
			b.looksAt(ann)
			held, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
			require.NoError(t, err)
			require.True(t, held.InLine)
			require.NoError(t, change(b))
			require.Equal(t, ann+" waiting", one[string](b, `SELECT account || ' ' || state FROM line WHERE enrollment_id = 1`))
		})
	}
}

func TestAMailboxOfBeforeThatCannotBeReadParks(t *testing.T) {
	t.Parallel()
	for name, mend := range map[string]func(b *ledgerBundle){
		"it is read again":     func(b *ledgerBundle) { b.looksAt(maya) },
		"nobody is to read it": func(b *ledgerBundle) { _, err := b.SetMailbox(b.ctx, maya, nil, "test"); require.NoError(b.t, err) },
		"its account was removed": func(b *ledgerBundle) {
			_, err := b.RemoveAccount(b.ctx, maya, "test", RemovalSeen{})
			require.NoError(b.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupMoved(t)
			b.looksAt(ann)
			mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
			require.NoError(t, err)
			_, err = b.MailboxFailed(b.ctx, maya, mailbox.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
			require.NoError(t, err)
			held, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
			require.NoError(t, err)
			require.Equal(t, failure.MailboxUnreadable, held.Parked.Problem.Code)
			require.Contains(t, held.Parked.Problem.Detail, maya)
			mend(b)
			require.Equal(t, []int64{1}, b.woken(), "the one who waited is signalled")
			facts, err := b.Facts(b.ctx, b.followUp(1))
			require.NoError(t, err)
			require.Nil(t, emailCheck(facts).Problem)
		})
	}
}

// woken are those that the open entries of the outbox signal.
func (b *ledgerBundle) woken() (ids []int64) {
	b.t.Helper()
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(b.t, err)
	for _, entry := range entries {
		targets, err := b.Targets(b.ctx, entry, 10)
		require.NoError(b.t, err)
		for _, target := range targets {
			ids = append(ids, target.EnrollmentID)
		}
	}
	return ids
}

// Law 3: a look that is complete while a hold decides that there is none wakes it afterwards.
func TestALookThatMeetsAHoldIsNotMissed(t *testing.T) {
	t.Parallel()
	for name, setUp := range map[string]func(b *ledgerBundle, lease int64){
		"the mailbox is in error": func(b *ledgerBundle, lease int64) {
			_, err := b.MailboxFailed(b.ctx, maya, lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
			require.NoError(b.t, err)
		},
		"nobody has read it for long": func(b *ledgerBundle, _ int64) {
			b.exec(`UPDATE mailboxes SET wanted_at = clock_timestamp() - interval '1 hour'`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupHeard(t, 1)
			b.sendIntro(1)
			mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
			require.NoError(t, err)
			setUp(b, mailbox.Lease)
			attempt := b.followUp(1)
			began := one[time.Time](b, `SELECT clock_timestamp()`)
			looked := make(chan error, 1)
			held, err := b.Hold(b.ctx, attempt, func(facts campaign.Facts) campaign.Finding {
				go func() { looked <- b.CompleteLook(b.ctx, maya, mailbox.Lease, began) }()
				require.Eventually(t, func() bool {
					return len(looked) > 0 || one[bool](b, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
				}, 10*time.Second, time.Millisecond)
				return emailCheck(facts)
			})
			require.NoError(t, err)
			require.Equal(t, failure.MailboxUnreadable, held.Parked.Problem.Code)
			require.NoError(t, <-looked)
			require.Equal(t, []int64{1}, b.woken())
		})
	}
}
