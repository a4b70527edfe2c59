package store

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// following is the attempt of an enrollment that follows its campaign, as facts have it now.
func (b *crowd) following(t *testing.T, id int64, stepID string, index int) (campaign.Attempt, campaign.Draft) {
	t.Helper()
	attempt := campaign.Attempt{EnrollmentID: id, CampaignKey: "k", ContactID: id, StepID: stepID, StepIndex: index, Visit: 1, Follows: true, Kind: campaign.Email}
	facts, err := b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	attempt.Version, attempt.Next = facts.Campaign.Version, facts.After(attempt)
	drafted := draft("c@contoso.example")
	drafted.Version = facts.Campaign.Version
	return attempt, drafted
}

// small is a campaign with these many contacts inside, before its first step.
func small(t *testing.T, contacts int) *crowd {
	t.Helper()
	b := &crowd{setupLedger(t, 0)}
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('k', 'K', 'maya', 'maya@northwind.example', $1)`, steps(t, aWaitBWaitC))
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, $1) AS i`, contacts)
	_, err := b.Enroll(b.ctx, "k", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE enrollments SET started_at = now(), follows = true`)
	return b
}

func (b *crowd) edited(text string) {
	b.t.Helper()
	_, err := b.edit(text, false)
	require.NoError(b.t, err)
}

// What is claimed is what was looked at, and the delivery says of which version it is.
func TestAClaimIsRefusedAfterAnEdit(t *testing.T) {
	t.Parallel()
	b := small(t, 1)
	attempt, drafted := b.following(t, 1, "a", 0)
	b.edited("a=new 3d b 2d c")
	_, err := b.Claim(b.ctx, attempt, drafted)
	require.ErrorIs(t, err, campaign.ErrEdited)
	require.Zero(t, one[int](b.ledgerBundle, `SELECT count(*) FROM deliveries`))

	attempt, drafted = b.following(t, 1, "a", 0)
	drafted.Due = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	_, err = b.Claim(b.ctx, attempt, drafted)
	require.NoError(t, err)
	require.Equal(t, 2, one[int](b.ledgerBundle, `SELECT version FROM deliveries`))
	require.True(t, drafted.Due.Equal(one[time.Time](b.ledgerBundle, `SELECT due_at FROM deliveries`)))

	b.edited("a=newer 3d b 2d c")
	again, drafted := b.following(t, 1, "a", 0) // taken over, with the newer text
	_, err = b.Claim(b.ctx, again, drafted)
	require.NoError(t, err)
	require.Equal(t, 3, one[int](b.ledgerBundle, `SELECT version FROM deliveries`))

	attempt.Follows = false // one that keeps its steps is not held up
	_, err = b.Claim(b.ctx, attempt, draft("c@contoso.example"))
	require.NoError(t, err)
}

// An edit between the dot and the answer: the message is recorded as sent, and the row goes on
// to what comes next now.
func TestAnAnswerIsRecordedAfterAnEdit(t *testing.T) {
	t.Parallel()
	b := small(t, 1)
	attempt, drafted := b.following(t, 1, "a", 0)
	delivery, err := b.Claim(b.ctx, attempt, drafted)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.edited("a 2d c")
	require.ErrorIs(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"), campaign.ErrEdited)
	require.Equal(t, campaign.Sent, one[campaign.DeliveryState](b.ledgerBundle, `SELECT state FROM deliveries`))
	require.Equal(t, "Active a", one[string](b.ledgerBundle, `SELECT status || ' ' || step_id FROM enrollments`))

	_, sent, err := b.AcceptSent(b.ctx, attempt, false)
	require.ErrorIs(t, err, campaign.ErrEdited, "that is still the old version's")
	require.True(t, sent || err != nil)
	attempt, _ = b.following(t, 1, "a", 0)
	require.Equal(t, "c", attempt.Next.StepID)
	_, sent, err = b.AcceptSent(b.ctx, attempt, false)
	require.NoError(t, err)
	require.True(t, sent)
	require.Equal(t, "Waiting wait-2 1 t", one[string](b.ledgerBundle, `
		SELECT concat_ws(' ', status, step_id, step_index, next_at BETWEEN now() + interval '47 hours' AND now() + interval '49 hours') FROM enrollments`))
}

// What is moved on once is moved on for good, however often it is asked.
func TestGoingOnTwiceIsGoingOnOnce(t *testing.T) {
	t.Parallel()
	b := small(t, 1)
	attempt, drafted := b.following(t, 1, "a", 0)
	delivery, err := b.Claim(b.ctx, attempt, drafted)
	require.NoError(t, err)
	b.edited("n 2d c") // a is gone, and n comes first
	next, moved, err := b.GoOn(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, "n", next.StepID)
	require.Equal(t, 1, next.StepIndex)
	require.Equal(t, campaign.Failed, one[campaign.DeliveryState](b.ledgerBundle, `SELECT state FROM deliveries`), "its claim is taken from it")
	require.ErrorIs(t, b.Gate(b.ctx, delivery), campaign.ErrSuperseded, "law 1: no dot any more")

	again, moved, err := b.GoOn(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, next, again, "the answer was lost: it is the same")
	require.Equal(t, "Active n 1", one[string](b.ledgerBundle, `SELECT concat_ws(' ', status, step_id, step_index) FROM enrollments`))
	_, err = b.Claim(b.ctx, attempt, drafted)
	require.Error(t, err, "the attempt is stale")

	onWire, drafted := b.following(t, 1, "n", 1)
	delivery, err = b.Claim(b.ctx, onWire, drafted)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.edited("m 2d c")
	_, moved, err = b.GoOn(b.ctx, onWire)
	require.NoError(t, err)
	require.False(t, moved, "its message may be out (laws 1 and 4)")

	require.NoError(t, b.disenrolled(b.ctx, 1, "left", "maya"))
	_, moved, err = b.GoOn(b.ctx, onWire)
	require.NoError(t, err)
	require.False(t, moved)
}

// Who waits for a turn is woken by nothing else, so no stale attempt moves it.
func TestNobodyIsMovedOutOfALineBehindItsWorkflow(t *testing.T) {
	t.Parallel()
	b := newCrowd(t)
	attempt, _ := b.following(t, 4510, "b", 2)
	b.exec(`UPDATE campaigns SET version = 2, steps = $1 WHERE key = 'k'`, steps(t, "a 2d c"))
	_, _, err := b.GoOn(b.ctx, attempt)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
	b.exec(`UPDATE line SET state = 'granted' WHERE enrollment_id = 4510`)
	next, moved, err := b.GoOn(b.ctx, attempt)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, "c", next.StepID)
	require.Equal(t, "none", b.lineState(4510))
}

// Law 3: an edit reaches everybody, however it and the settling interleave. Who has been
// settled by the steps before it has to look; nobody else needs to.
func TestAnEditAndAnAnswerAtOnce(t *testing.T) {
	t.Parallel()
	const contacts = 150
	b := small(t, contacts)
	var senders, editor sync.WaitGroup
	stop := make(chan struct{})
	for worker := range 3 {
		senders.Go(func() {
			for id := int64(worker + 1); id <= contacts; id += 3 {
				b.sends(t, id)
			}
		})
	}
	editor.Go(func() {
		for long := 0; ; long++ {
			select {
			case <-stop:
				return
			default:
				_, err := b.edit([]string{"a 3d b 2d c", "a 72h c", "a 1d n 2d b"}[long%3], false)
				require.NoError(t, err)
				time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) //nolint:forbidigo // so that edits fall anywhere between two sends
			}
		}
	})
	senders.Wait() // also where a requirement of theirs has ended them
	close(stop)
	editor.Wait()
	require.Equal(t, contacts, one[int](b.ledgerBundle, `SELECT count(*) FROM deliveries WHERE state = 'sent'`))
	for id := int64(1); id <= contacts; id++ { // who does not have to look stands where the campaign has it
		attempt, _ := b.following(t, id, "a", 0)
		facts, err := b.Facts(b.ctx, attempt)
		require.NoError(t, err)
		next, _ := facts.Coming(attempt)
		require.True(t, one[bool](b.ledgerBundle, `SELECT edit IS NOT NULL OR step_id = $2 AND abs(extract(epoch FROM next_at - $3)) < 5 FROM enrollments WHERE id = $1`,
			id, next.WaitStep, next.At), "contact %d waits for something else than %+v", id, next)
	}
	b.edited("a 4d b 2d c") // the last: all wait for b, after another wait than in any of the others
	require.Equal(t, contacts, one[int](b.ledgerBundle, `SELECT count(*) FROM enrollments WHERE campaign = 'k' AND status = 'Waiting'`), "nobody is lost")
	require.Zero(t, one[int](b.ledgerBundle, `SELECT count(*) FROM enrollments WHERE campaign = 'k' AND edit IS NULL`))
	for id := int64(1); id <= contacts; id++ {
		attempt, _ := b.following(t, id, "b", 2)
		attempt.Version = 0
		next, moved, err := b.GoOn(b.ctx, attempt)
		require.NoError(t, err)
		require.True(t, moved)
		require.Equal(t, "b", next.StepID)
	}
	require.Equal(t, contacts, one[int](b.ledgerBundle, `
		SELECT count(*) FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id
		 WHERE campaign = 'k' AND next_at BETWEEN d.settled_at + interval '95 hours' AND d.settled_at + interval '97 hours'`))
}

// sends sends the first step of a contact, as an attempt does, and checks that its row is where
// the version has it by which it was settled, or is to look.
func (b *crowd) sends(t *testing.T, id int64) {
	t.Helper()
	for {
		attempt, drafted := b.following(t, id, "a", 0)
		delivery, err := b.Claim(b.ctx, attempt, drafted)
		if err == nil {
			require.NoError(t, b.Gate(b.ctx, delivery))
			if err = b.MarkSent(b.ctx, attempt, delivery, "250 ok"); err == nil {
				break
			}
		}
		require.ErrorIs(t, err, campaign.ErrEdited)
		for one[int](b.ledgerBundle, `SELECT count(*) FROM deliveries WHERE enrollment_id = $1 AND state = 'sent'`, id) == 1 {
			attempt, _ = b.following(t, id, "a", 0)
			if _, _, err = b.AcceptSent(b.ctx, attempt, false); err == nil {
				return
			}
			require.ErrorIs(t, err, campaign.ErrEdited)
		}
	}
}

// An edit of the texts waits for no enrollment, and may commit between the claim's two looks at the version.
func TestAClaimIsRefusedAfterAnEditInItsMiddle(t *testing.T) {
	t.Parallel()
	b := small(t, 1)
	attempt, drafted := b.following(t, 1, "a", 0)
	drafted.CostsCredit = true // the long way
	holding, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = holding.Exec(b.ctx, `LOCK TABLE contact_holds`)
	require.NoError(t, err)
	claimed := make(chan error, 1)
	go func() {
		_, err := b.Claim(b.ctx, attempt, drafted)
		claimed <- err
	}()
	require.Eventually(t, func() bool {
		return one[bool](b.ledgerBundle, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%contact_holds%')`)
	}, 10*time.Second, time.Millisecond)
	b.exec(`UPDATE campaigns SET version = version + 1 WHERE key = 'k'`)
	require.NoError(t, holding.Rollback(b.ctx))
	require.ErrorIs(t, <-claimed, campaign.ErrEdited)
}

