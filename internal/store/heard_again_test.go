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

// mailFrom is the raw text of an answer of a contact to the first mail, with further fields.
func mailFrom(id int64, fields, body string) []byte {
	return fmt.Appendf(nil, "From: c%d@contoso.example\r\nTo: %s\r\nSubject: Re: Hi\r\nMessage-ID: <a%d@contoso.example>\r\nIn-Reply-To: <%s>\r\n%s\r\n%s\r\n",
		id, maya, id, idOf(id), fields, body)
}

const (
	aPersonsWords = "Hello,\r\n\r\ncould you call me on Thursday about the prices?\r\n\r\nBest regards\r\nAna"
	anAbsence     = "I am out of the office and will be back on %s. Please call my colleague."
)

// judgedThen is a message whose text says one thing now and that was judged to be another.
func (b *ledgerBundle) judgedThen(id int64, then inbound.Kind, verdict inbound.Verdict, raw []byte) Heard {
	b.t.Helper()
	message := heardFrom(id, then, verdict)
	message.Raw = raw
	return b.hear(message)
}

func (b *ledgerBundle) reclassify(id int64, apply bool) Reclassified {
	b.t.Helper()
	one, err := b.Reclassify(b.ctx, id, apply, "tom")
	require.NoError(b.t, err)
	return one
}

func TestWhatBecomesAReplyEndsWhoStillRuns(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	_, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	b.sendIntro(1)
	b.sendIntro(2)
	receipt := b.judgedThen(1, inbound.TicketReceipt, inbound.Verdict{}, mailFrom(1, "", aPersonsWords))
	same := b.judgedThen(2, inbound.TicketReceipt, inbound.Verdict{}, mailFrom(2, "Auto-Submitted: auto-replied\r\n", "Your request has been received (ticket #482211)."))
	count, err := b.CountKept(b.ctx, time.Time{})
	require.NoError(t, err)
	require.Equal(t, 2, count)

	shown := b.reclassify(receipt.ID, false)
	require.Equal(t, []any{inbound.TicketReceipt, inbound.Reply, 2}, []any{shown.Was, shown.Is, shown.Ended})
	require.Equal(t, campaign.Waiting, b.status(1), "a dry run changes nothing")
	require.Equal(t, "ticket_receipt", one[string](b, `SELECT kind FROM inbound WHERE contact_id = 1`))
	require.Zero(t, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'stop'`))
	require.False(t, b.reclassify(same.ID, true).Differs())

	done := b.reclassify(receipt.ID, true)
	require.Equal(t, shown, done, "what was shown is what is done")
	require.True(t, done.Signals())
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM enrollments WHERE contact_id = 1 AND ended_by = 'replied'`))
	require.Equal(t, []int64{1}, one[[]int64](b, `SELECT array_agg(DISTINCT c) FROM outbox, unnest(contacts) c WHERE kind = 'stop'`))
	require.Equal(t, "tom", one[string](b, `SELECT by FROM activity WHERE kind = 'reclassified'`))
	require.Equal(t, campaign.Waiting, b.status(2))
	require.False(t, b.reclassify(receipt.ID, true).Differs(), "once")
}

