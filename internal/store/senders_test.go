package store

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

const (
	tom = "tom@northwind.example"
	ann = "ann@northwind.example"
)

// three gives the campaign three senders, maya, tom and ann, of this pace as JSON.
func (b *ledgerBundle) three(pace string) {
	b.t.Helper()
	for _, address := range []string{tom, ann} {
		b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ($1, 'A', '127.0.0.1', 25, 'none')`, address)
	}
	b.pace(pace)
	b.exec(`UPDATE campaigns SET senders = $1`, []string{maya, tom, ann})
}

func (b *ledgerBundle) facts1(id int64) campaign.Facts {
	b.t.Helper()
	facts, err := b.Facts(b.ctx, b.attempt(id))
	require.NoError(b.t, err)
	return facts
}

// claims is a claim of a contact's first mail, from the sender that a look finds.
func (b *ledgerBundle) claims(id int64) (campaign.Delivery, error) {
	b.t.Helper()
	facts := b.facts1(id)
	require.NotNil(b.t, facts.Account)
	message := draft("c@contoso.example")
	message.Account, message.Seen, message.Timed = facts.Account.Address, facts.Status, facts.Timed()
	return b.Claim(b.ctx, b.attempt(id), message)
}

// mails has a contact mailed, and returns from which account.
func (b *ledgerBundle) mails(id int64) string {
	b.t.Helper()
	delivery, err := b.claims(id)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, b.attempt(id), delivery, "250 ok"))
	return delivery.Account
}

// second is the step after the wait, as an attempt.
func (b *ledgerBundle) second(id int64) campaign.Attempt {
	attempt := b.attempt(id)
	attempt.StepID, attempt.StepIndex, attempt.Next = "follow-up", 3, campaign.Next{Completed: true}
	return attempt
}

func (b *ledgerBundle) breaks(address string) {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no' WHERE address = $1`, address)
	b.exec(`UPDATE account_pace SET look_at = NULL WHERE address = $1`, address)
}

func (b *ledgerBundle) lineAccount(id int64) string {
	return one[string](b, `SELECT coalesce((SELECT coalesce(account, 'anybody') FROM line WHERE enrollment_id = $1), 'none')`, id)
}

