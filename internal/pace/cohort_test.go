package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// A cohort leaves as its contacts do one by one, wherever they stand, and so does what follows
// for them: a forecast may not lie for speed.
func TestACohortIsItsContacts(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Europe/Brussels"), zone(t, "America/New_York"), zone(t, "Asia/Tokyo")}
	inOneGo, followUps, lost, comes := 0, 0, 0, 0
	for seed := range uint64(400) {
		dice := rand.New(rand.NewPCG(seed, 50))
		now := time.Date(2026, 1+time.Month(dice.IntN(12)), 1+dice.IntN(28), dice.IntN(24), dice.IntN(60), 0, 0, time.UTC)
		var senders []pace.Sender
		for i := range 1 + dice.IntN(3) {
			senders = append(senders, someSender(dice, zones, now, i))
		}
		cohorts := someLine(dice, zones, now, len(senders))
		for _, steps := range cohorts.Campaigns {
			for i := range steps[1:] {
				steps[1+i].Lost = float64(dice.IntN(4)) / 8
			}
		}
		contacts := cohorts
		contacts.Waiting = nil
		of := make([][]int, len(cohorts.Waiting)) // the contacts of each
		for i := range cohorts.Waiting {
			cohort := &cohorts.Waiting[i]
			together := *cohort
			cohort.Count = dice.IntN(12)
			if cohort.Seq > 0 && dice.IntN(3) > 0 { // they stand among others
				cohort.Count, cohort.Seqs = 0, []int64{cohort.Seq}
				for range dice.IntN(11) {
					cohort.Seqs = append(cohort.Seqs, cohort.Seqs[len(cohort.Seqs)-1]+100*(1+dice.Int64N(60)))
				}
				if dice.IntN(2) == 0 {
					for range cohort.Seqs {
						cohort.Dues = append(cohort.Dues, now.Add(-time.Duration(dice.IntN(3000))*time.Minute))
					}
				}
			}
			if !cohort.NotBefore.IsZero() && dice.IntN(3) > 0 { // they come one by one
				if at := cohort.NotBefore; len(cohort.Seqs) == 0 && cohort.Seq > 0 {
					cohort.Count, cohort.Seqs, cohort.Froms = 0, []int64{cohort.Seq}, []time.Time{at}
				} else {
					for range cohort.Size() {
						cohort.Froms = append(cohort.Froms, at)
						at = at.Add(time.Duration(dice.IntN(4)*dice.IntN(400)) * time.Minute)
					}
					cohort.Count = 0
				}
				comes += len(cohort.Froms)
			}
			for k := range cohort.Size() {
				one := together
				if len(cohort.Seqs) > 0 {
					one.Seq = cohort.Seqs[k]
				}
				if len(cohort.Dues) > 0 {
					one.Due = cohort.Dues[k]
				}
				if len(cohort.Froms) > 0 {
					one.NotBefore = cohort.Froms[k]
				}
				of[i] = append(of[i], len(contacts.Waiting))
				contacts.Waiting = append(contacts.Waiting, one)
			}
		}
		var until time.Time
		if dice.IntN(3) == 0 {
			until = now.AddDate(0, 0, dice.IntN(20))
		}
		want, got := pace.Walk(now, until, contacts, senders...), pace.Walk(now, until, cohorts, senders...)
		require.Equal(t, want.Remain, got.Remain, "seed %d", seed)
		require.Equal(t, want.Days, got.Days, "seed %d", seed)
		require.Equal(t, want.Begins, got.Begins, "seed %d", seed)
		require.Equal(t, want.Campaigns, got.Campaigns, "seed %d", seed)
		require.True(t, want.Last.Equal(got.Last), "seed %d: one by one until %s, together until %s", seed, want.Last, got.Last)
		for i, all := range of {
			left, first, done := 0, -1, time.Time{}
			for _, contact := range all {
				if left += want.Left[contact]; want.Left[contact] > 0 && (first < 0 || want.Leaves[contact].Before(want.Leaves[first])) {
					first = contact
				}
				if want.Done[contact].After(done) {
					done = want.Done[contact]
				}
			}
			require.Equal(t, left, got.Left[i], "seed %d, cohort %d", seed, i)
			if left == 0 {
				require.Zero(t, got.Leaves[i], "seed %d, cohort %d", seed, i)
				continue
			}
			require.True(t, want.Leaves[first].Equal(got.Leaves[i]), "seed %d, cohort %d", seed, i)
			require.Equal(t, want.By[first], got.By[i], "seed %d, cohort %d", seed, i)
			require.True(t, done.Equal(got.Done[i]), "seed %d, cohort %d", seed, i)
			if got.Done[i].After(got.Leaves[i]) {
				inOneGo++
			}
			require.Equal(t, contacts.Before(now, all[0], got.By[i]), cohorts.Before(now, i, got.By[i]), "seed %d, cohort %d", seed, i)
		}
		followUps += mails(want) - sum(want.Left)
		for _, steps := range cohorts.Campaigns {
			for _, step := range steps {
				if step.Lost > 0 {
					lost++
				}
			}
		}
	}
	require.Greater(t, inOneGo, 1000)
	require.Greater(t, followUps, 10_000)
	require.Greater(t, lost, 300)
	require.Greater(t, comes, 500)
}

func TestACohortWithFollowUps(t *testing.T) {
	t.Parallel()
	line := crowd(t, 8_000, "Europe/Brussels")
	one := pace.Walk(monday, time.Time{}, line, maya(t))
	line.Waiting = []pace.Waiting{{Band: 2, Seq: 1, Due: monday, Count: 8_000}}
	all := pace.Walk(monday, time.Time{}, line, maya(t))
	require.Equal(t, one.Days, all.Days)
	require.Equal(t, one.Campaigns, all.Campaigns)
	require.InDelta(t, 8_000*(1+0.95+0.95*0.97), mails(all), 3)

	whole := pace.Walk(monday, time.Time{}, line.WithoutLoss(), maya(t))
	require.Equal(t, 24_000, mails(whole))
	require.True(t, whole.Last.After(all.Last))
	until := pace.Walk(monday, monday.AddDate(0, 0, 2), line, maya(t))
	require.Equal(t, 8_000-mails(until), until.Remain)
	require.Equal(t, []int{mails(until)}, until.Left)
}

func sum(all []int) (n int) {
	for _, one := range all {
		n += one
	}
	return n
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

// A walk that is asked about a few says of them what the whole one says.
func TestAWalkThatIsAskedAboutAFew(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zone(t, "Europe/Brussels"), zone(t, "Asia/Tokyo")}
	shorter := 0
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 3))
		now := monday.AddDate(0, 0, dice.IntN(300))
		senders := []pace.Sender{someSender(dice, zones, now, 0), someSender(dice, zones, now, 1)}
		line := someLine(dice, zones, now, len(senders))
		whole := pace.Walk(now, time.Time{}, line, senders...)
		line.Asked = dice.Perm(len(line.Waiting))[:1+dice.IntN(2)%len(line.Waiting)]
		few := pace.Walk(now, time.Time{}, line, senders...)
		for _, i := range line.Asked {
			require.Equal(t, whole.Leaves[i], few.Leaves[i], "seed %d", seed)
			require.Equal(t, whole.By[i], few.By[i], "seed %d", seed)
		}
		if mails(few) < mails(whole) {
			shorter++
		}
	}
	require.Greater(t, shorter, 100)
}
