package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/inbound"
)

var lost = failure.Problem{Code: failure.DeliveryUncertain, Detail: "no answer", Causes: []failure.Cause{failure.Operator}}

// sentCopy is the copy of a contact's first mail in Sent.
func sentCopy(id int64) Inbound {
	own := heardFrom(id, inbound.Own, inbound.Verdict{})
	own.Folder, own.Mail.InReplyTo = "Sent", nil
	own.Mail.MessageID, own.Mail.RelanceID = idOf(id), idOf(id)
	own.Mail.From = []inbound.Address{{Address: maya}}
	return own
}

// The reader may find the copy before the attempt has given up waiting for the server's answer.
func TestWhatIsReadOnTheWireSettlesTheDoubtThatFollows(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]struct {
		message func() Inbound
		sent    bool
	}{
		"a copy in Sent": {func() Inbound { return sentCopy(1) }, true},
		"a delivery report": {func() Inbound {
			m := heardFrom(1, inbound.Delayed, report("c1@contoso.example", inbound.ClassDelayed))
			m.Mail.InReplyTo, m.Verdict.Reported.MessageIDs = nil, []string{idOf(1)}
			return m
		}, true},
		"an answer that names nothing": {func() Inbound {
			m := heardFrom(1, inbound.TicketReceipt, inbound.Verdict{})
			m.Mail.InReplyTo = nil
			return m
		}, false},
		"a copy of another contact's": {func() Inbound { return sentCopy(2) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupHeard(t, 2)
			b.sendIntro(2)
			delivery := b.claimIntro(1)
			require.NoError(t, b.Gate(b.ctx, delivery))
			b.hear(read.message())
			require.Equal(t, campaign.OnWire, b.state(b.attempt(1)), "the attempt may still get its answer")
			held, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, lost)
			require.NoError(t, err)
			require.Equal(t, read.sent, held.Sent)
			require.Equal(t, !read.sent, held.Parked != nil)
			require.Equal(t, !read.sent, one[bool](b, `SELECT wanted_at IS NOT NULL FROM mailboxes`), "a doubt asks for a look")
			if read.sent {
				require.Equal(t, campaign.Sent, b.state(b.attempt(1)))
				_, sent, err := b.AcceptSent(b.ctx, b.attempt(1), false)
				require.NoError(t, err)
				require.True(t, sent)
				require.Equal(t, campaign.Waiting, b.status(1))
				return
			}
			require.Equal(t, campaign.InError, b.status(1))
			b.hear(sentCopy(1))
			require.Equal(t, campaign.Sent, b.state(b.attempt(1)), "what is read later finds the doubt")
		})
	}
}

// What was read of an earlier visit says nothing about one that went out since.
func TestAnOldCopySettlesNoNewDoubt(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	delivery := b.claimIntro(1)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.hear(sentCopy(1))
	b.exec(`UPDATE inbound SET kept_at = kept_at - $1::interval`, time.Hour)
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, lost)
	require.NoError(t, err)
	require.NotNil(t, held.Parked)
}
