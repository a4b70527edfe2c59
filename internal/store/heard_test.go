package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/inbound"
)

// setupHeard is a database whose sender is read, with a campaign of two emails and one of one.
func setupHeard(t testing.TB, contacts int) *ledgerBundle {
	t.Helper()
	b := setupLedger(t, contacts)
	b.exec(`UPDATE campaigns SET steps = '[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000},{"id":"more","kind":"email","subject":"Hi","body":"More"}]'`)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('xmas', 'Xmas', 'maya', 'maya@northwind.example', '[{"id":"card","kind":"email","subject":"Card","body":"Hello"}]')`)
	_, err := b.SetMailbox(b.ctx, maya, &campaign.IMAP{Host: "127.0.0.1", Port: 143, TLS: campaign.TLSNone, Username: maya}, "test")
	require.NoError(t, err)
	return b
}

func idOf(contact int64) string { return fmt.Sprintf("%024x@northwind.example", contact) }

// sendIntro sends the first mail of a contact, whose id is idOf.
func (b *ledgerBundle) sendIntro(id int64) {
	b.t.Helper()
	delivery := b.claimIntro(id)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, b.attempt(id), delivery, "250 ok"))
}

func (b *ledgerBundle) claimIntro(id int64) campaign.Delivery {
	b.t.Helper()
	delivery, err := b.Claim(b.ctx, b.attempt(id), introOf(id))
	require.NoError(b.t, err)
	return delivery
}

func introOf(id int64) campaign.Draft {
	d := draft(fmt.Sprintf("c%d@contoso.example", id))
	d.MessageID = idOf(id)
	return d
}

// followUp is the attempt at the second mail, due since a moment ago.
func (b *ledgerBundle) followUp(id int64) campaign.Attempt {
	return campaign.Attempt{
		EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "more", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true},
		Due: one[time.Time](b, `SELECT clock_timestamp() - interval '1 minute'`),
	}
}

func (b *ledgerBundle) claimFollowUp(id int64) (campaign.Delivery, error) {
	d := introOf(id)
	d.MessageID = "2" + idOf(id)[1:]
	return b.Claim(b.ctx, b.followUp(id), d)
}

var uids uint32

// heardFrom is a message from a contact that has just come in.
func heardFrom(id int64, kind inbound.Kind, verdict inbound.Verdict) Inbound {
	uids++
	verdict.Kind = kind
	if verdict.Reason == "" {
		verdict.Reason = "it says so"
	}
	return Inbound{
		Address: maya, Generation: 1, Folder: "INBOX", UIDValidity: 1, UID: uids, ArrivedAt: time.Now(), Raw: fmt.Appendf(nil, "raw %d", uids),
		Mail: inbound.Mail{
			MessageID: fmt.Sprintf("answer-%d@contoso.example", uids), Subject: "Re: Hi",
			From: []inbound.Address{{Address: fmt.Sprintf("c%d@contoso.example", id)}}, InReplyTo: []string{idOf(id)},
		},
		Verdict: verdict,
	}
}

func (b *ledgerBundle) hear(message Inbound) Heard {
	b.t.Helper()
	heard, err := b.Hear(b.ctx, message, Cursor{Folder: message.Folder, UIDValidity: message.UIDValidity, NextUID: message.UID + 1})
	require.NoError(b.t, err)
	return heard
}

// look completes a look that begins now.
func (b *ledgerBundle) look() {
	b.t.Helper()
	mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
	require.NoError(b.t, err)
	require.NoError(b.t, b.CompleteLook(b.ctx, maya, mailbox.Lease, one[time.Time](b, `SELECT clock_timestamp()`)))
}

func (b *ledgerBundle) stops() (ids []int64) {
	b.t.Helper()
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(b.t, err)
	for _, entry := range entries {
		if entry.Kind == campaign.OutboxStop {
			targets, err := b.Targets(b.ctx, entry, 100)
			require.NoError(b.t, err)
			for _, target := range targets {
				ids = append(ids, target.EnrollmentID)
			}
			require.NotContains(b.t, entry.Note, "Hi", "the workflow learns nothing of the words")
		}
	}
	return ids
}

func TestAReplyEndsAllOfThePersonsEnrollments(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	_, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	b.sendIntro(1)
	b.sendIntro(2)
	message := heardFrom(1, inbound.Reply, inbound.Verdict{})
	heard := b.hear(message)
	require.Equal(t, 2, heard.Ended)
	require.Equal(t, []campaign.Status{campaign.Disenrolled, campaign.Waiting}, []campaign.Status{b.status(1), b.status(2)})
	xmas := one[int64](b, `SELECT id FROM enrollments WHERE campaign = 'xmas' AND contact_id = 1`)
	require.Equal(t, campaign.Disenrolled, b.status(xmas))
	require.ElementsMatch(t, []int64{1, xmas}, b.stops())
	require.Equal(t, campaign.Replied, one[campaign.EndedBy](b, `SELECT ended_by FROM enrollments WHERE id = 1`))

	again := b.hear(message)
	require.Zero(t, again.ID, "a second reader changes nothing")
	moved := message
	moved.UIDValidity, moved.UID = 2, 1
	require.Equal(t, HeardDuplicate, b.hear(moved).State, "a mailbox that was moved has nothing new")
	require.ElementsMatch(t, []int64{1, xmas}, b.stops())
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM notes WHERE enrollment_id = 1`))
}

