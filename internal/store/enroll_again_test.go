package store

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// done has the enrollment with this id complete the campaign: one email and one text.
func (b *ledgerBundle) done(id int64) {
	b.t.Helper()
	attempt := b.attempt(id)
	b.sends(attempt)
	b.sends(campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}})
	require.Equal(b.t, campaign.Completed, b.status(id))
}

func (b *ledgerBundle) claimNow(attempt campaign.Attempt) campaign.Delivery {
	b.t.Helper()
	of := draft("c@contoso.example")
	of.Version = attempt.Version
	delivery, err := b.Claim(b.ctx, attempt, of)
	require.NoError(b.t, err)
	return delivery
}

func (b *ledgerBundle) sends(attempt campaign.Attempt) {
	b.t.Helper()
	delivery := b.claimNow(attempt)
	require.Equal(b.t, campaign.Reserved, delivery.State)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
}

func (b *ledgerBundle) again(options BatchOptions, ids ...int64) Enrolled {
	b.t.Helper()
	result, _, err := b.EnrollAgain(b.ctx, "q4", ids, "maya", options)
	require.NoError(b.t, err)
	return result
}

// inRound is the attempt at what comes next for an enrollment that follows its campaign, as
// its workflow would make it.
func (b *ledgerBundle) inRound(id int64) campaign.Attempt {
	b.t.Helper()
	of, page, err := b.Unstarted(b.ctx, campaign.OutboxEntry{ID: one[int64](b, `SELECT coalesce(request, 0) FROM enrollments WHERE id = $1`, id), Campaign: "q4"}, id-1, 1)
	require.NoError(b.t, err)
	require.Len(b.t, page, 1)
	require.True(b.t, page[0].Continues())
	attempt := campaign.Attempt{
		EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: page[0].StepID, StepIndex: page[0].StepIndex,
		Visit: page[0].VisitBase + 1, Follows: true, Version: of.Version, Kind: campaign.Email,
	}
	facts, err := b.Facts(b.ctx, attempt)
	require.NoError(b.t, err)
	next, isThis := facts.Coming(attempt)
	require.True(b.t, isThis, "%+v", next)
	require.Equal(b.t, page[0].VisitBase+1, next.FirstVisit())
	attempt.Next = facts.After(attempt)
	require.Equal(b.t, page[0].VisitBase+1, attempt.Next.FirstVisit())
	return attempt
}

// Law 1 in every round: each message once, whatever was sent in a round before and whatever
// of it is still about.
func TestARoundSendsEachMessageOnce(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.done(1)
	for round := 2; round <= 4; round++ {
		stale := b.attempt(1) // of the first round: a worker that was stopped then
		require.Equal(t, 1, b.again(BatchOptions{}).Enrolled)
		require.Equal(t, campaign.Active, b.status(1))
		_, err := b.Claim(b.ctx, stale, draft("c@contoso.example"))
		require.ErrorIs(t, err, campaign.ErrSuperseded)
		stale.StepIndex = 1000 // not even then
		_, err = b.Claim(b.ctx, stale, draft("c@contoso.example"))
		require.ErrorIs(t, err, campaign.ErrSuperseded)
		require.Equal(t, round-1, one[int](b, `SELECT count(*) FROM deliveries WHERE step_id = 'intro'`))

		attempt := b.inRound(1)
		first, second := b.claimNow(attempt), b.claimNow(attempt)
		require.ErrorIs(t, b.Gate(b.ctx, first), campaign.ErrSuperseded)
		require.NoError(t, b.Gate(b.ctx, second), "what was sent in a round before keeps nothing from being sent")
		require.NoError(t, b.MarkSent(b.ctx, attempt, second, "250 ok"))
		delivery, sent, err := b.AcceptSent(b.ctx, attempt, false)
		require.NoError(t, err)
		require.True(t, sent)
		require.Equal(t, attempt.Visit, delivery.Visit, "that of this round")
		facts, err := b.Facts(b.ctx, attempt)
		require.NoError(t, err)
		require.Len(t, facts.Had, 1)
		require.Len(t, facts.Sendings, 1, "a thread of its own")
		tell := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: attempt.StepIndex + 2, Visit: attempt.Visit,
			Follows: true, Version: 1, Kind: campaign.SMS, Next: campaign.Next{Completed: true, Version: 1}}
		b.sends(tell)
		require.Equal(t, campaign.Completed, b.status(1))
	}
	require.Equal(t, 4, one[int](b, `SELECT count(*) FROM deliveries WHERE step_id = 'intro' AND state = 'sent'`))
	require.Equal(t, 4, one[int](b, `SELECT count(*) FROM deliveries WHERE step_id = 'tell' AND state = 'sent'`))
	b.tallyAgrees("four rounds")
	b.statusesAddUp()
}

