package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// The giver's own log says what came true: the forecast had said it to the instant, for
// those who were in line and for what followed.
func TestTheForecastComesTrue(t *testing.T) {
	t.Parallel()
	const contacts = 3_000
	sender := maya(t)
	line := crowd(t, contacts, "Europe/Brussels", "America/New_York", "Asia/Kolkata")
	line.Campaigns[0] = []pace.Step{{}, days(3, 0), days(5, 0)}
	w := &world{now: monday, delay: func() time.Duration { return 0 }, boxes: []*box{{Sender: sender}}, lists: []*list{{windows: line.Windows, wait: []int{0, 3, 5}}}}
	w.down = true
	for i, one := range line.Waiting {
		w.join(&contact{id: i, window: one.Window, due: monday})
	}
	w.down = false
	w.look(w.boxes[0])
	said := pace.Walk(monday, time.Time{}, line, sender)
	w.run(monday.AddDate(1, 0, 0))

	require.Len(t, w.log, 3*contacts)
	require.True(t, said.Last.Equal(w.log[len(w.log)-1].real), "said %s, was %s", said.Last, w.log[len(w.log)-1].real)
	late := time.Duration(0)
	for _, mail := range w.log {
		if mail.step == 0 {
			require.True(t, said.Leaves[mail.contact].Equal(mail.real), "contact %d was said to be mailed at %s, and was at %s", mail.contact, said.Leaves[mail.contact], mail.real)
			continue
		}
		late = max(late, mail.real.Sub(mail.due))
	}
	require.Equal(t, late, latest(said))
}

// latest is how late the latest follow-up leaves.
func latest(said pace.Forecast) (late time.Duration) {
	for _, days := range said.Days {
		for _, day := range days {
			late = max(late, day.Late)
		}
	}
	return late
}

// Case 2 of the notes: 50,000 enrolled at once, 400 a day, three mails. Follow-ups are two
// days late at most, whenever it was that they were enrolled; FIFO is the contrast.
func TestFiftyThousandAtOnce(t *testing.T) {
	t.Parallel()
	sender := maya(t)
	crowd := func(contacts int, enrolled time.Time, window pace.Hours, band int) pace.Forecast {
		zone := sender.Account.Hours.Zone
		line := pace.Line{Windows: []pace.Hours{window}, Campaigns: [][]pace.Step{{{}, daysIn(zone, 3, 0), daysIn(zone, 5, 0)}}}
		for i := range contacts {
			line.Waiting = append(line.Waiting, pace.Waiting{Band: band, Seq: int64(i + 1), Due: enrolled})
		}
		return pace.Walk(enrolled, time.Time{}, line, sender)
	}
	const day = 24 * time.Hour
	anytime, daily := always(sender.Account.Hours.Zone), office(t, "Europe/Brussels")
	daily.Windows[0].Days = pace.EveryDay
	for _, c := range []struct {
		contacts int
		enrolled time.Time
		window   pace.Hours
	}{
		{50_000, monday, anytime}, {8_000, monday.Add(15 * time.Hour), anytime}, {8_000, monday.Add(5 * time.Hour), daily}, {8_000, monday.Add(12 * time.Hour), daily},
	} {
		said := crowd(c.contacts, c.enrolled, c.window, 2)
		require.Equal(t, 3*c.contacts, mails(said))
		require.LessOrEqual(t, latest(said), 2*day, c.enrolled)
		for _, day := range said.Days[0] {
			require.LessOrEqual(t, day.First+day.FollowUps, 400)
		}
		require.Less(t, said.Last.Sub(c.enrolled), time.Duration(3*c.contacts/400+3+5+2)*day, "no day is lost")
	}
	fifo := crowd(50_000, monday, anytime, pace.FollowUps)
	require.InDelta(t, 122, latest(fifo).Hours()/24, 3, "with FIFO they are four months late")
	require.InDelta(t, 375, fifo.Last.Sub(monday).Hours()/24, 4, "and done no sooner")
}
