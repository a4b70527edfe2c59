package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/workflows"
)

// follows are an email, and an email after each of the waits.
func follows(t *testing.T, waits ...string) []campaign.Step {
	t.Helper()
	steps := []campaign.Step{{ID: "intro", Kind: campaign.Email}}
	for i, text := range waits {
		wait, err := pace.ParseWait(text)
		require.NoError(t, err)
		step := campaign.Step{ID: "wait-" + string(rune('a'+i)), Kind: campaign.Wait}
		step.SetWait(wait)
		steps = append(steps, step, campaign.Step{ID: "mail-" + string(rune('a'+i)), Kind: campaign.Email})
	}
	return steps
}

// at sets both clocks, the workflow's and PostgreSQL's, and the workspace's zone.
func (b *bundle) at(t *testing.T, text string) time.Time {
	t.Helper()
	start, err := time.Parse("2006-01-02 15:04 -0700", text)
	require.NoError(t, err)
	b.env.SetStartTime(start)
	b.ledger.facts.Now, b.ledger.facts.Calendar = start, pace.Calendar{Zone: "Europe/Brussels"}
	return start
}

// Brussels has 23 hours on 2027-03-28: three dates later at nine is 71 hours later.
func TestThreeDatesOverTheChangeOfTheClock(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, follows(t, "3d")...)
			start := b.at(t, "2027-03-26 09:00 +0100")
			over := start.Add(71 * time.Hour) // Monday 09:00 +0200
			b.after(time.Hour, func() { require.Equal(t, over.UTC(), b.state(t).NextAt.UTC()) })
			b.run()
			require.Equal(t, 2, b.result(t).Sent)
			require.Equal(t, over.UTC(), b.env.Now().UTC())
			require.Equal(t, over.UTC(), b.ledger.settled[0].Next.At.UTC(), "the row waits as long as the workflow")
			require.Equal(t, over.UTC(), b.ledger.settled[1].Due.UTC())
		})
	}
}

func TestHoursAreHoursOverTheChangeOfTheClock(t *testing.T) {
	t.Parallel()
	b := newBundle(t, follows(t, "72h")...)
	start := b.at(t, "2027-03-26 09:00 +0100")
	b.run()
	require.Equal(t, 2, b.result(t).Sent)
	require.Equal(t, start.Add(72*time.Hour).UTC(), b.env.Now().UTC())
	require.Zero(t, b.ledger.settled[0].Next.At)
}

// A mail that leaves 40 minutes after it was due does not make the next one later: the time
// of day does not creep.
func TestATimeOfDayDoesNotCreep(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, follows(t, "1d", "2bd")...)
			start := b.at(t, "2026-11-26 09:00 +0100")
			b.after(time.Hour, func() { b.ledger.with(func(f *campaign.Facts) { f.Now = start.Add(24*time.Hour + 40*time.Minute) }) })
			b.run()
			require.Equal(t, 3, b.result(t).Sent)
			require.Equal(t, start.AddDate(0, 0, 5).UTC(), b.env.Now().UTC(), "Friday and two sending days: Tuesday at nine")
		})
	}
}

// The recipient's zone counts when the campaign sends in it.
func TestDatesAreTheRecipients(t *testing.T) {
	t.Parallel()
	b := newBundle(t, follows(t, "3d")...)
	start := b.at(t, "2027-03-26 09:00 +0100")
	b.ledger.facts.Campaign.Window.Zone = pace.RecipientZone
	b.ledger.facts.Contact.Fields = map[string]string{"Country": "Japan"}
	b.run()
	require.Equal(t, 2, b.result(t).Sent)
	require.Equal(t, start.Add(72*time.Hour).UTC(), b.env.Now().UTC(), "Tokyo changes no clock")
}

func waitEnds(input workflows.EnrollmentInput) time.Time {
	if input.State.Next != nil {
		return input.State.Next.At
	}
	return input.State.WaitEnds
}

// A run that continues as new between the mail and its wait carries the end of the wait, and
// when the next step was due.
func TestAWaitIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, follows(t, "3d", "1d")...)
			start := b.at(t, "2027-03-26 09:00 +0100")
			b.postman.during = func() { b.env.SetContinueAsNewSuggested(true) }
			b.run()
			input := b.handedOver(t)
			over := start.Add(71 * time.Hour)
			require.Equal(t, over.UTC(), waitEnds(input).UTC())

			next := setup(t, follows(t, "3d", "1d")...)
			next.at(t, "2027-03-26 09:01 +0100")
			next.input = input
			next.postman.during = func() { next.env.SetContinueAsNewSuggested(true) }
			next.after(time.Hour, func() {
				next.ledger.with(func(f *campaign.Facts) { f.Now = over.Add(40 * time.Minute) })
			})
			next.run()
			input = next.handedOver(t)
			require.Equal(t, over.AddDate(0, 0, 1).UTC(), waitEnds(input).UTC())
			require.Equal(t, campaign.Active, input.State.Status)

			last := setup(t, follows(t, "3d", "1d")...)
			last.at(t, "2027-03-29 09:41 +0200")
			last.input = input
			last.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 3}, last.result(t))
			require.Equal(t, over.AddDate(0, 0, 1).UTC(), last.env.Now().UTC())
		})
	}
}