// An operator's "not sent" goes up from the round's first visit, and the round before has no say in it.
func TestADoubtOfARoundIsItsOwn(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.done(1)
	b.again(BatchOptions{})
	attempt := b.inRound(1)
	delivery := b.claimNow(attempt)
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	parked := one[int](b, `SELECT park_id FROM enrollments WHERE id = 1`)
	attempt.ResumedPark, attempt.Resume = parked, &campaign.Resume{ParkID: parked, Assume: campaign.AssumeNotSent, By: "maya"}
	attempt.Visit++
	delivery = b.claimNow(attempt)
	require.Equal(t, campaign.Reserved, delivery.State, "and not taken for sent, by the delivery of the round before")
	require.Equal(t, campaign.Failed, one[campaign.DeliveryState](b, `SELECT state FROM deliveries WHERE step_id = 'intro' AND visit = $1`, attempt.Visit-1))
	require.Equal(t, campaign.Sent, one[campaign.DeliveryState](b, `SELECT state FROM deliveries WHERE step_id = 'intro' AND visit = 1`))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM deliveries WHERE step_id = 'intro' AND state = 'sent'`))
}

// Who is taken again, and who is left out, and why.
func TestWhoIsEnrolledAgain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 8)
	for _, id := range []int64{1, 2, 3, 4} {
		b.done(id)
	}
	require.NoError(t, b.disenrolled(b.ctx, 5, "asked by hand", "maya"))
	b.exec(`UPDATE enrollments SET status = 'Disenrolled', ended_at = now(), ended_by = 'replied' WHERE id = 6`)
	b.exec(`UPDATE deliveries SET state = 'uncertain' WHERE enrollment_id = 2 AND step_id = 'intro'`)
	_, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c3@contoso.example", Reason: SuppressedByHand}}, "maya")
	require.NoError(t, err)
	b.exec(`INSERT INTO outbox (kind, campaign, contacts, by) VALUES ('disenroll', '', '{4}', 'heard')`)
	b.exec(`INSERT INTO contacts (first_name, email) VALUES ('New', 'new@contoso.example')`) // 9

	before := one[string](b, `SELECT string_agg(e::text, E'\n' ORDER BY id) FROM enrollments e`)
	would, not, err := b.EnrollAgain(b.ctx, "q4", nil, "maya", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 2, Already: 2, Suppressed: 1, Contacts: []int64{1, 5}}, would, "1 and 5; 7 and 8 are under way")
	require.Equal(t, NotAgain{Heard: 1, InDoubt: 1, Ending: 1}, not)
	require.Equal(t, before, one[string](b, `SELECT string_agg(e::text, E'\n' ORDER BY id) FROM enrollments e`))
	_, _, err = b.EnrollAgain(b.ctx, "q4", []int64{1, 99}, "maya", BatchOptions{})
	require.ErrorIs(t, err, ErrNotFound)
	_, _, err = b.EnrollAgain(b.ctx, "q9", nil, "maya", BatchOptions{})
	require.ErrorIs(t, err, ErrNotFound)

	named, not, err := b.EnrollAgain(b.ctx, "q4", []int64{6, 5, 7, 9}, "maya", BatchOptions{Named: true, Most: 1})
	require.NoError(t, err)
	require.Equal(t, 1, named.Enrolled)
	require.Equal(t, 1, named.Left)
	require.Equal(t, 1, named.Already)
	require.Equal(t, NotAgain{Never: 1}, not)
	require.Equal(t, campaign.Active, b.status(5))
	require.Equal(t, campaign.Disenrolled, b.status(6))
	b.exec(`INSERT INTO outbox (kind, contacts, by) VALUES ('stop', '{6}', 'mailbox')`)
	require.Equal(t, 0, b.again(BatchOptions{Named: true}, 6).Enrolled, "its workflow has not been signalled yet, and would not be any more")
	b.exec(`UPDATE outbox SET done_at = now() WHERE kind = 'stop'`)
	require.Equal(t, 1, b.again(BatchOptions{Named: true}, 6).Enrolled)
	require.Nil(t, one[*string](b, `SELECT ended_by FROM enrollments WHERE id = 6`))
	require.Equal(t, 1, one[int](b, `SELECT visit_base FROM enrollments WHERE id = 5`), "a round counts, also one in which nothing was delivered")

	all := b.again(BatchOptions{})
	require.Equal(t, 1, all.Enrolled)
	require.Equal(t, campaign.Active, b.status(1))
	require.Equal(t, campaign.Completed, b.status(2))
	require.Equal(t, 0, b.again(BatchOptions{}).Enrolled)
	require.Equal(t, 1, b.again(BatchOptions{Named: true}, 2).Enrolled, "with a message in doubt, by name")
	b.tallyAgrees("some are enrolled again")
	require.Contains(t, b.activities(), "maya enrolled campaign q4 [] 1")
	require.Equal(t, 0, one[int](b, `SELECT count(*) FROM enrollments e JOIN outbox o ON `+disenrollSelectsSQL+` WHERE o.kind = 'disenroll' AND e.id <> 4`), "a disenrollment of before is none of this round")
}

// Who has answered after it had completed the campaign by itself is left out as well, also when
// the answer is read while somebody is about to take it.
func TestWhoHasAnsweredSinceIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	for _, id := range []int64{1, 2, 3} {
		b.done(id)
	}
	b.exec(`UPDATE contacts SET email = 'new@contoso.example', former_emails = '{c2@contoso.example}' WHERE id = 2`)
	_, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c2@contoso.example", Reason: SuppressedByHand}}, "maya")
	require.NoError(t, err)
	reader, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	running, err := lockPerson(b.ctx, reader, []int64{1})
	require.NoError(t, err)
	require.Empty(t, running)
	_, err = reader.Exec(b.ctx, `INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, classifier, state, contact_id, enrollment_id, step_id)
		VALUES ('maya@northwind.example', 1, 'INBOX', 1, 1, now(), '', 'reply', 1, 'settled', 1, 1, 'intro')`)
	require.NoError(t, err)
	taken := make(chan NotAgain, 1)
	go func() {
		_, not, err := b.EnrollAgain(b.ctx, "q4", nil, "maya", BatchOptions{})
		require.NoError(t, err)
		taken <- not
	}()
	b.awaitLockWait()
	require.NoError(t, reader.Commit(b.ctx))
	require.Equal(t, NotAgain{Heard: 2}, <-taken)
	require.Equal(t, campaign.Completed, b.status(1))
	require.Equal(t, campaign.Active, b.status(3))
}

// A campaign that goes on after a reply takes those who have answered as it takes others, and leaves
// out those who have said what ends everything; the dry run counts them so.
func TestWhoHasAnsweredIsTakenAgainWhereAReplyEndsNothing(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	for id := range int64(5) {
		b.done(id + 1)
	}
	b.exec(`UPDATE enrollments SET status = 'Disenrolled', ended_at = now(), ended_by = 'replied' WHERE id = 6`) // when a reply ended them
	for id, kind := range map[int64]string{1: "reply", 2: "calendar", 3: "unsubscribe", 4: "complaint", 5: "left_company"} {
		b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, classifier, state, contact_id, enrollment_id, step_id)
			VALUES ('maya@northwind.example', 1, 'INBOX', 1, $1, now(), '', $2, 1, 'settled', $1, $1, 'intro')`, id, kind)
	}
	would := func() (Enrolled, NotAgain) {
		enrolled, not, err := b.EnrollAgain(b.ctx, "q4", nil, "maya", BatchOptions{DryRun: true})
		require.NoError(t, err)
		return enrolled, not
	}
	enrolled, not := would()
	require.Equal(t, Enrolled{}, enrolled, "a reply ends them here")
	require.Equal(t, NotAgain{Heard: 6}, not)
	b.exec(`UPDATE campaigns SET on_reply = 'go_on'`)
	enrolled, not = would()
	require.Equal(t, Enrolled{Enrolled: 2, Contacts: []int64{1, 2}}, enrolled)
	require.Equal(t, NotAgain{Heard: 4}, not)
	require.Equal(t, 2, b.again(BatchOptions{}).Enrolled)
	require.Equal(t, []campaign.Status{campaign.Active, campaign.Active, campaign.Completed, campaign.Completed, campaign.Completed, campaign.Disenrolled},
		[]campaign.Status{b.status(1), b.status(2), b.status(3), b.status(4), b.status(5), b.status(6)})
}