// Whatever it becomes: who has ended stays ended, and who is held is not mailed sooner.
func TestNobodyIsMailedSoonerByAnotherVerdict(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 4)
	for id := range int64(4) {
		b.sendIntro(id + 1)
	}
	soon := time.Now().AddDate(0, 0, 2).Format("2 January 2006")
	ended := b.judgedThen(1, inbound.Reply, inbound.Verdict{}, mailFrom(1, "Auto-Submitted: auto-replied\r\n", fmt.Sprintf(anAbsence, soon)))
	away := heardFrom(2, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{}})
	away.AwayUntil, away.Raw = time.Now().AddDate(0, 0, 20), mailFrom(2, "Auto-Submitted: auto-replied\r\n", fmt.Sprintf(anAbsence, soon))
	held := b.hear(away)
	open := b.judgedThen(3, inbound.Unsure, inbound.Verdict{}, mailFrom(3, "Auto-Submitted: auto-replied\r\n", "Your request has been received (ticket #482211)."))
	released := heardFrom(4, inbound.OutOfOffice, inbound.Verdict{Away: &inbound.Away{}})
	released.AwayUntil, released.Raw = time.Now().Add(time.Hour), mailFrom(4, "Auto-Submitted: auto-replied\r\n", fmt.Sprintf(anAbsence, time.Now().AddDate(0, 0, 9).Format("2 January 2006")))
	letGo := b.hear(released)
	_, err := b.Release(b.ctx, 4, "tom")
	require.NoError(t, err)

	was := b.reclassify(ended.ID, true)
	require.Equal(t, inbound.OutOfOffice, was.Is)
	require.Equal(t, campaign.Disenrolled, b.status(1))
	require.False(t, b.reclassify(held.ID, true).Differs())
	require.Greater(t, time.Until(one[time.Time](b, `SELECT until FROM contact_holds WHERE contact_id = 2`)), 19*24*time.Hour)
	opened := b.reclassify(open.ID, true)
	require.Equal(t, []any{inbound.TicketReceipt, HeardOpen}, []any{opened.Is, opened.State})
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM contact_holds WHERE contact_id = 3`))
	require.False(t, b.reclassify(letGo.ID, true).Differs(), "what a person has let go stays so")
	b.look()
	for _, id := range []int64{2, 3} {
		_, err := b.claimFollowUp(id)
		require.ErrorIs(t, err, campaign.ErrNoTurn)
	}
	_, err = b.claimFollowUp(4)
	require.NoError(t, err)
}

func TestAnOpenMessageThatBecomesAReplyIsSettled(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	b.sendIntro(1)
	b.sendIntro(2)
	open := b.judgedThen(1, inbound.Unsure, inbound.Verdict{}, mailFrom(1, "", aPersonsWords))
	goesOn := b.judgedThen(2, inbound.Unsure, inbound.Verdict{}, mailFrom(2, "", aPersonsWords))
	done := b.reclassify(open.ID, true)
	require.Equal(t, []any{1, HeardSettled}, []any{done.Ended, done.State})
	require.Equal(t, []int64{2}, one[[]int64](b, `SELECT array_agg(contact_id) FROM contact_holds`))
	b.exec(`UPDATE campaigns SET on_reply = 'go_on'`)
	done = b.reclassify(goesOn.ID, true)
	require.Equal(t, []any{0, HeardOpen}, []any{done.Ended, done.State}, "its person is held until somebody has looked")
	b.look()
	_, err := b.claimFollowUp(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
}

// reportOf is the raw text of a delivery report about a contact's first mail.
func reportOf(id int64, status, words string) []byte {
	return fmt.Appendf(nil, "From: Mail Delivery System <mailer-daemon@mx.example>\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"+
		"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; c%d@contoso.example\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n"+
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%s>\r\n\r\n--b--\r\n", id, status, words, idOf(id))
}

func TestAWrongBounceLeavesTheList(t *testing.T) {
	t.Parallel()
	policy := func(id int64) []byte { return reportOf(id, "5.7.1", "554 5.7.1 message refused as spam") }
	for name, with := range map[string]struct {
		raw     []byte
		more    func(*ledgerBundle)
		removed bool
	}{
		"it alone put it there":   {policy(1), nil, true},
		"it is a hard one still":  {reportOf(1, "5.1.1", "550 5.1.1 no such user"), nil, false},
		"another report says so":  {policy(1), func(b *ledgerBundle) { b.hear(hardBounceOf(1)) }, false},
		"the server said so, too": {policy(1), func(b *ledgerBundle) { b.exec(`UPDATE bounces SET added_by = 'server'`) }, false},
		"a person has listed it":  {policy(1), func(b *ledgerBundle) { b.exec(`UPDATE bounces SET added_by = 'tom'`) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupHeard(t, 1)
			b.sendIntro(1)
			message := hardBounceOf(1)
			message.Raw = with.raw
			heard := b.hear(message)
			b.look()
			held, err := b.Hold(b.ctx, b.followUp(1), emailCheck)
			require.NoError(t, err)
			require.Equal(t, failure.EmailAlreadyBounced, held.Parked.Problem.Code)
			if with.more != nil {
				with.more(b)
			}
			shown := b.reclassify(heard.ID, false)
			require.Equal(t, with.removed, shown.Unbounced)
			require.Equal(t, 1, one[int](b, `SELECT count(*) FROM bounces`), "a dry run changes nothing")
			done := b.reclassify(heard.ID, true)
			require.Equal(t, shown, done)
			if !with.removed {
				require.Equal(t, 1, one[int](b, `SELECT count(*) FROM bounces`))
				return
			}
			require.Zero(t, one[int](b, `SELECT count(*) FROM bounces`))
			require.Equal(t, 1, done.Resuming, "law 3: the cause is gone")
			require.Equal(t, 1, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'fix'`))
			require.False(t, b.reclassify(heard.ID, true).Differs())
		})
	}
}

func hardBounceOf(id int64) Inbound {
	message := heardFrom(id, inbound.Bounce, report(fmt.Sprintf("c%d@contoso.example", id), inbound.ClassHard))
	message.Mail.From = []inbound.Address{{Address: "mailer-daemon@mx.example"}}
	message.Mail.InReplyTo, message.Verdict.Reported.MessageIDs = nil, []string{idOf(id)}
	return message
}

func TestASoftBounceThatBecomesHardIsListed(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	message := hardBounceOf(1)
	message.Verdict.Recipients[0].Class = inbound.ClassSoft
	message.Raw = reportOf(1, "5.1.1", "550 5.1.1 no such user")
	heard := b.hear(message)
	require.Zero(t, one[int](b, `SELECT count(*) FROM bounces`))
	require.True(t, b.reclassify(heard.ID, true).Bounced)
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM bounces WHERE added_by = 'tom'`))
}

func TestWhatIsNotJudgedAnew(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 3)
	for id := range int64(3) {
		b.sendIntro(id + 1)
	}
	byHand := b.judgedThen(1, inbound.Unsure, inbound.Verdict{}, mailFrom(1, "", aPersonsWords))
	require.NoError(t, b.IgnoreInbound(b.ctx, byHand.ID, "tom"))
	forgotten := b.judgedThen(2, inbound.TicketReceipt, inbound.Verdict{}, mailFrom(2, "", aPersonsWords))
	b.exec(`UPDATE inbound SET raw = NULL WHERE id = $1`, forgotten.ID)
	kept := b.judgedThen(3, inbound.TicketReceipt, inbound.Verdict{}, mailFrom(3, "", aPersonsWords))
	ids, err := b.Kept(b.ctx, time.Time{}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []int64{kept.ID}, ids)
	ids, err = b.Kept(b.ctx, time.Now().Add(time.Hour), 0, 10)
	require.NoError(t, err)
	require.Empty(t, ids)
	_, err = b.Reclassify(b.ctx, forgotten.ID, true, "tom")
	require.ErrorIs(t, err, ErrNotFound)
}