func TestACampaignMayGoOnAfterAReply(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.exec(`UPDATE campaigns SET on_reply = 'go_on'`)
	b.sendIntro(1)
	require.Zero(t, b.hear(heardFrom(1, inbound.Reply, inbound.Verdict{})).Ended)
	require.Equal(t, campaign.Waiting, b.status(1))
	require.Equal(t, 1, b.hear(heardFrom(1, inbound.Unsubscribe, inbound.Verdict{})).Ended, "an unsubscription is no reply")
}

// Law 9 at each side of the claim.
func TestAReplyMeetsAClaim(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before the claim", "before the gate", "on the wire"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			b := setupHeard(t, 1)
			_, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
			require.NoError(t, err)
			b.sendIntro(1)
			xmas := campaign.Attempt{EnrollmentID: one[int64](b, `SELECT id FROM enrollments WHERE campaign = 'xmas'`), CampaignKey: "xmas", ContactID: 1, StepID: "card", Visit: 1, Next: campaign.Next{Completed: true}}
			claim := func() (campaign.Delivery, error) { return b.Claim(b.ctx, xmas, draft("c1@contoso.example")) }
			if when == "before the claim" {
				b.hear(heardFrom(1, inbound.Reply, inbound.Verdict{}))
				_, err := claim()
				require.ErrorIs(t, err, campaign.ErrSuperseded)
				return
			}
			delivery, err := claim()
			require.NoError(t, err)
			if when == "before the gate" {
				b.hear(heardFrom(1, inbound.Reply, inbound.Verdict{}))
				require.ErrorIs(t, b.Gate(b.ctx, delivery), campaign.ErrSuperseded)
				require.Equal(t, campaign.Failed, b.state(xmas))
				return
			}
			require.NoError(t, b.Gate(b.ctx, delivery))
			b.hear(heardFrom(1, inbound.Reply, inbound.Verdict{}))
			err = b.MarkSent(b.ctx, xmas, delivery, "250 ok")
			require.ErrorIs(t, err, campaign.ErrLate)
			require.Equal(t, campaign.Sent, b.state(xmas), "what was out is recorded")
			require.Equal(t, campaign.Disenrolled, b.status(xmas.EnrollmentID))
		})
	}
}