// What names a message of a round before proves nothing about this one's (law 4).
func TestAProofOfARoundBeforeSettlesNoDoubtOfThisOne(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.done(1)
	b.exec(`UPDATE deliveries SET state = 'uncertain' WHERE step_id = 'intro'`)
	b.again(BatchOptions{Named: true}, 1)
	attempt := b.inRound(1)
	delivery := b.claimNow(attempt)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, kept_at, digest, kind, classifier, state, matched_by, contact_id, enrollment_id, step_id, visit)
		VALUES ('maya@northwind.example', 1, 'Sent', 1, 1, now(), clock_timestamp(), '', 'own', 1, 'settled', 'id', 1, 1, 'intro', 1)`)
	held, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	require.NotNil(t, held.Parked)
	before := one[int](b, `SELECT count(*) FROM outbox`)
	require.NoError(t, b.inTx(b.ctx, func(tx pgx.Tx) error {
		settled, err := settleDoubt(b.ctx, tx, heardOf{EnrollmentID: 1, ContactID: 1, StepID: "intro", Visit: 1}, "It lies in Sent.")
		require.True(t, settled, "that of the round before")
		return err
	}))
	require.Equal(t, before, one[int](b, `SELECT count(*) FROM outbox`))
	require.NoError(t, b.inTx(b.ctx, func(tx pgx.Tx) error {
		_, err := settleDoubt(b.ctx, tx, heardOf{EnrollmentID: 1, ContactID: 1, StepID: "intro", Visit: delivery.Visit}, "It lies in Sent.")
		return err
	}))
	require.Equal(t, before+1, one[int](b, `SELECT count(*) FROM outbox`))
}

// A message that is judged anew is about the delivery that it named, or that was the last when it was read.
func TestWhatIsJudgedAnewIsOfItsRound(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.done(1)
	b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, classifier, state, matched_by, contact_id, enrollment_id, step_id, visit)
		SELECT 'maya@northwind.example', 1, 'INBOX', 1, n, now(), '', 'reply', 1, 'settled', 'id', 1, 1, 'intro', nullif(n, 2) FROM generate_series(1, 2) AS n`)
	b.again(BatchOptions{Named: true}, 1)
	b.sends(b.inRound(1))
	for uid := range 2 {
		id := one[int64](b, `SELECT id FROM inbound WHERE uid = $1`, uid+1)
		require.NoError(t, b.inTx(b.ctx, func(tx pgx.Tx) error {
			of, err := b.ofAnew(b.ctx, tx, heardRow{ID: id, EnrollmentID: 1, ContactID: 1, StepID: "intro"}, Inbound{})
			require.Equal(t, 1, of.Visit, "of the round in which it was read")
			return err
		}))
	}
}

