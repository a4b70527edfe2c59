package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// Two looks without a change in between are equal; and a look after some have left, as
// the first said, says the same of all the others.
func TestAShownTimeStays(t *testing.T) {
	t.Parallel()
	sender := maya(t)
	sender.Account.PerDay = 60
	line := crowd(t, 400, "Europe/Brussels", "America/New_York", "Asia/Kolkata")
	line.Campaigns[0] = []pace.Step{{}, days(3, 0)}
	w := &world{now: monday, down: true, delay: func() time.Duration { return 0 }, boxes: []*box{{Sender: sender}}, lists: []*list{{windows: line.Windows, wait: []int{0, 3}}}}
	for i, one := range line.Waiting {
		w.join(&contact{id: i, window: one.Window, due: monday})
	}
	w.down = false
	w.look(w.boxes[0])
	first := pace.Walk(monday, time.Time{}, line, sender)

	dice := rand.New(rand.NewPCG(9, 9))
	looks := 0
	for now := monday.Add(time.Second); now.Before(monday.AddDate(0, 0, 8)); now = now.Add(time.Duration(dice.IntN(6*3600)) * time.Second) {
		w.run(now)
		later, who := lineOf(w, line)
		said := pace.Walk(now, time.Time{}, later, w.boxes[0].Sender)
		again := pace.Walk(now.Add(time.Nanosecond), time.Time{}, later, w.boxes[0].Sender)
		for i, contact := range who {
			if later.Waiting[i].Step > 0 {
				continue
			}
			looks++
			require.True(t, said.Leaves[i].Equal(first.Leaves[contact]), "contact %d was shown %s, and at %s it is %s", contact, first.Leaves[contact], now, said.Leaves[i])
			require.True(t, said.Leaves[i].Equal(again.Leaves[i]) || said.Leaves[i].Equal(now))
		}
		require.True(t, said.Last.Equal(first.Last), "the end was shown as %s, and at %s it is %s", first.Last, now, said.Last)
	}
	require.Greater(t, looks, 1000)
}

// lineOf is the line as a database has it: those in it, and those whose follow-up is due
// later and has no place yet.
func lineOf(w *world, like pace.Line) (pace.Line, []int) {
	line := pace.Line{Windows: like.Windows, Campaigns: like.Campaigns}
	var who []int
	add := func(c *contact, seq int64, notBefore time.Time) {
		band := pace.FollowUps
		if c.step == 0 {
			band = 2
		}
		line.Waiting = append(line.Waiting, pace.Waiting{Window: c.window, Step: c.step, Band: band, Seq: seq, Due: c.due, NotBefore: notBefore})
		who = append(who, c.id)
	}
	for _, places := range w.boxes[0].line {
		for _, c := range places {
			add(c, c.seq, c.asleep)
		}
	}
	for _, c := range w.timers {
		add(c, 0, c.due)
	}
	return line, who
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	sender := maya(t)
	sender.Account = pace.Account{PerDay: 2, Hours: always(time.UTC)}
	line := crowd(t, 5, "UTC")
	line.Windows[0].Windows = nil
	line.Campaigns[0] = []pace.Step{{}, days(1, 1)} // all of them answer
	got := pace.PlaceOf(monday, line, 4, sender)
	require.Equal(t, 4, got.Before)
	require.Equal(t, monday.Truncate(24*time.Hour).AddDate(0, 0, 2).String(), got.Likely.UTC().String(), "the fifth, at two a day")
	require.Equal(t, monday.Truncate(24*time.Hour).AddDate(0, 0, 4).String(), got.Latest.UTC().String(), "if four follow-ups leave before it")

	line.Waiting = append(line.Waiting, pace.Waiting{Step: 1, Band: 1, NotBefore: monday.Add(time.Hour)})
	require.Zero(t, line.Before(monday, 5, 0), "it has no place yet")
	require.Equal(t, 3, line.Before(monday, 3, 0))
	sender.InError = true
	require.Zero(t, pace.PlaceOf(monday, line, 3, sender).Likely)
	require.Equal(t, 6, pace.Walk(monday, time.Time{}, line, sender).Remain)
}