func TestSomebodyAwayIsHeldAndReleased(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	_, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	b.sendIntro(1)
	b.look()
	xmas := campaign.Attempt{EnrollmentID: one[int64](b, `SELECT id FROM enrollments WHERE campaign = 'xmas'`), CampaignKey: "xmas", ContactID: 1, StepID: "card", Visit: 1, Next: campaign.Next{Completed: true}}
	claimed, err := b.Claim(b.ctx, xmas, draft("c1@contoso.example"))
	require.NoError(t, err)
	away := heardFrom(1, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{}, Reason: `the answer says "back on Monday"`})
	away.AwayUntil = time.Now().Add(72 * time.Hour)
	require.WithinDuration(t, away.AwayUntil, b.hear(away).Held, time.Second)
	require.ErrorIs(t, b.Gate(b.ctx, claimed), campaign.ErrSuperseded, "its gate stays shut")

	_, err = b.Claim(b.ctx, xmas, draft("c1@contoso.example"))
	require.ErrorIs(t, err, campaign.ErrNoTurn, "in the other campaign, too")
	held, err := b.Hold(b.ctx, xmas, emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.Held{InLine: true}, held)
	require.Equal(t, "asleep", b.lineState(xmas.EnrollmentID))
	require.Empty(t, b.given())

	earlier := heardFrom(1, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{}})
	earlier.AwayUntil = time.Now().Add(time.Hour)
	b.hear(earlier)
	require.Greater(t, time.Until(one[time.Time](b, `SELECT until FROM contact_holds`)), 71*time.Hour, "forward only")

	released, err := b.Release(b.ctx, 1, "tom")
	require.NoError(t, err)
	require.True(t, released)
	require.Equal(t, []int64{xmas.EnrollmentID}, b.given())
	_, err = b.Claim(b.ctx, xmas, draft("c1@contoso.example"))
	require.NoError(t, err)
	released, err = b.Release(b.ctx, 1, "tom")
	require.NoError(t, err)
	require.False(t, released)
}

func TestTheThirdAnswerWithoutADateIsForAPerson(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	for range 2 {
		heard := b.hear(heardFrom(1, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{Undated: true}}))
		require.Equal(t, HeardSettled, heard.State)
		require.WithinDuration(t, time.Now().Add(undatedHold), heard.Held, time.Minute)
	}
	require.Equal(t, HeardOpen, b.hear(heardFrom(1, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{Undated: true}})).State)
}

// Law 9: no follow-up while nobody has looked.
func TestAFollowUpWaitsForALook(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	b.sendIntro(1)
	b.sendIntro(2)
	facts, err := b.Facts(b.ctx, b.followUp(1))
	require.NoError(t, err)
	require.NotNil(t, facts.Mailbox)
	require.False(t, facts.FreshAfter().IsZero())
	held, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.Held{InLine: true}, held)
	require.Equal(t, "asleep", b.lineState(1))
	require.Empty(t, b.given())

	mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
	require.NoError(t, err)
	require.NoError(t, b.CompleteLook(b.ctx, maya, mailbox.Lease, time.Now().Add(-time.Hour)))
	require.Empty(t, b.given(), "a look that began before it was due has seen too little")
	b.look()
	require.Equal(t, []int64{1}, b.given())
	held, err = b.Hold(b.ctx, b.followUp(2), emailCheck)
	require.NoError(t, err)
	require.Zero(t, held, "the look counts for all")
	_, err = b.claimFollowUp(2)
	require.NoError(t, err)
}

