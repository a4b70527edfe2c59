package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// Ten that are enrolled behind fifty thousand of another campaign wait for one mail of it each,
// and with the order fifo for all of them.
func TestTenAreNotBehindFiftyThousand(t *testing.T) {
	t.Parallel()
	sender := maya(t)
	sender.Account = pace.Account{PerDay: 400, Hours: always(time.UTC)}
	for _, c := range []struct {
		band, before int
		last         time.Time
	}{
		{pace.FirstMails, 19, monday},
		{pace.FollowUps, 50_009, monday.Truncate(24*time.Hour).AddDate(0, 0, 125)},
	} {
		line := pace.Line{Windows: []pace.Hours{always(time.UTC)}, Campaigns: [][]pace.Step{{{}}, {{}}}, Waiting: []pace.Waiting{
			{Campaign: 0, Band: c.band, Seq: 1, Count: 50_000, Due: monday},
			{Campaign: 1, Band: c.band, Seq: 50_001, Count: 9, Due: monday},
			{Campaign: 1, Band: c.band, Seq: 50_010, Due: monday},
		}}
		require.Equal(t, c.before, line.Before(monday, 2, 0, sender))
		said := pace.Walk(monday, time.Time{}, line, sender)
		require.True(t, c.last.Equal(said.Leaves[2]), "the last of ten leaves at %s", said.Leaves[2])
		require.Equal(t, 125, len(said.Days[0])-1, "and all of them are done as soon")
	}
}

// The turns that campaigns had count: who had one longer ago is first.
func TestWhoHadATurnLongerAgoIsFirst(t *testing.T) {
	t.Parallel()
	sender := maya(t)
	sender.Account = pace.Account{Gap: time.Minute, Hours: always(time.UTC)}
	sender.Turns = []int64{7, 5}
	line := pace.Line{Windows: []pace.Hours{always(time.UTC)}, Campaigns: [][]pace.Step{{{}}, {{}}, {{}}, {{}}}, Same: []int{0, 1, 2, 0}, Waiting: []pace.Waiting{
		{Campaign: 0, Band: pace.FirstMails, Seq: 1},
		{Campaign: 1, Band: pace.FirstMails, Seq: 2},
		{Campaign: 2, Band: pace.FirstMails, Seq: 3}, // has had none
		{Campaign: 3, Band: pace.FirstMails, Seq: 4}, // the first again, in other hours
		{Campaign: 1, Step: 1, Band: pace.FollowUps, Seq: 5},
	}}
	said := pace.Walk(monday, time.Time{}, line, sender)
	for i, place := range []int{3, 2, 1, 4, 0} {
		require.Equal(t, place, line.Before(monday, i, 0, sender), "contact %d", i)
		require.Equal(t, time.Duration(place)*time.Minute, said.Leaves[i].Sub(monday), "contact %d", i)
	}
}

// While nobody comes and every window is open, as many leave before each as are said to.
func TestAsManyLeaveBeforeAsAreSaidTo(t *testing.T) {
	t.Parallel()
	between := 0
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 10))
		sender := pace.Sender{Account: pace.Account{Gap: time.Minute, Hours: always(time.UTC)}}
		line := pace.Line{Windows: []pace.Hours{always(time.UTC), always(zone(t, "Asia/Tokyo"))}}
		for range 5 {
			line.Campaigns, sender.Turns = append(line.Campaigns, []pace.Step{{}}), append(sender.Turns, dice.Int64N(4))
		}
		line.Same = []int{0, 1, 2, 3, dice.IntN(4)}
		if line.Same[4] != 4 {
			sender.Turns = sender.Turns[:4]
		}
		for _, seq := range dice.Perm(2 + dice.IntN(40)) {
			line.Waiting = append(line.Waiting, pace.Waiting{
				Campaign: dice.IntN(5), Window: dice.IntN(2), Band: 1 + min(1, dice.IntN(5)), Seq: int64(seq + 1),
			})
		}
		said := pace.Walk(monday, time.Time{}, line, sender)
		for i := range line.Waiting {
			before := 0
			for j := range line.Waiting {
				if said.Leaves[j].Before(said.Leaves[i]) {
					before++
				}
				if line.Waiting[i].Band == line.Waiting[j].Band && line.Waiting[j].Seq < line.Waiting[i].Seq && said.Leaves[i].Before(said.Leaves[j]) {
					between++
				}
			}
			require.Equal(t, before, line.Before(monday, i, 0, sender), "seed %d, contact %d", seed, i)
		}
	}
	require.Greater(t, between, 5000, "turns have to matter")
}
