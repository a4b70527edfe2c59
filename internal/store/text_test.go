package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// hostile has what PostgreSQL refuses in a text: NUL, and what is not UTF-8.
const hostile = "no \x00 such\xff user"

func TestNoByteFailsASettlement(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	sent, refused, doubted := b.attempt(1), b.attempt(2), b.attempt(3)

	delivery := b.claim(sent)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, sent, delivery, hostile))
	require.Equal(t, "no  such\uFFFD user", one[string](b, `SELECT reply FROM deliveries WHERE enrollment_id = 1`))

	delivery = b.claim(refused)
	_, err := b.Fail(b.ctx, refused, delivery, campaign.Refusal{
		Reply: hostile, Final: true, AccountError: hostile, Bounced: hostile, Problem: &failure.Problem{Code: failure.SendingFailed, Detail: hostile},
	}, nil)
	require.NoError(t, err)
	require.Equal(t, campaign.Failed, b.state(refused))

	delivery = b.claim(doubted)
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err = b.MarkUncertain(b.ctx, doubted, delivery, failure.Problem{Code: failure.DeliveryUncertain, Detail: hostile})
	require.NoError(t, err)
	require.Equal(t, campaign.Uncertain, b.state(doubted))
}

func TestNoByteFailsAWrite(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	hostileFields := map[string]string{"a\x00": hostile + `\u0000 \\u0000`}
	_, _, err := b.SetContact(b.ctx, 1, ContactEdit{FirstName: new(hostile), Fields: hostileFields}, hostile)
	require.NoError(t, err)
	row := ImportRow{Contact: campaign.Contact{FirstName: hostile, Email: "c1@contoso.example", Fields: map[string]string{"b": "\x00" + `\\` + "\x00"}}}
	for range 2 { // made, then changed
		_, err = b.Import(b.ctx, []ImportRow{row, {Contact: campaign.Contact{FirstName: hostile, RecordID: hostile, Fields: hostileFields}, Person: hostile}}, ImportOptions{By: hostile})
		require.NoError(t, err)
	}
	contact, err := b.Contact(b.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": `no  such` + "\uFFFD" + ` user\u0000 \\u0000`, "b": `\\`}, contact.Fields)
	require.NoError(t, b.disenrolled(b.ctx, 1, hostile, hostile))
	_, err = b.AddBounce(b.ctx, "x@contoso.example", hostile, hostile)
	require.NoError(t, err)
	_, _, err = b.Contacts(b.ctx, hostile, 0)
	require.NoError(t, err)
}

func TestWhatNoRetryCanStoreIsNamed(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	long := strings.Builder{}
	for i := range 4000 { // compresses badly: an entry of an index has 2704 bytes at most
		long.WriteRune(rune(0x4e00 + i*37%20000))
	}
	attempt := b.attempt(1)
	delivery := b.claim(attempt)
	b.exec(`CREATE INDEX ON deliveries (reply)`)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.ErrorIs(t, b.MarkSent(b.ctx, attempt, delivery, long.String()), campaign.ErrUnstorable)
	_, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain, Detail: long.String()})
	require.ErrorIs(t, err, campaign.ErrUnstorable)
}