func TestAMailboxThatCannotBeReadParksFollowUps(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	b.sendIntro(1)
	b.sendIntro(2)
	_, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
	require.NoError(t, err)
	mailbox, _, err := b.TakeMailbox(b.ctx, maya, "reader")
	require.NoError(t, err)
	news, err := b.MailboxFailed(b.ctx, maya, mailbox.Lease, "the connection was refused", nil, false)
	require.NoError(t, err)
	require.False(t, news, "what may pass is no error yet")
	news, err = b.MailboxFailed(b.ctx, maya, mailbox.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
	require.NoError(t, err)
	require.True(t, news)
	news, err = b.MailboxFailed(b.ctx, maya, mailbox.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
	require.NoError(t, err)
	require.False(t, news, "it is said once")
	require.Equal(t, []int64{1}, b.given(), "those who wait learn of it")
	for _, id := range []int64{1, 2} {
		held, err := b.Hold(b.ctx, b.followUp(id), emailCheck)
		require.NoError(t, err)
		require.Equal(t, failure.MailboxUnreadable, held.Parked.Problem.Code)
		require.Contains(t, held.Parked.Problem.Detail, "AUTHENTICATIONFAILED")
	}
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.look()
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	targets, err := b.Targets(b.ctx, entries[0], 10)
	require.NoError(t, err)
	require.Len(t, targets, 2, "a look that is complete wakes them")
}

func TestAReaderThatLostItsMailboxCompletesNothing(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	old, _, err := b.TakeMailbox(b.ctx, maya, "one")
	require.NoError(t, err)
	_, _, err = b.TakeMailbox(b.ctx, maya, "another")
	require.ErrorIs(t, err, ErrNotRead)
	require.NoError(t, b.LeaveMailbox(b.ctx, maya, old.Lease))
	idle, err := b.Idle(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []string{maya}, idle)
	fresh, _, err := b.TakeMailbox(b.ctx, maya, "another")
	require.NoError(t, err)
	require.ErrorIs(t, b.CompleteLook(b.ctx, maya, old.Lease, time.Now()), ErrNotRead)
	require.ErrorIs(t, b.KeepMailbox(b.ctx, maya, old.Lease), ErrNotRead)
	require.NoError(t, b.KeepMailbox(b.ctx, maya, fresh.Lease))

	// A reader that was killed says nothing: the next one does not wait until its lease is over.
	require.NoError(t, b.LapseMailbox(b.ctx, maya))
	require.ErrorIs(t, b.KeepMailbox(b.ctx, maya, fresh.Lease), ErrNotRead)
	fresh, _, err = b.TakeMailbox(b.ctx, maya, "a third")
	require.NoError(t, err)
	require.NoError(t, b.KeepMailbox(b.ctx, maya, fresh.Lease))
	_, err = b.SetMailbox(b.ctx, maya, nil, "tom")
	require.NoError(t, err)
	require.ErrorIs(t, b.KeepMailbox(b.ctx, maya, fresh.Lease), ErrNotRead)
}

func report(address string, class inbound.Class) inbound.Verdict {
	return inbound.Verdict{Recipients: []inbound.Recipient{{Address: address, Class: class, Diagnostic: "550 5.1.1 no such user"}}}
}

func TestWhatABounceDoes(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 4)
	for id := range int64(4) {
		b.sendIntro(id + 1)
	}
	bounce := func(id int64, verdict inbound.Verdict) Heard {
		message := heardFrom(id, inbound.Bounce, verdict)
		message.Mail.From = []inbound.Address{{Address: "mailer-daemon@mx.example"}}
		message.Mail.InReplyTo = nil
		message.Verdict.Reported.MessageIDs = []string{idOf(id)}
		return b.hear(message)
	}
	require.Equal(t, HeardSettled, bounce(1, report("c1@contoso.example", inbound.ClassHard)).State)
	require.Equal(t, HeardSettled, bounce(2, report("c2@contoso.example", inbound.ClassPolicy)).State)
	require.Equal(t, HeardUnmatched, bounce(3, report("somebody@else.example", inbound.ClassHard)).State, "a forged one names another recipient")
	bounces, err := b.Bounces(b.ctx)
	require.NoError(t, err)
	require.Len(t, bounces, 1)
	require.Equal(t, "550 5.1.1 no such user", bounces[0].Reason)
	b.look()
	held, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.EmailAlreadyBounced, held.Parked.Problem.Code)
	anonymous := heardFrom(4, inbound.Bounce, report("c4@contoso.example", inbound.ClassHard))
	anonymous.Mail.InReplyTo = nil
	require.Equal(t, HeardSettled, b.hear(anonymous).State, "by the recipient alone")
	require.Equal(t, string(ByRecipient), one[string](b, `SELECT matched_by FROM inbound ORDER BY id DESC LIMIT 1`))
}

