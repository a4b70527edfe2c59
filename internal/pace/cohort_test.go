package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// A cohort leaves as its contacts do one by one; what follows for it as well, within the
// time that a cohort takes to leave.
func TestACohortIsItsContacts(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Europe/Brussels"), zone(t, "America/New_York"), zone(t, "Asia/Tokyo")}
	inOneGo := 0
	for seed := range uint64(250) {
		dice := rand.New(rand.NewPCG(seed, 50))
		now := time.Date(2026, 1+time.Month(dice.IntN(12)), 1+dice.IntN(28), dice.IntN(24), dice.IntN(60), 0, 0, time.UTC)
		var senders []pace.Sender
		for i := range 1 + dice.IntN(3) {
			senders = append(senders, someSender(dice, zones, now, i))
		}
		cohorts := someLine(dice, zones, now, len(senders))
		cohorts.Campaigns = [][]pace.Step{{{}, {}}, {{}, {}}, {{}, {}, {}}}
		for i := range cohorts.Campaigns { // the last mail of each: nothing follows
			for j := range cohorts.Waiting {
				if one := &cohorts.Waiting[j]; one.Campaign == i {
					one.Step = len(cohorts.Campaigns[i]) - 1
				}
			}
		}
		contacts := cohorts
		contacts.Waiting = nil
		var first, last []int
		for i := range cohorts.Waiting {
			one := cohorts.Waiting[i]
			cohorts.Waiting[i].Count = dice.IntN(12)
			first = append(first, len(contacts.Waiting))
			for range max(1, cohorts.Waiting[i].Count) {
				contacts.Waiting = append(contacts.Waiting, one)
			}
			last = append(last, len(contacts.Waiting)-1)
		}
		want, got := pace.Walk(now, time.Time{}, contacts, senders...), pace.Walk(now, time.Time{}, cohorts, senders...)
		require.Equal(t, want.Remain, got.Remain, "seed %d", seed)
		require.Equal(t, want.Days, got.Days, "seed %d", seed)
		require.True(t, want.Last.Equal(got.Last), "seed %d: one by one until %s, together until %s", seed, want.Last, got.Last)
		for i := range cohorts.Waiting {
			require.True(t, want.Leaves[first[i]].Equal(got.Leaves[i]), "seed %d, cohort %d", seed, i)
			require.True(t, want.Leaves[last[i]].Equal(got.Done[i]), "seed %d, cohort %d", seed, i)
			if got.Done[i].After(got.Leaves[i]) {
				inOneGo++
			}
		}
	}
	require.Greater(t, inOneGo, 300)
}

func TestACohortWithFollowUps(t *testing.T) {
	t.Parallel()
	line := crowd(t, 8_000, "Europe/Brussels")
	one := pace.Walk(monday, time.Time{}, line, maya(t))
	line.Waiting = []pace.Waiting{{Band: 2, Seq: 1, Due: monday, Count: 8_000}}
	all := pace.Walk(monday, time.Time{}, line, maya(t))
	require.InDelta(t, mails(one), mails(all), 3, "as many are lost")
	require.InDelta(t, 8_000*(1+0.95+0.95*0.97), mails(all), 3)
	require.InDelta(t, 0, one.Last.Sub(all.Last).Hours(), 48)
	require.InDelta(t, latest(one).Hours(), latest(all).Hours(), 24)

	whole := pace.Walk(monday, time.Time{}, line.WithoutLoss(), maya(t))
	require.Equal(t, 24_000, mails(whole))
	require.True(t, whole.Last.After(all.Last))
	until := pace.Walk(monday, monday.AddDate(0, 0, 2), line, maya(t))
	require.Equal(t, 8_000-mails(until), until.Remain)
}

// mails are all that leave.
func mails(said pace.Forecast) (sum int) {
	for _, days := range said.Days {
		for _, day := range days {
			sum += day.First + day.FollowUps
		}
	}
	return sum
}
