package operator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
	"relance/internal/store"
)

// judgedThen keeps an answer of a contact that was judged to be a ticket's receipt when it came.
func (b *bundle) judgedThen(id int64, fields, text string) {
	b.t.Helper()
	from := fmt.Sprintf("c%d@contoso.example", id)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, epoch, kind, state, account, recipient, message_id, message_date, wire_at, settled_at)
		VALUES ($1, 'intro', 1, 1, 'email', 'sent', $2, $3, $4, now(), now(), now())`, id, mayas, from, fmt.Sprintf("%024x@northwind.example", id))
	_, err := b.db.Hear(b.ctx, store.Inbound{
		Address: mayas, Generation: 1, Folder: "INBOX", UIDValidity: 1, UID: uint32(id), ArrivedAt: time.Now(),
		Raw:     fmt.Appendf(nil, "From: %s\r\nSubject: Re: Hi\r\nIn-Reply-To: <%024x@northwind.example>\r\n%s\r\n%s\r\n", from, id, fields, text),
		Mail:    inbound.Mail{MessageID: fmt.Sprintf("a%d@contoso.example", id), From: []inbound.Address{{Address: from}}, InReplyTo: []string{fmt.Sprintf("%024x@northwind.example", id)}},
		Verdict: inbound.Verdict{Kind: inbound.TicketReceipt, Reason: "it says so"},
	}, store.Cursor{})
	require.NoError(b.t, err)
}

// What is interrupted has lost nothing: the same call does the rest.
func TestReclassifyGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	for id := range int64(3) {
		b.judgedThen(id+1, "", "Could you call me on Thursday about the prices?")
	}
	b.judgedThen(4, "Auto-Submitted: auto-replied\r\n", "Your request has been received (ticket #482211).")

	shown, err := b.Reclassify(b.ctx, Reclassify{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 4, shown.Read)
	require.Len(t, shown.Changes, 3)
	require.Zero(t, b.temporal.woken)

	ctx, stop := context.WithCancel(b.ctx)
	done, err := b.Reclassify(ctx, Reclassify{Each: func(done, total int) {
		require.Equal(t, 4, total)
		if done == 2 {
			stop()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, done.Changes, 2)
	require.Equal(t, 1, b.temporal.woken, "what was ended is signalled all the same")

	done, err = b.Reclassify(b.ctx, Reclassify{})
	require.NoError(t, err)
	require.Len(t, done.Changes, 1)
	require.EqualValues(t, 3, done.Changes[0].ContactID)
	done, err = b.Reclassify(b.ctx, Reclassify{})
	require.NoError(t, err)
	require.Empty(t, done.Changes)
	done, err = b.Reclassify(b.ctx, Reclassify{Since: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	require.Zero(t, done.Read)
}

func TestSinceTime(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	at, err := b.SinceTime(b.ctx, "2026-11-24")
	require.NoError(t, err)
	require.Equal(t, "2026-11-24T00:00:00Z", at.UTC().Format(time.RFC3339))
	at, err = b.SinceTime(b.ctx, "2026-11-24T09:00:00+01:00")
	require.NoError(t, err)
	require.Equal(t, "2026-11-24T08:00:00Z", at.UTC().Format(time.RFC3339))
	_, err = b.SinceTime(b.ctx, "tuesday")
	require.ErrorContains(t, err, `since is "tuesday"; expected a date as 2026-11-24`)
}