// Before one that nobody has mailed stand the others of its line, and those who have the sender that takes it.
func TestFollowUpsOfItsSenderAreBeforeAnUnboundContact(t *testing.T) {
	t.Parallel()
	slow, other := maya(t), maya(t)
	slow.Account, other.Account = pace.Account{Gap: time.Minute, Hours: always(time.UTC)}, pace.Account{Gap: time.Minute, Hours: always(time.UTC)}
	other.InError = true
	line := crowd(t, 3, "UTC")
	line.Windows[0].Windows = nil
	for i := range line.Waiting {
		line.Waiting[i].Sender = pace.Unbound
	}
	for sender := range 2 {
		line.Waiting = append(line.Waiting, pace.Waiting{Sender: sender, Campaign: 0, Step: 0, Band: pace.FollowUps, Seq: 101, Count: 4})
		line.Waiting = append(line.Waiting, pace.Waiting{Sender: sender, Campaign: 0, Step: 0, Band: pace.FirstMails, Seq: 100, Count: 7})
	}
	got := pace.PlaceOf(monday, line, 1, slow, other)
	require.Equal(t, 1+4, got.Before)
	require.Equal(t, time.Duration(5)*time.Minute, got.Latest.Sub(monday))
	require.Equal(t, 1, line.Before(monday, 1, pace.Unbound, slow, other), "no sender takes it")
}

// Any sender that is free takes the first that nobody has mailed, and keeps it.
func TestUnboundContactsLeaveFromAnySenderThatIsFree(t *testing.T) {
	t.Parallel()
	slow, fast := maya(t), maya(t)
	slow.Account, fast.Account = pace.Account{PerDay: 1, Hours: always(time.UTC)}, pace.Account{PerDay: 3, Hours: always(time.UTC)}
	slow.Address, fast.Address = "slow@northwind.example", "fast@northwind.example"
	line := crowd(t, 8, "UTC")
	line.Windows[0].Windows = nil
	line.Campaigns[0] = []pace.Step{{}, days(9, 0)}
	for i := range line.Waiting {
		line.Waiting[i].Sender = pace.Unbound
	}
	both := pace.Walk(monday, time.Time{}, line, slow, fast)
	require.Equal(t, []int{0, 1, 1, 1, 0, 1, 1, 1}, both.By)
	require.Equal(t, 2, both.Days[0][0].First+both.Days[0][1].First)
	require.Equal(t, 2, both.Days[0][2].FollowUps+both.Days[0][3].FollowUps, "follow-ups leave from the sender of the first mail")

	slow.InError = true
	rest := pace.Walk(monday, time.Time{}, line, slow, fast)
	require.Zero(t, rest.Remain, "a broken sender holds up nobody that it has not mailed")
	require.Empty(t, rest.Days[0])
}

// Each day says what held the next mail back beyond it.
func TestTheLimitThatBindsADay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*pace.Sender, *pace.Line)
		want  pace.Limit
	}{
		"the day's limit": {func(s *pace.Sender, _ *pace.Line) { s.Account.PerDay = 3 }, pace.DayLimit},
		"the ramp":        {func(s *pace.Sender, _ *pace.Line) { s.Account.Ramp = pace.Ramp{Start: 1, Add: 1} }, pace.DayLimit},
		"the window":      {func(s *pace.Sender, _ *pace.Line) { s.Account.Gap = time.Hour }, pace.CampaignWindow},
		"the account's hours": {func(s *pace.Sender, l *pace.Line) {
			s.Account.Gap, s.Account.Hours, l.Windows[0] = time.Hour, l.Windows[0], always(time.UTC)
		}, pace.AccountHours},
		"the gap": {func(s *pace.Sender, l *pace.Line) { s.Account.Gap, l.Windows[0] = 30*time.Hour, always(time.UTC) }, pace.Gap},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := maya(t)
			sender.Account = pace.Account{Hours: always(time.UTC)}
			line := crowd(t, 20, "UTC")
			line.Campaigns[0] = []pace.Step{{}}
			c.spoil(&sender, &line)
			days := pace.Walk(monday, time.Time{}, line, sender).Days[0]
			require.Greater(t, len(days), 1)
			require.Equal(t, c.want, days[0].Limit)
			require.Empty(t, days[len(days)-1].Limit, "all have left")
		})
	}
}

// A clock that is put back by an hour costs one gap, when what the first look believes is
// kept; a giver that asks When alone waits the hour.
func TestAClockThatIsPutBackCostsOneGap(t *testing.T) {
	t.Parallel()
	account := pace.Account{Gap: 90 * time.Second, Hours: always(time.UTC)}
	asked := func(keep bool) time.Duration {
		now, spent := monday, pace.Spent{Next: monday.Add(time.Hour)}
		for {
			if keep {
				spent = account.Believed(now, spent)
			}
			at, _, err := account.When(now, always(time.UTC), spent)
			require.NoError(t, err)
			if at.Equal(now) {
				return now.Sub(monday)
			}
			now = at
		}
	}
	require.Equal(t, 90*time.Second, asked(true))
	require.Equal(t, time.Hour, asked(false))
}
