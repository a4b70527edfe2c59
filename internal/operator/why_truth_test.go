package operator

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// inTurns has maya send at a pace, and everybody who is enrolled stand in its line; those of
// them who follow up have had the first mail.
func (b *bundle) inTurns(rules pace.AccountRules, followUps ...int64) {
	b.t.Helper()
	b.exec(`UPDATE campaigns SET steps = '[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3},
		{"id":"follow-up","kind":"email","subject":"Again","body":"Hello"}]' WHERE key = 'q4'`)
	_, _, err := b.db.SetPace(b.ctx, mayas, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
	require.NoError(b.t, err)
	for _, id := range followUps {
		b.had(id, "intro")
		b.exec(`UPDATE enrollments SET step_id = 'follow-up', step_index = 2 WHERE id = $1`, id)
	}
	for _, id := range collect[int64](b, `SELECT id FROM enrollments ORDER BY id`) {
		_, err := b.db.Hold(b.ctx, b.nextOf(id), func(facts campaign.Facts) campaign.Finding {
			facts.Turn.Before = true // nobody has the first turn of itself
			return campaign.CheckTurn(facts)
		})
		require.NoError(b.t, err)
	}
	require.Equal(b.t, one[int](b, `SELECT count(*)::int FROM enrollments`), one[int](b, `SELECT count(*)::int FROM line`))
}

// had has an enrollment have had an email, three days ago.
func (b *bundle) had(id int64, stepID string) {
	b.t.Helper()
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_id, message_date, reserved_at, wire_at, settled_at)
		VALUES ($1, $3, 1, 'email', 'sent', $2, 'c', 'm', now(), now() - interval '3 days', now() - interval '3 days', now() - interval '3 days')`, id, mayas, stepID)
}

// nextOf is the attempt of the mail that comes next.
func (b *bundle) nextOf(id int64) campaign.Attempt {
	attempt := campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: one[string](b, `SELECT step_id FROM enrollments WHERE id = $1`, id), Visit: 1}
	attempt.Next = campaign.Next{StepID: "wait-2", StepIndex: 1, Wait: 72 * time.Hour, Days: 3}
	if attempt.StepID == "follow-up" {
		attempt.StepIndex, attempt.Next = 2, campaign.Next{Completed: true}
	}
	return attempt
}

// give gives turns as the activity does until so many mails have left; each sends as a
// worker does. It returns who has sent, in order.
func (b *bundle) give(mails int, after func()) []int64 {
	b.t.Helper()
	var sent []int64
	for deadline := time.Now().Add(time.Minute); len(sent) < mails && time.Now().Before(deadline); {
		_, err := b.db.TendLine(b.ctx)
		require.NoError(b.t, err)
		again, _, err := b.db.GiveTurns(b.ctx, 10)
		require.NoError(b.t, err)
		turns, err := b.db.TurnsToSignal(b.ctx, 10)
		require.NoError(b.t, err)
		require.NoError(b.t, b.db.TurnsSignalled(b.ctx, turns, nil))
		for _, turn := range turns {
			attempt := b.nextOf(turn.EnrollmentID)
			delivery, err := b.db.Claim(b.ctx, attempt, campaign.Draft{
				Kind: campaign.Email, Timed: true, Account: mayas, AccountEpoch: 1, Recipient: "c@contoso.example", MessageID: "m", Date: time.Now(), Boundary: "b",
			})
			require.NoError(b.t, err)
			require.NoError(b.t, b.db.Gate(b.ctx, delivery))
			require.NoError(b.t, b.db.MarkSent(b.ctx, attempt, delivery, "250 ok"))
			sent = append(sent, turn.EnrollmentID)
			after()
		}
		if len(turns) == 0 {
			<-time.After(again) // as the giver's own pause
		}
	}
	require.Len(b.t, sent, mails)
	return sent
}

// What is said beforehand of those who stand in line comes true to within the gap, asked at
// first and asked again on the way.
func TestWhyComesTrue(t *testing.T) {
	t.Parallel()
	const contacts = 6
	b := setup(t, contacts)
	rules := pace.AccountRules{Gap: 900 * time.Millisecond, Jitter: 400 * time.Millisecond, PerDay: 100}
	b.inTurns(rules, 5)
	type look struct {
		contact    int64
		before     int
		at         time.Time
		from, till time.Time
	}
	var looks []look
	ask := func(id int64) {
		at := one[time.Time](b, `SELECT clock_timestamp()`)
		all, err := b.Why(b.ctx, id, "q4")
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.NotNil(t, all[0].Latest, "contact %d", id)
		require.True(t, all[0].Exact)
		looks = append(looks, look{id, all[0].Before, at, *all[0].Earliest, *all[0].Latest})
	}
	for id := range int64(contacts) {
		ask(id + 1)
	}
	require.Zero(t, looks[4].before, "a follow-up goes first")
	require.Equal(t, 1, looks[0].before)
	require.Equal(t, 5, looks[5].before)
	dice := rand.New(rand.NewPCG(18, 5))
	sent := b.give(contacts, func() {
		if left := collect[int64](b, `SELECT enrollment_id FROM line WHERE state = 'waiting' ORDER BY seq`); len(left) > 0 {
			ask(left[dice.IntN(len(left))])
		}
	})
	require.Equal(t, []int64{5, 1, 2, 3, 4, 6}, sent)
	step := map[bool]string{true: "follow-up", false: "intro"}
	left := map[int64]time.Time{}
	for _, id := range sent {
		left[id] = one[time.Time](b, `SELECT wire_at FROM deliveries WHERE enrollment_id = $1 AND step_id = $2`, id, step[id == 5])
	}
	// late is by how much a busy machine had the mails since a look leave after their gaps were over.
	late := func(at time.Time, contact int64) (sum time.Duration) {
		due := at
		for _, id := range sent {
			if left[id].After(at) {
				sum += max(0, left[id].Sub(later(due, at)))
			}
			if id == contact {
				break
			}
			due = left[id].Add(rules.Gap + rules.Jitter)
		}
		return sum
	}
	for _, said := range looks {
		till := said.till.Add(rules.Gap + rules.Jitter + late(said.at, said.contact))
		require.WithinRange(t, left[said.contact], said.from.Add(-rules.Gap), till, "contact %d, with %d before it", said.contact, said.before)
	}
}