func TestFreeSendersTakeTurnsAndKeepWhomTheyHaveMailed(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 7)
	b.three(`{}`)
	require.Equal(t, []string{tom, ann, maya}, []string{b.mails(1), b.mails(2), b.mails(3)}, "they take turns")
	require.Equal(t, 3, one[int](b, `SELECT count(DISTINCT account) FROM deliveries`))
	require.Zero(t, one[int](b, `SELECT count(*) FROM line`), "nobody waits for a turn")
	for id, want := range map[int64]string{1: tom, 2: ann, 3: maya} {
		facts, err := b.Facts(b.ctx, b.second(id))
		require.NoError(t, err)
		require.Equal(t, want, facts.Account.Address, "a follow-up leaves from the sender of the first mail")
		require.False(t, facts.Unbound())
	}

	b.breaks(tom)
	require.Equal(t, []string{maya, ann, maya}, []string{b.mails(4), b.mails(5), b.mails(6)}, "the rest goes on without the one that is broken")
	held, err := b.Hold(b.ctx, b.second(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.EmailAccountInError, held.Parked.Problem.Code)
	require.ElementsMatch(t, []failure.Cause{failure.EmailAccount(tom), failure.CampaignSender("q4")}, held.Parked.Problem.Causes)
	held, err = b.Hold(b.ctx, b.second(2), emailCheck)
	require.NoError(t, err)
	require.Zero(t, held, "exactly those that it has mailed are in error")

	// A claim that came to nothing binds nobody.
	delivery, err := b.claims(7)
	require.NoError(t, err)
	b.breaks(delivery.Account)
	require.NotEqual(t, delivery.Account, b.mails(7))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM deliveries WHERE enrollment_id = 7`))
}

// Free senders have no order to keep: when a window opens, many have the turn of one at once, and
// none of them stands behind the others.
func TestThoseWhoWaitedForAWindowGoAtOnceFromFreeSenders(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	b.three(`{}`)
	inThreeDays := time.Now().AddDate(0, 0, 3).UTC().Weekday()
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: []pace.Window{{Days: pace.On(inThreeDays), To: pace.EndOfDay}}})
	for id := range int64(6) {
		b.queued(id + 1)
	}
	b.breaks(tom)
	b.breaks(ann)
	b.exec(`UPDATE campaigns SET send_window = '{}'`)
	b.exec(`UPDATE line SET state = 'waiting', not_before = NULL`)
	require.Len(t, b.given(), 6)
	for id := range int64(6) {
		b.mails(id + 1)
	}
	require.Equal(t, 6, one[int](b, `SELECT count(*) FROM deliveries WHERE state = 'sent'`))
}

func TestNoneOfTheSendersCanSend(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.three(`{"gap": 3600000000000}`)
	b.mails(1)
	mailedBy := one[string](b, `SELECT account FROM deliveries`)
	for _, address := range []string{maya, tom, ann} {
		b.breaks(address)
	}
	b.exec(`UPDATE email_accounts SET status = 'removed', reason = '' WHERE address = $1`, ann)
	held, err := b.Hold(b.ctx, b.attempt(2), emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.EmailAccountInError, held.Parked.Problem.Code)
	require.Equal(t, "none of the campaign's senders can send: "+maya+": 535 5.7.8 no; "+tom+": 535 5.7.8 no; "+ann+" (removed)", held.Parked.Problem.Detail)
	for _, cause := range []failure.Cause{failure.EmailAccount(maya), failure.EmailAccount(tom), failure.EmailAccount(ann), failure.CampaignSender("q4")} {
		require.Contains(t, held.Parked.Problem.Causes, cause, "each of them can be mended")
	}
	other := maya
	if mailedBy == maya {
		other = tom
	}
	_, err = b.ConnectAccount(b.ctx, campaign.EmailAccount{Address: other, Name: "A", SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: "none"}}, "test")
	require.NoError(t, err)
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	targets, err := b.Targets(b.ctx, entries[0], 10)
	require.NoError(t, err)
	require.Len(t, targets, 1)
	require.EqualValues(t, 2, targets[0].EnrollmentID)
	resumed := b.attempt(2)
	resumed.ResumedPark = 1
	facts, err := b.Facts(b.ctx, resumed)
	require.NoError(t, err)
	require.Equal(t, other, facts.Account.Address)
}

// Law 7: who waits in the campaign's line is not in error, whatever breaks, while one can send.
func TestAnySenderTakesTheFirstOfTheCampaignsLine(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 8)
	b.three(`{"gap": 3600000000000}`)
	var first []string
	for id := int64(1); id <= 3; id++ {
		first = append(first, b.mails(id))
	}
	slices.Sort(first)
	require.Equal(t, []string{ann, maya, tom}, first, "a sender that keeps its gap is left out")
	for id := int64(4); id <= 8; id++ {
		b.queued(id)
		require.Equal(t, "anybody", b.lineAccount(id))
	}
	require.Equal(t, 3, one[int](b, `SELECT count(*) FROM account_pace`), "the giver looks at each of them")
	require.Empty(t, b.given(), "all keep their gap")

	b.exec(`UPDATE account_pace SET next_at = now(), look_at = NULL WHERE address = $1`, tom)
	require.Equal(t, []int64{4}, b.given(), "the first, by whichever is free first")
	require.Equal(t, tom, b.lineAccount(4))
	require.Equal(t, tom, b.mails(4))

	// A turn that is not used is nobody's again, and the place stays.
	b.exec(`UPDATE account_pace SET next_at = now(), look_at = NULL WHERE address = $1`, maya)
	require.Equal(t, []int64{5}, b.given())
	require.NoError(t, b.TurnsSignalled(b.ctx, []campaign.GivenTurn{{EnrollmentID: 5, Turn: 1}}, nil))
	b.exec(`UPDATE line SET granted_at = now() - interval '3 minutes' WHERE enrollment_id = 5`)
	b.breaks(maya)
	_, err := b.TendLine(b.ctx)
	require.NoError(t, err)
	require.Equal(t, "anybody", b.lineAccount(5))
	b.exec(`UPDATE account_pace SET next_at = now(), look_at = NULL WHERE address = $1`, ann)
	require.Equal(t, []int64{5}, b.given(), "it was the first, and is")
	require.Equal(t, ann, b.mails(5))

	// Law 2: when none can send, all of them learn of it.
	b.breaks(tom)
	b.breaks(ann)
	require.ElementsMatch(t, []int64{6, 7, 8}, b.given())
	for id := int64(6); id <= 8; id++ {
		held, err := b.Hold(b.ctx, b.attempt(id), emailCheck)
		require.NoError(t, err)
		require.Equal(t, failure.EmailAccountInError, held.Parked.Problem.Code)
		require.Equal(t, "held", b.lineState(id), "the place is kept")
	}
}

// Law 8: a look at two senders at once gives one contact one turn, and each sender one.
func TestTwoSendersDoNotTakeTheSame(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	b.three(`{"gap": 3600000000000}`)
	for id := int64(1); id <= 3; id++ {
		b.mails(id)
	}
	for id := int64(4); id <= 6; id++ {
		b.queued(id)
	}
	b.ahead()
	require.ElementsMatch(t, []int64{4, 5, 6}, b.given())
	require.Equal(t, 3, one[int](b, `SELECT count(DISTINCT account) FROM line WHERE state = 'granted'`))
	require.Empty(t, one[[]string](b, `SELECT coalesce(array_agg(account), '{}') FROM (SELECT account FROM line WHERE state = 'granted' GROUP BY 1 HAVING count(*) > 1) AS twice`))
	for id := int64(4); id <= 6; id++ {
		want := b.lineAccount(id)
		require.Equal(t, want, b.mails(id), "whose turn it has")
	}
}

// Notes' case 4: the account breaks with a thousand in line.
func TestASenderBreaksWithAThousandInLine(t *testing.T) {
	t.Parallel()
	const mailed, all = 30, 1030
	b := setupLedger(t, all)
	b.three(`{}`)
	of := map[string][]int64{}
	for id := int64(1); id <= mailed; id++ {
		from := b.mails(id)
		of[from] = append(of[from], id)
	}
	require.Len(t, of, 3)
	b.pace(`{"gap": 3600000000000}`)
	b.exec(`INSERT INTO account_pace (address, next_at) SELECT address, now() + interval '1 hour' FROM email_accounts ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at`)
	for id := int64(mailed + 1); id <= all; id++ {
		b.queued(id)
	}
	for id := int64(1); id <= mailed; id++ { // their follow-ups are due
		b.exec(`UPDATE enrollments SET status = 'Active', next_at = NULL, step_id = 'follow-up', step_index = 3 WHERE id = $1`, id)
		held, err := b.Hold(b.ctx, b.second(id), emailCheck)
		require.NoError(t, err)
		require.True(t, held.InLine)
	}
	places := func() map[int64]int64 {
		places := map[int64]int64{}
		for id := int64(1); id <= all; id++ {
			places[id] = one[int64](b, `SELECT seq FROM line WHERE enrollment_id = $1`, id)
		}
		return places
	}
	before := places()

	b.breaks(tom)
	require.ElementsMatch(t, of[tom], b.given(), "exactly those that it has mailed learn of it")
	for _, id := range of[tom] {
		held, err := b.Hold(b.ctx, b.second(id), emailCheck)
		require.NoError(t, err)
		require.Equal(t, failure.EmailAccountInError, held.Parked.Problem.Code)
	}
	require.Equal(t, len(of[tom]), one[int](b, `SELECT count(*) FROM enrollments WHERE status = 'InError'`))
	require.Equal(t, before, places(), "everybody keeps the place")
	b.ahead()
	given := b.given()
	require.ElementsMatch(t, []int64{of[maya][0], of[ann][0]}, given, "the rest goes on, follow-ups first")
	for _, id := range given {
		b.exec(`DELETE FROM line WHERE enrollment_id = $1`, id)
	}

	// Removed and added again is the same account.
	_, err := b.RemoveAccount(b.ctx, tom, "test", RemovalSeen{})
	require.NoError(t, err)
	require.Empty(t, slices.DeleteFunc(b.given(), func(id int64) bool { return !slices.Contains(of[tom], id) }))
	change, err := b.ConnectAccount(b.ctx, campaign.EmailAccount{Address: "Tom@Northwind.example", Name: "A", SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: "none"}}, "test")
	require.NoError(t, err)
	require.Equal(t, len(of[tom]), change.Resuming)
	for _, id := range of[tom] {
		resumed := b.second(id)
		resumed.ResumedPark = 1
		facts, err := b.Facts(b.ctx, resumed)
		require.NoError(t, err)
		require.Equal(t, tom, facts.Account.Address)
		require.Equal(t, campaign.AccountConnected, facts.Account.Status)
		require.Equal(t, before[id], one[int64](b, `SELECT seq FROM line WHERE enrollment_id = $1`, id))
	}
	require.Zero(t, one[int](b, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`))
}