func TestAnUnsubscriptionSuppresses(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	b.sendIntro(1)
	require.Equal(t, 1, b.hear(heardFrom(1, inbound.Unsubscribe, inbound.Verdict{Words: "STOP"})).Ended)
	require.Equal(t, campaign.Unsubscribed, one[campaign.EndedBy](b, `SELECT ended_by FROM enrollments WHERE id = 1`))

	b.exec(`INSERT INTO suppressions (target, reason) VALUES ('contoso.example', 'by_hand')`)
	_, err := b.Claim(b.ctx, b.attempt(2), introOf(2))
	require.ErrorIs(t, err, campaign.ErrNoTurn, "the domain counts in the claim")
	held, err := b.Hold(b.ctx, b.attempt(2), emailCheck)
	require.NoError(t, err)
	require.Zero(t, held)
	require.Equal(t, campaign.Disenrolled, b.status(2))
	require.Equal(t, campaign.Suppressed, one[campaign.EndedBy](b, `SELECT ended_by FROM enrollments WHERE id = 2`))
}

func TestACopyInSentSettlesADoubt(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	delivery := b.claimIntro(1)
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, failure.Problem{Code: failure.DeliveryUncertain, Causes: []failure.Cause{failure.Operator}})
	require.NoError(t, err)
	require.Equal(t, campaign.InError, b.status(1))
	own := heardFrom(1, inbound.Own, inbound.Verdict{})
	own.Folder, own.Mail.InReplyTo = "Sent", nil
	own.Mail.MessageID, own.Mail.RelanceID = "rewritten@eu.amazonses.example", idOf(1)
	own.Mail.From = []inbound.Address{{Address: maya}}
	require.Equal(t, HeardSettled, b.hear(own).State)
	require.Equal(t, campaign.Sent, b.state(b.attempt(1)))
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, campaign.AssumeSent, entries[0].Assume)

	reply := heardFrom(1, inbound.Reply, inbound.Verdict{})
	reply.Mail.InReplyTo = nil
	reply.Mail.References = []string{"rewritten@eu.amazonses.example"}
	reply.Mail.From = []inbound.Address{{Address: "alias@gmail.com"}}
	require.Equal(t, 1, b.hear(reply).Ended, "the rewritten id is known from then on")
}

func TestOtherPeoplesMailIsNotKept(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	private := heardFrom(9, inbound.Reply, inbound.Verdict{Words: "dinner at eight"})
	private.Mail.InReplyTo, private.Mail.Subject = []string{"abc@home.example"}, "Dinner"
	heard := b.hear(private)
	require.Equal(t, HeardSettled, heard.State)
	require.Equal(t, "|||", one[string](b, `SELECT sender || '|' || subject || '|' || words || '|' || coalesce(encode(raw, 'hex'), '') FROM inbound`))

	lost := heardFrom(9, inbound.Reply, inbound.Verdict{})
	require.Equal(t, HeardUnmatched, b.hear(lost).State, "an answer to an id of our form is listed")
}

func TestAColleagueHolds(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	stranger := heardFrom(1, inbound.Reply, inbound.Verdict{})
	stranger.Mail.InReplyTo, stranger.Mail.From = nil, []inbound.Address{{Address: "boss@_ontoso.example"}}
	require.Equal(t, HeardSettled, b.hear(stranger).State, "a domain is no pattern")
	colleague := heardFrom(1, inbound.Reply, inbound.Verdict{})
	colleague.Mail.InReplyTo, colleague.Mail.From = nil, []inbound.Address{{Address: "boss@contoso.example"}}
	require.Equal(t, HeardOpen, b.hear(colleague).State)
	require.Equal(t, campaign.Waiting, b.status(1), "it ends nothing")
	b.look()
	_, err := b.claimFollowUp(1)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
}

