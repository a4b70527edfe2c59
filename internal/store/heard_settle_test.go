package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/inbound"
)

func TestAttachDoesWhatFollows(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 3)
	for id := range int64(3) {
		b.sendIntro(id + 1)
	}
	// Unmatched: an answer from an address that nobody knows, to an id of our form.
	lost := heardFrom(9, inbound.Reply, inbound.Verdict{})
	lost.Mail.InReplyTo = []string{"aaaaaaaaaaaaaaaaaaaaaaaa@northwind.example"}
	unmatched := b.hear(lost)
	require.Equal(t, HeardUnmatched, unmatched.State)
	_, err := b.AttachInbound(b.ctx, unmatched.ID, 99, "", "tom")
	require.ErrorIs(t, err, ErrNotFound)
	heard, err := b.AttachInbound(b.ctx, unmatched.ID, 1, "", "tom")
	require.NoError(t, err)
	require.Equal(t, 1, heard.Ended)
	require.Equal(t, []int64{1}, b.stops())
	require.Equal(t, campaign.Replied, one[campaign.EndedBy](b, `SELECT ended_by FROM enrollments WHERE id = 1`))
	require.Equal(t, "tom", one[string](b, `SELECT by FROM notes WHERE enrollment_id = 1 ORDER BY id DESC LIMIT 1`), "it is signed by the person")
	_, err = b.AttachInbound(b.ctx, unmatched.ID, 2, "", "tom")
	require.ErrorIs(t, err, ErrRefused, "once")
	require.Equal(t, campaign.Waiting, b.status(2))

	// A bounce that names nobody: its raw text is read again for the recipient.
	bounce := heardFrom(2, inbound.Bounce, report("else@where.example", inbound.ClassHard))
	bounce.Mail.InReplyTo = nil
	bounce.Raw = []byte("From: Mail Delivery <mailer-daemon@mx.example>\r\nSubject: failed\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
		"Final-Recipient: rfc822; else@where.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n")
	lostBounce := b.hear(bounce)
	require.Equal(t, HeardUnmatched, lostBounce.State)
	_, err = b.AttachInbound(b.ctx, lostBounce.ID, 2, "", "tom")
	require.NoError(t, err)
	bounces, err := b.Bounces(b.ctx)
	require.NoError(t, err)
	require.Len(t, bounces, 1)
	require.Equal(t, []string{"c2@contoso.example", "tom"}, []string{bounces[0].Address, bounces[0].AddedBy})

	// Open: it holds its contact until somebody has looked.
	unsure := b.hear(heardFrom(3, inbound.Unsure, inbound.Verdict{}))
	require.Equal(t, HeardOpen, unsure.State)
	b.look()
	_, err = b.claimFollowUp(3)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
	_, err = b.AttachInbound(b.ctx, unsure.ID, 0, "", "tom")
	require.ErrorIs(t, err, ErrRefused, "unsure says nothing")
	require.NoError(t, b.IgnoreInbound(b.ctx, unsure.ID, "tom"))
	_, err = b.claimFollowUp(3)
	require.NoError(t, err, "the hold is gone")
	details, err := b.InboundMessage(b.ctx, unsure.ID)
	require.NoError(t, err)
	require.Equal(t, []any{HeardIgnored, "tom"}, []any{details.State, details.SettledBy})
	require.Nil(t, details.HeldUntil)
}

func TestAttachAsAnAbsenceHolds(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	unsure := b.hear(heardFrom(1, inbound.Unsure, inbound.Verdict{}))
	heard, err := b.AttachInbound(b.ctx, unsure.ID, 0, inbound.OutOfOffice, "tom")
	require.NoError(t, err)
	require.Zero(t, heard.Ended)
	require.WithinDuration(t, time.Now().Add(undatedHold), one[time.Time](b, `SELECT until FROM contact_holds`), time.Minute, "no longer until somebody looks")
	require.Equal(t, "it says so; tom says that it is out_of_office", one[string](b, `SELECT reason FROM inbound`))
}