// An edit finds an enrollment that keeps its steps on its way to one that it removes. It keeps
// the edit that it was stamped with, and where it is parked at what is gone, it follows from there.
func TestOneThatKeepsItsStepsComesToOneThatIsGone(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	first := b.attempt(1)
	delivery := b.claim(first)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.exec(`UPDATE enrollments SET edit = 4711 WHERE id = 1`)
	require.NoError(t, b.MarkSent(b.ctx, first, delivery, "250 ok"))
	require.Equal(t, int64(4711), one[int64](b, `SELECT edit FROM enrollments WHERE id = 1`), "nobody has signalled it yet")

	b.exec(`UPDATE campaigns SET steps = jsonb_path_query_array(steps, '$[*] ? (@.id != "tell")')`)
	gone := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}}
	held, err := b.Hold(b.ctx, gone, found(failure.Problem{Code: failure.MessageCannotBeRendered, Detail: "the step is gone"}))
	require.NoError(t, err)
	edit := b.onlyWake()
	require.Equal(t, campaign.OutboxEdit, edit.Kind)
	targets, err := b.Targets(b.ctx, edit, 10)
	require.NoError(t, err)
	require.Len(t, targets, 1)
	require.Equal(t, held.Parked.ParkID, targets[0].ParkID, "it is resumed")

	held, err = b.Hold(b.ctx, b.attempt(2), found(failure.Problem{Code: failure.MessageCannotBeRendered, Detail: "a variable"}))
	require.NoError(t, err)
	require.NotNil(t, held.Parked)
	require.Equal(t, edit, b.onlyWake(), "at a step that is there it is in error as ever")
}