func TestMoveSender(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 9)
	b.three(`{}`)
	of := map[string][]int64{}
	for id := int64(1); id <= 9; id++ {
		from := b.mails(id)
		of[from] = append(of[from], id)
	}
	require.Len(t, of[tom], 3)
	b.breaks(tom)
	parked, waiting := of[tom][0], of[tom][1]
	_, err := b.Hold(b.ctx, b.second(parked), emailCheck)
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET done_at = now()`) // it stands at a step that the campaign does not have
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) VALUES ($1, 'follow-up', 'q4', $2, 1, 'waiting')`, waiting, tom)

	_, err = b.MoveSender(b.ctx, "q4", tom, "nobody@northwind.example", "maya", BatchOptions{})
	require.ErrorIs(t, err, ErrNotFound)
	_, err = b.MoveSender(b.ctx, "q4", tom, tom, "maya", BatchOptions{})
	require.ErrorIs(t, err, ErrRefused)
	would, err := b.MoveSender(b.ctx, "q4", tom, ann, "maya", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, Moved{From: tom, To: ann, ToStatus: campaign.AccountConnected, Contacts: 3, Waking: 1}, would)
	require.Equal(t, tom, b.lineAccount(waiting), "a dry run moves nobody")

	moved, err := b.MoveSender(b.ctx, "q4", "TOM@northwind.example", ann, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 3, moved.Contacts)
	require.NotZero(t, moved.Request)
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	targets, err := b.Targets(b.ctx, entries[0], 10)
	require.NoError(t, err)
	require.Len(t, targets, 1, "those who are in error on the broken account go on, and nobody else")
	require.Equal(t, parked, targets[0].EnrollmentID)
	require.Equal(t, ann, b.lineAccount(waiting))
	for _, id := range of[tom] {
		attempt := b.second(id)
		attempt.ResumedPark = 1
		facts, err := b.Facts(b.ctx, attempt)
		require.NoError(t, err)
		require.Equal(t, ann, facts.Account.Address)
		require.True(t, facts.SentByAnother(facts.Sendings[0]), "a new thread begins")
		require.Equal(t, campaign.FollowUps, facts.Place().Band)
	}
	facts, err := b.Facts(b.ctx, b.second(of[maya][0]))
	require.NoError(t, err)
	require.Equal(t, maya, facts.Account.Address)
	require.False(t, facts.SentByAnother(facts.Sendings[0]))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM activity WHERE kind = 'moved' AND count = 3 AND by = 'maya'`))

	again, err := b.MoveSender(b.ctx, "q4", tom, ann, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Zero(t, again.Contacts)
	b.exec(`UPDATE campaigns SET senders = '{}'`)
	_, err = b.MoveSender(b.ctx, "q4", tom, ann, "maya", BatchOptions{})
	require.ErrorIs(t, err, ErrRefused, "one sender is everybody's")
}

// belongs has a contact that nobody has mailed belong to a sender, as if it had been moved to it.
func (b *ledgerBundle) belongs(address string, ids ...int64) {
	b.t.Helper()
	b.exec(`UPDATE enrollments SET sender = $1 WHERE id = ANY ($2)`, address, ids)
}

// Law 8: a turn is its account's until the claim has come to its gate or has lapsed, also when the contact goes to
// another sender meanwhile. Else the account gives the next turn, and the claim passes its gate beside that when
// the contact has come back.
func TestAClaimKeepsTheTurnOfItsAccount(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *ledgerBundle, from, to string){
		"move-sender": func(b *ledgerBundle, from, to string) {
			_, err := b.MoveSender(b.ctx, "q4", from, to, "maya", BatchOptions{})
			require.NoError(b.t, err)
		},
		"set-sender": func(b *ledgerBundle, _, to string) {
			_, _, err := b.SetSender(b.ctx, "q4", to, "maya")
			require.NoError(b.t, err)
		},
	} {
		b := setupLedger(t, 3)
		b.three(`{"gap": 3600000000000}`)
		b.belongs(maya, 1, 2, 3)
		if name == "set-sender" {
			b.exec(`UPDATE campaigns SET senders = '{}', sender = $1`, maya)
		}
		first, err := b.claims(1)
		require.NoError(t, err)
		require.Equal(t, maya, first.Account)
		change(b, maya, tom)
		require.Equal(t, maya+" claimed", b.lineAccount(1)+" "+b.lineState(1), name)
		b.ahead()
		second := draft("c@contoso.example")
		second.Account, second.Timed = maya, true
		b.belongs(maya, 2)
		if name == "set-sender" {
			b.exec(`UPDATE campaigns SET sender = $1`, maya)
		}
		_, err = b.Claim(b.ctx, b.attempt(2), second)
		require.ErrorIs(t, err, campaign.ErrNoTurn, "%s: the turn is out", name)
		if name == "set-sender" {
			b.exec(`UPDATE campaigns SET sender = $1`, tom)
		}
		require.ErrorIs(t, b.Gate(b.ctx, first), campaign.ErrNoTurn, "%s: it is another sender's contact", name)
		change(b, tom, maya)
		require.NoError(t, b.Gate(b.ctx, first), "%s: the one turn that was given", name)
		require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), first, "250 ok"))
		_, err = b.Claim(b.ctx, b.attempt(2), second)
		require.ErrorIs(t, err, campaign.ErrNoTurn, "%s: the gap", name)
	}
}

// An email that one of several senders without a pace has claimed does not leave from it any more when its contact is
// moved: the other claims it anew. Where a campaign is given another sender for everybody, what is claimed leaves as it was claimed.
func TestAClaimOfASenderFromWhichItsContactIsMoved(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.three(`{}`)
	b.belongs(maya, 1, 2)
	first, err := b.claims(1)
	require.NoError(t, err)
	require.Equal(t, maya, first.Account)
	_, err = b.MoveSender(b.ctx, "q4", maya, tom, "maya", BatchOptions{})
	require.NoError(t, err)
	require.ErrorIs(t, b.Gate(b.ctx, first), campaign.ErrNoTurn)
	require.Equal(t, campaign.Reserved, b.state(b.attempt(1)), "it can be claimed anew")
	require.Equal(t, tom, b.mails(1))

	second, err := b.claims(2)
	require.NoError(t, err)
	require.Equal(t, tom, second.Account)
	_, _, err = b.SetSender(b.ctx, "q4", ann, "maya")
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, second))
}

// Moved to another sender and back, each contact is the first's again, wherever it stands: it waits in its line at
// its old place, goes on in its thread, and who was in error because of the other goes on.
func TestMovedThereAndBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	b.three(`{"gap": 1000000}`)
	b.belongs(tom, 1, 2, 3, 4)
	for _, id := range []int64{1, 2, 3, 4} {
		b.ahead()
		require.Equal(t, tom, b.mails(id))
	}
	b.exec(`UPDATE enrollments SET sender = NULL`) // the ledger says it
	inLine, granted, parked, uncertain := int64(1), int64(2), int64(3), int64(4)
	for _, id := range []int64{inLine, granted} {
		_, err := b.Hold(b.ctx, b.second(id), func(facts campaign.Facts) campaign.Finding {
			place := facts.Place()
			return campaign.Finding{Place: &place}
		})
		require.NoError(t, err)
	}
	b.exec(`UPDATE line SET state = 'granted', turn = turn + 1, granted_at = now() WHERE enrollment_id = $1`, granted)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, wire_at) VALUES ($1, 'follow-up', 1, 'email', 'uncertain', $2, 'x', now(), now())`, uncertain, tom)
	seqs := func() []int64 { return one[[]int64](b, `SELECT array_agg(seq ORDER BY enrollment_id) FROM line`) }
	before := seqs()

	there, err := b.MoveSender(b.ctx, "q4", tom, ann, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 4, there.Contacts)
	b.breaks(ann)
	_, err = b.Hold(b.ctx, b.second(parked), emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.InError, b.status(parked))
	require.Equal(t, ann+": 535 5.7.8 no", one[string](b, `SELECT detail FROM enrollments WHERE id = $1`, parked))
	back, err := b.MoveSender(b.ctx, "q4", ann, tom, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, Moved{From: ann, To: tom, ToStatus: campaign.AccountConnected, Contacts: 4, Waking: 1, Request: back.Request}, back)
	require.Equal(t, before, seqs(), "everybody keeps the place")
	for _, id := range []int64{inLine, granted} {
		require.Equal(t, tom+" waiting", b.lineAccount(id)+" "+b.lineState(id))
	}
	for _, id := range []int64{inLine, granted, parked, uncertain} {
		facts, err := b.Facts(b.ctx, b.second(id))
		require.NoError(t, err)
		require.Equal(t, tom, facts.Account.Address)
		require.False(t, facts.SentByAnother(facts.Sendings[0]), "its thread lies in the mailbox of its sender")
	}

	// What the other has sent meanwhile is in another thread.
	b.exec(`UPDATE deliveries SET state = 'sent', settled_at = now(), account = $2, message_id = 'follow-up@x', subject = 'Re: Hi' WHERE step_id = 'follow-up' AND enrollment_id = $1`, uncertain, ann)
	facts, err := b.Facts(b.ctx, b.second(uncertain))
	require.NoError(t, err)
	require.Equal(t, tom, facts.Account.Address, "a person has said so: it is not asked who has mailed last")
	require.Equal(t, []bool{false, true}, []bool{facts.SentByAnother(facts.Sendings[0]), facts.SentByAnother(facts.Sendings[1])})
}