func TestTheRawMessageIsSealed(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	message := heardFrom(1, inbound.Reply, inbound.Verdict{})
	message.Raw = []byte("the secret words")
	b.hear(message)
	raw := one[[]byte](b, `SELECT raw FROM inbound`)
	require.NotContains(t, string(raw), "secret")
	opened, err := b.box.Open(rawName(maya), raw)
	require.NoError(t, err)
	require.Equal(t, "the secret words", opened)
	forgotten, err := b.ForgetRaw(b.ctx, time.Hour)
	require.NoError(t, err)
	require.Zero(t, forgotten)
	forgotten, err = b.ForgetRaw(b.ctx, 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, forgotten)
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM inbound WHERE raw IS NULL`), "what is known of it stays")
}

func TestALinkUnsubscribes(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	_, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	b.sendIntro(1)
	require.NoError(t, b.Unsubscribe(b.ctx, 1))
	require.NoError(t, b.Unsubscribe(b.ctx, 1), "it may be asked for again")
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM enrollments WHERE contact_id = 1 AND ended_by = 'unsubscribed'`))
	require.Equal(t, "c1@contoso.example", one[string](b, `SELECT target FROM suppressions`))
	require.Equal(t, campaign.Active, b.status(2))
	require.ErrorIs(t, b.Unsubscribe(b.ctx, 999), ErrNotFound)

	byMail := heardFrom(9, inbound.Unsubscribe, inbound.Verdict{})
	byMail.Mail.InReplyTo, byMail.Named = nil, 2
	require.Equal(t, 2, b.hear(byMail).Ended, "by the token, from any address")
}

// The link suppresses the address to which the email went, also one of which an operator has said that it was not
// sent, and although the contact has another by now. Where there was none, nothing is suppressed.
func TestTheLinkSuppressesTheAddressThatWasMailed(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	delivery := b.claimNow(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.exec(`UPDATE deliveries SET state = 'failed', assumed_by = 'maya', recipient = 'old@contoso.example'`)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 2`)
	for _, id := range []int64{1, 2} {
		require.NoError(t, b.Unsubscribe(b.ctx, id))
		require.Equal(t, campaign.Disenrolled, b.status(id))
	}
	require.Equal(t, []string{"old@contoso.example"}, one[[]string](b, `SELECT array_agg(target) FROM suppressions`))
}

// Who leaves by the link in the moment in which a last message passes its gate has left: the end sees the message as claimed, waits
// for the gate, and leaves it alone. It is written down as sent, and the next look finds that the enrollment
// has ended, as its workflow then does (law 2).
func TestWhoLeavesWhileTheLastMessagePassesItsGateHasLeft(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	attempt := b.attempt(1)
	attempt.Next = campaign.Next{Completed: true}
	delivery := b.claimNow(attempt)
	gate, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = gate.Exec(b.ctx, `UPDATE deliveries SET state = 'wire', wire_at = clock_timestamp()`)
	require.NoError(t, err)
	left := make(chan error, 1)
	go func() { left <- b.Unsubscribe(b.ctx, 1) }()
	b.awaitLockWait()
	require.NoError(t, gate.Commit(b.ctx))
	require.NoError(t, <-left)
	require.Equal(t, campaign.OnWire, b.state(attempt))
	require.ErrorIs(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"), campaign.ErrEdited)
	require.Equal(t, campaign.Sent, b.state(attempt))
	facts, err := b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, facts.Status)
}

// Law 4: the token of a link names an enrollment, and not the message whose answer was lost.
func TestATokenSettlesNoDoubt(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	b.look()
	delivery, err := b.claimFollowUp(1)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err = b.MarkUncertain(b.ctx, b.followUp(1), delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	state := func() string { return one[string](b, `SELECT state FROM deliveries WHERE step_id = 'more'`) }

	byLink := heardFrom(1, inbound.OutOfOffice, inbound.Verdict{})
	byLink.Named, byLink.Mail.InReplyTo = 1, nil
	b.hear(byLink)
	require.Equal(t, "uncertain", state(), "the link may be that of the first email")
	named := heardFrom(1, inbound.OutOfOffice, inbound.Verdict{})
	named.Mail.InReplyTo = []string{delivery.MessageID}
	b.hear(named)
	require.Equal(t, "sent", state())
}
