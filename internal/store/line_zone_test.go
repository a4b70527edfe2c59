package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// far is 25 hours ahead of here: no date of the one is ever one of the other.
const here, far = "Pacific/Niue", "Pacific/Kiritimati"

// openThere is a window that is open in far, and not in here.
func openThere() []pace.Window {
	today := time.Now().In(time.FixedZone(far, 14*60*60)).Weekday()
	return []pace.Window{{Days: pace.On(today, (today+1)%7), To: pace.EndOfDay}}
}

// Law 7: whose window goes by the recipients' zones since they stand in line have their turns by those.
func TestAWindowThatGoesByTheRecipientsZonesCountsForThoseInLine(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.exec(`UPDATE contacts SET fields = jsonb_build_object('Time Zone', $1::text) WHERE id = 2`, far)
	w := b.workspace()
	w.Timezone = here
	w.EmailAccounts[0].SMTP.Password, w.EmailAccounts[0].Pace = "secret", pace.AccountRules{Gap: time.Millisecond}
	w.Campaigns[0].Window = pace.CampaignRules{Windows: openThere(), Zone: here}
	b.apply(w)
	b.queuedBehind(1, 2, 3)
	require.Empty(t, b.given())
	w.Campaigns[0].Window.Zone = pace.RecipientZone
	b.apply(w)
	require.Equal(t, []int64{2}, b.given())
	require.Equal(t, []string{"asleep", "granted", "asleep"}, []string{b.lineState(1), b.lineState(2), b.lineState(3)})
}

// Law 7: so has one whose place was lost.
func TestALostPlaceIsFoundInTheRecipientsZone(t *testing.T) {
	t.Parallel()
	for _, held := range []bool{false, true} {
		b := setupLedger(t, 2)
		b.pace(`{"gap": 1000000}`)
		b.exec(`UPDATE contacts SET fields = jsonb_build_object('Time Zone', $1::text)`, far)
		b.exec(`UPDATE calendar SET rules = $1`, pace.Calendar{Zone: here})
		b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: openThere(), Zone: pace.RecipientZone})
		b.queuedBehind(1)
		if b.exec(`UPDATE line SET state = 'held'`); !held {
			b.exec(`DELETE FROM line`)
		}
		require.Equal(t, []int64{1}, b.given())
		require.Equal(t, far, one[string](b, `SELECT zone FROM line`))
	}
}