// The senders of a campaign change under those who wait in line: each keeps the place.
func TestOtherSendersReachThoseInLine(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	b.three(`{"gap": 3600000000000}`)
	b.exec(`UPDATE campaigns SET senders = '{}'`)
	require.Equal(t, maya, b.mails(1))
	b.exec(`UPDATE enrollments SET status = 'Active', next_at = NULL, step_id = 'follow-up', step_index = 3 WHERE id = 1`)
	held, err := b.Hold(b.ctx, b.second(1), emailCheck)
	require.NoError(t, err)
	require.True(t, held.InLine)
	for id := int64(2); id <= 4; id++ {
		b.queued(id)
	}
	accounts := func() (of []string) {
		for id := int64(1); id <= 4; id++ {
			of = append(of, b.lineAccount(id))
		}
		return of
	}
	apply := func(senders ...string) Applied {
		of, err := b.Campaign(b.ctx, "q4")
		require.NoError(t, err)
		of.Sender, of.Senders = senders[0], senders
		if len(senders) == 1 {
			of.Senders = nil
		}
		applied, err := b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "test", false)
		require.NoError(t, err)
		return applied
	}
	require.Equal(t, []string{maya, maya, maya, maya}, accounts())
	applied := apply(maya, tom)
	require.Equal(t, []Edit{{Field: "senders", From: maya, To: maya + ", " + tom}}, applied.Items[0].Edits)
	require.Equal(t, []string{maya, "anybody", "anybody", "anybody"}, accounts())
	require.Equal(t, []int64{2}, b.given(), "the new sender is free")

	applied = apply(ann, tom)
	require.Contains(t, applied.Items[0].Notes[0], maya+" takes no new contacts; 1 contact was mailed by it")
	require.Equal(t, []string{maya, "anybody", "anybody", "anybody"}, accounts(), "who was mailed by one that is no sender any more keeps it")
	require.Empty(t, apply(ann, tom).Items[0].Edits)

	_, change, err := b.SetSender(b.ctx, "q4", tom, "test")
	require.NoError(t, err)
	require.Equal(t, []Edit{{Field: "senders", From: ann + ", " + tom, To: tom}}, change.Edits)
	require.Equal(t, []string{tom, tom, tom, tom}, accounts(), "one sender is everybody's")
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(t, err)
	require.Empty(t, of.Senders)
}

