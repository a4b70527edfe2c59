package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/inbound"
)

// Law 9: who writes from the address at which they were mailed, and which is the contact's no more, has answered.
func TestAReplyFromAnAddressOfBeforeEnds(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 3)
	b.sendIntro(1)
	email := "new@contoso.example"
	_, _, err := b.SetContact(b.ctx, 1, ContactEdit{Email: &email}, "test")
	require.NoError(t, err)
	message := heardFrom(1, inbound.Reply, inbound.Verdict{})
	message.Mail.InReplyTo = nil
	require.Equal(t, 1, b.hear(message).Ended)
	require.Equal(t, campaign.Disenrolled, b.status(1))

	// Whose address it is comes before one whose address it was.
	b.sendIntro(2)
	b.sendIntro(3)
	b.exec(`UPDATE contacts SET former_emails = '{c2@contoso.example}' WHERE id = 3`)
	message = heardFrom(2, inbound.Reply, inbound.Verdict{})
	message.Mail.InReplyTo = nil
	require.Equal(t, 1, b.hear(message).Ended)
	require.Equal(t, []campaign.Status{campaign.Disenrolled, campaign.Waiting}, []campaign.Status{b.status(2), b.status(3)})
}

// What a server says at an address that the contact had is why it has another: that one is mailed. And who has the address
// now writes for nobody else.
func TestWhatAFormerAddressSaysIsOfNobody(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 3)
	for _, id := range []int64{1, 2} {
		b.sendIntro(id)
		email := fmt.Sprintf("new%d@contoso.example", id)
		_, _, err := b.SetContact(b.ctx, id, ContactEdit{Email: &email}, "test")
		require.NoError(t, err)
	}
	left := heardFrom(1, inbound.LeftCompany, inbound.Verdict{})
	left.Mail.InReplyTo = nil
	require.False(t, b.hear(left).Suppressed)
	require.Equal(t, campaign.Waiting, b.status(1))
	require.Zero(t, one[int](b, `SELECT count(*) FROM suppressions`))

	assisted := heardFrom(2, inbound.Reply, inbound.Verdict{})
	assisted.Mail.InReplyTo, assisted.Mail.ReplyTo = nil, []inbound.Address{{Address: "c3@contoso.example"}} // somebody else's address
	require.Positive(t, b.hear(assisted).Ended)
	require.Equal(t, campaign.Disenrolled, b.status(2))
	b.exec(`UPDATE enrollments SET status = 'Waiting' WHERE id = 2`)
	b.exec(`UPDATE contacts SET email = 'c2@contoso.example' WHERE id = 3`) // who has not been mailed
	reply := heardFrom(2, inbound.Reply, inbound.Verdict{})
	reply.Mail.InReplyTo = nil
	require.Zero(t, b.hear(reply).Ended)
	require.Equal(t, campaign.Waiting, b.status(2))
}

// Law 9: an answer proves that a message was sent which an operator has called not sent.
func TestAReplyToWhatWasCalledNotSentEnds(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	delivery := b.claimIntro(1)
	require.NoError(t, b.Gate(b.ctx, delivery))
	b.exec(`UPDATE deliveries SET state = 'failed', assumed_by = 'maya', recipient = 'elsewhere@contoso.example'`)
	require.Equal(t, 1, b.hear(heardFrom(1, inbound.Reply, inbound.Verdict{})).Ended)
	require.Equal(t, campaign.Disenrolled, b.status(1))
}

// Law 9: what the person says outlives the import that had said it before, when that is taken back.
func TestAnUnsubscriptionCountsMoreThanAnImport(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	b.sendIntro(1)
	_, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c1@contoso.example", Reason: SuppressedImported}}, "tom")
	require.NoError(t, err)
	at := one[string](b, `SELECT at::text FROM suppressions`)
	require.NoError(t, b.Unsubscribe(b.ctx, 1))
	require.Equal(t, "unsubscribed recipient", one[string](b, `SELECT reason || ' ' || by FROM suppressions`))
	require.NotEqual(t, at, one[string](b, `SELECT at::text FROM suppressions`), "who takes the import back has seen another")
	again, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c1@contoso.example", Reason: SuppressedImported}}, "tom")
	require.NoError(t, err)
	require.Equal(t, 1, again.Already)
	require.Equal(t, "unsubscribed", one[string](b, `SELECT reason FROM suppressions`))
}