// Two operators at once begin one round.
func TestTwoEnrollAgainAtOnce(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 20)
	for id := range int64(20) {
		b.done(id + 1)
	}
	var group sync.WaitGroup
	took := make([]int, 4)
	for i := range took {
		group.Go(func() {
			result, _, err := b.EnrollAgain(b.ctx, "q4", nil, fmt.Sprint("hand ", i), BatchOptions{})
			if err == nil {
				took[i] = result.Enrolled
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range took {
		total += n
	}
	require.Equal(t, 20, total)
	require.Equal(t, 20, one[int](b, `SELECT count(*) FROM enrollments WHERE visit_base = 1`))
	require.Equal(t, 20, one[int](b, `SELECT count(*) FROM notes WHERE kind = 'completed'`))
}

// Of several senders any may take it again, and in the line it stands with the first mails.
func TestARoundBeginsUnboundAndAsAFirstMail(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ('tom@northwind.example', 'Tom', '127.0.0.1', 25, 'none')`)
	b.exec(`UPDATE campaigns SET senders = '{maya@northwind.example,tom@northwind.example}'`)
	b.done(1)
	facts, err := b.Facts(b.ctx, b.attempt(1))
	require.NoError(t, err)
	require.False(t, facts.Unbound())
	b.exec(`UPDATE email_accounts SET status = 'removed' WHERE address = 'maya@northwind.example'`)
	b.again(BatchOptions{})
	facts, err = b.Facts(b.ctx, b.inRound(1))
	require.NoError(t, err)
	require.True(t, facts.Unbound(), "the account that had mailed it is gone, and keeps nobody waiting")
	require.Equal(t, campaign.Band(2), facts.Place().Band)
}

// A wait before the first step, and --at, are waited for as in the first round.
func TestARoundWaitsAtItsBeginning(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.done(1)
	b.done(2)
	wait := campaign.Step{ID: "wait-0", Kind: campaign.Wait}
	elapsed, err := pace.ParseWait("48h")
	require.NoError(t, err)
	wait.SetWait(elapsed)
	b.exec(`UPDATE campaigns SET steps = $1`, append([]campaign.Step{wait}, one[[]campaign.Step](b, `SELECT steps FROM campaigns WHERE key = 'q4'`)...))
	b.again(BatchOptions{}, 1)
	later := time.Now().Add(5 * 24 * time.Hour)
	b.again(BatchOptions{At: later}, 2)
	for id, until := range map[int64]time.Time{1: time.Now().Add(48 * time.Hour), 2: later.Add(48 * time.Hour)} {
		require.Equal(t, campaign.Waiting, b.status(id))
		require.WithinDuration(t, until, one[time.Time](b, `SELECT next_at FROM enrollments WHERE id = $1`, id), time.Minute)
		require.Equal(t, "wait-0", one[string](b, `SELECT step_id FROM enrollments WHERE id = $1`, id))
	}
	require.Len(t, b.starts(), 1, "the other request is not due")
}

// With a limit, the same call takes the next ones, also when those before have completed it since.
func TestALimitTakesTheNext(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	for id := range int64(3) {
		b.done(id + 1)
	}
	var taken []int64
	for range 4 {
		b.again(BatchOptions{Most: 1})
		id := one[int64](b, `SELECT id FROM enrollments WHERE status = 'Active'`)
		taken = append(taken, id)
		b.exec(`UPDATE enrollments SET status = 'Completed', ended_at = clock_timestamp() WHERE id = $1`, id)
	}
	require.Equal(t, []int64{1, 2, 3, 1}, taken)
}

// A rate goes also for those that earlier calls have left to be started, whichever way they are enrolled.
func TestARateIsForThoseWhoAreStillToBeStarted(t *testing.T) {
	t.Parallel()
	for name, enroll := range map[string]func(b *ledgerBundle, options BatchOptions) error{
		"enroll": func(b *ledgerBundle, o BatchOptions) error {
			_, err := b.EnrollAt(b.ctx, "q4", nil, "maya", o)
			return err
		},
		"enroll --continue": func(b *ledgerBundle, o BatchOptions) error {
			_, err := b.Continue(b.ctx, "q4", nil, "maya", o)
			return err
		},
		"enroll --again": func(b *ledgerBundle, o BatchOptions) error {
			_, _, err := b.EnrollAgain(b.ctx, "q4", nil, "maya", o)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1) // nobody is left to be enrolled
			b.exec(`UPDATE outbox SET done_at = now()`)
			b.exec(`INSERT INTO outbox (kind, campaign, by, rate, total) VALUES ('enroll', 'q4', 'maya', 2, 10)`)
			rate := func() string { return one[string](b, `SELECT rate::text FROM outbox WHERE done_at IS NULL`) }
			require.NoError(t, enroll(b, BatchOptions{Rate: new(campaign.Rate(7)), DryRun: true}))
			require.Equal(t, "2", rate(), "a dry run writes nothing")
			require.NoError(t, enroll(b, BatchOptions{}))
			require.Equal(t, "2", rate())
			require.NoError(t, enroll(b, BatchOptions{Rate: new(campaign.Rate(7))}))
			require.Equal(t, "7", rate())
		})
	}
}