// Several senders instead of one: who was mailed by that one keeps it, and the apply says so.
func TestSeveralSendersInsteadOfOneThatIsNoneOfThem(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.three(`{}`)
	b.exec(`UPDATE campaigns SET senders = '{}'`)
	require.Equal(t, maya, b.mails(1))
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(t, err)
	of.Sender, of.Senders = tom, []string{tom, ann}
	applied, err := b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "test", false)
	require.NoError(t, err)
	require.Equal(t, []string{maya + " takes no new contacts; 1 contact was mailed by it: they keep it (`starter campaign move-sender q4 --from " + maya + " --to " + tom + "` moves them)"}, applied.Items[0].Notes)
	require.Equal(t, maya, b.facts1(1).Account.Address)
}

// A sender whose hours never meet the campaign's window is refused when it is selected, too.
func TestASenderThatCouldNeverSendIsNotSelected(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls, pace) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none', $2)`,
		tom, pace.AccountRules{Zone: "UTC", Hours: []pace.Window{{Days: pace.EveryDay, From: 9 * 60, To: 11 * 60}}})
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Zone: "UTC", Windows: []pace.Window{{Days: pace.EveryDay, From: 15 * 60, To: 17 * 60}}})
	_, _, err := b.SetSender(b.ctx, "q4", tom, "maya")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "never meet")
	require.Equal(t, maya, one[string](b, `SELECT sender FROM campaigns`))
	_, _, err = b.SetSender(b.ctx, "q4", "", "maya")
	require.NoError(t, err, "none can be selected, as ever")
}

