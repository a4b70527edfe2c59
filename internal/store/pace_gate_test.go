package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// What limits nothing holds nothing up: an account with a zone or an order and no limit is free.
func TestAPaceWithoutALimitLetsMailsPass(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]pace.AccountRules{
		"a zone": {Zone: "Europe/Brussels"}, "an order": {Order: pace.FIFO},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1)
			b.setPace(rules)
			b.exec(`UPDATE campaigns SET send_window = '{"zone": "Europe/Brussels"}'`)
			facts, err := b.Facts(b.ctx, b.attempt(1))
			require.NoError(t, err)
			require.False(t, facts.Timed())
			require.NoError(t, b.Gate(b.ctx, b.claim(b.attempt(1))))
		})
	}
}

// A window or a pace that is set between a claim and its gate counts at the gate (law 8):
// the message is claimed anew, and nobody has lost it.
func TestALimitThatIsSetAfterTheClaimCountsAtTheGate(t *testing.T) {
	t.Parallel()
	closed := []pace.Window{{Days: pace.On(time.Now().Add(72 * time.Hour).UTC().Weekday()), To: pace.EndOfDay}}
	for name, set := range map[string]func(*ledgerBundle){
		"a pace": func(b *ledgerBundle) { b.setPace(pace.AccountRules{Gap: time.Minute}) },
		"a window": func(b *ledgerBundle) {
			b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: closed})
		},
		"a holiday": func(b *ledgerBundle) {
			today := pace.DateOf(time.Now().UTC())
			b.exec(`UPDATE calendar SET rules = $1`, pace.Calendar{Holidays: pace.Holidays{Add: []pace.Date{today.Add(-1), today, today.Add(1)}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1)
			delivery := b.claim(b.attempt(1))
			set(b)
			require.ErrorIs(t, b.Gate(b.ctx, delivery), campaign.ErrNoTurn)
			require.Equal(t, campaign.Reserved, b.state(b.attempt(1)), "it can be claimed anew")
		})
	}
}
