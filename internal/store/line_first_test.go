package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// inTurn gives the next turn, lets its contact claim and send, and returns who it was.
func (b *ledgerBundle) inTurn(keys map[int64]string) int64 {
	b.t.Helper()
	b.ahead()
	given := b.given()
	require.Len(b.t, given, 1)
	attempt := b.attempt(given[0])
	attempt.CampaignKey = keys[given[0]]
	message := draft("c@contoso.example")
	message.Timed = true
	delivery, err := b.Claim(b.ctx, attempt, message)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
	return given[0]
}

// behind has 1 to 5 of one campaign stand in line, and then 6 and 7 of another.
func behind(t *testing.T, pace string) (*ledgerBundle, map[int64]string) {
	t.Helper()
	b := setupLedger(t, 8)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'q5', 'Q5', owner, sender, steps FROM campaigns`)
	b.pace(pace)
	b.queuedBehind(1, 2, 3, 4, 5, 6, 7)
	b.exec(`UPDATE enrollments SET campaign = 'q5' WHERE id IN (6, 7)`)
	b.exec(`UPDATE line SET campaign = 'q5' WHERE enrollment_id IN (6, 7)`)
	return b, map[int64]string{1: "q4", 2: "q4", 3: "q4", 4: "q4", 5: "q4", 6: "q5", 7: "q5"}
}

// First mails leave campaign by campaign in turns, also when all of one came first: two are not behind five.
func TestCampaignsHaveTurns(t *testing.T) {
	t.Parallel()
	b, keys := behind(t, `{"gap": 1000000}`)
	require.Equal(t, int64(1), b.inTurn(keys), "nobody has had a turn: who came first")
	require.Equal(t, int64(6), b.inTurn(keys))
	require.Equal(t, int64(2), b.inTurn(keys))

	// A turn that comes to nothing is no turn: the campaign keeps its own.
	b.ahead()
	require.Equal(t, []int64{7}, b.given())
	b.exec(`UPDATE line SET granted_at = now() - interval '3 minutes', signalled_at = now() WHERE state = 'granted'`)
	require.Equal(t, int64(7), b.inTurn(keys))
	require.Equal(t, []int64{3, 4, 5}, []int64{b.inTurn(keys), b.inTurn(keys), b.inTurn(keys)}, "nobody of the other is left")

	view, err := b.LineView(b.ctx, LineQuery{Account: "maya@northwind.example"})
	require.NoError(t, err)
	require.Greater(t, view.Senders[0].Turns["q4"], view.Senders[0].Turns["q5"])
}

// Follow-ups go before the first mails of all campaigns, in the order in which they came, and
// take no turn of their campaign.
func TestFollowUpsWaitForNoTurnOfTheirCampaign(t *testing.T) {
	t.Parallel()
	b, keys := behind(t, `{"gap": 1000000}`)
	b.exec(`UPDATE line SET band = 1 WHERE enrollment_id IN (2, 3)`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, boundary, settled_at)
		SELECT id, 'before', 1, 'email', 'sent', 'maya@northwind.example', 'c', 's', 'm' || id, now(), 'b', now() FROM enrollments WHERE id IN (2, 3)`)
	require.Equal(t, []int64{2, 3, 1, 6, 4}, []int64{b.inTurn(keys), b.inTurn(keys), b.inTurn(keys), b.inTurn(keys), b.inTurn(keys)})
}

// With the order fifo, who came first is first.
func TestFirstComeFirstServedOverAllCampaigns(t *testing.T) {
	t.Parallel()
	b, keys := behind(t, `{"gap": 1000000, "order": "fifo"}`)
	b.exec(`UPDATE line SET band = 1`)
	for id := range int64(7) {
		require.Equal(t, id+1, b.inTurn(keys))
	}
	require.Zero(t, one[int](b, `SELECT count(*) FROM campaign_turns`))
}

// Each account gives campaigns turns of its own, also those that share its contacts with others.
func TestEachOfSeveralSendersGivesTurns(t *testing.T) {
	t.Parallel()
	b, _ := behind(t, `{"gap": 1000000}`)
	b.exec(`UPDATE campaigns SET sender = NULL, senders = '{maya@northwind.example}' WHERE key = 'q4'`)
	b.exec(`UPDATE line SET account = NULL, unbound = true WHERE campaign = 'q4'`)
	b.exec(`INSERT INTO campaign_turns (account, campaign, turn) VALUES ('maya@northwind.example', 'q4', 2), ('maya@northwind.example', 'q5', 1), ('tom@northwind.example', 'q5', 9)`)
	require.Equal(t, []int64{6}, b.given())
	b.exec(`DELETE FROM line WHERE enrollment_id = 6`)
	b.exec(`UPDATE campaign_turns SET turn = 3 WHERE campaign = 'q5'`)
	b.ahead()
	require.Equal(t, []int64{1}, b.given(), "of those that nobody has mailed")
	require.Equal(t, campaign.Waiting, b.status(7))
}