// Of a campaign with several senders too, a contact that none of them could ever send anything is in error and does not wait in
// silence; one that could is enough to wait.
func TestWhoNoneOfTheSendersCouldEverServeIsInError(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.three(`{}`)
	set := func(address string, hours string) {
		b.exec(`UPDATE email_accounts SET pace = $1 WHERE address = $2`, pace.AccountRules{Gap: time.Hour, Hours: windowsOf(t, hours), Zone: "Asia/Tokyo"}, address)
		b.exec(`INSERT INTO account_pace (address, next_at) VALUES ($1, now() + interval '1 hour') ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at, look_at = NULL`, address)
	}
	for _, address := range []string{maya, tom, ann} {
		set(address, "00:00-24:00")
	}
	b.exec(`UPDATE contacts SET fields = '{"Country": "Japan"}'`)
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: windowsOf(t, "00:00-24:00"), Zone: pace.RecipientZone, IgnoreHolidays: true})
	b.queued(1)
	require.Equal(t, "anybody", b.lineAccount(1))
	require.Empty(t, b.given(), "the gaps are not over")

	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: windowsOf(t, "09:00-23:00"), Zone: pace.RecipientZone, IgnoreHolidays: true})
	set(maya, "01:00-07:00")
	set(tom, "01:00-07:00")
	require.Empty(t, b.given(), "one of them can")
	b.exec(`UPDATE line SET state = 'waiting', not_before = NULL`) // asleep, where this runs at night in Tokyo
	set(ann, "02:00-06:00")
	require.Equal(t, []int64{1}, b.given())
	held, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
	require.NoError(t, err)
	require.NotNil(t, held.Parked)
	require.Equal(t, failure.NoCommonSendingTime, held.Parked.Problem.Code)
}
