package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/workflows"
)

// edit makes the campaign say these steps, as apply does, at a time of both clocks; waiting
// enrollments are signalled of it when signalled is true.
func (b *bundle) edit(after time.Duration, signalled bool, steps ...campaign.Step) {
	b.after(after, func() {
		b.ledger.with(func(f *campaign.Facts) {
			f.Campaign.Known = f.Campaign.Path()
			f.Campaign.Steps, f.Now = steps, now.Add(after)
			f.Campaign.Version++
		})
		if signalled {
			b.env.SignalWorkflow(workflows.EditedSignal.Name, nil)
		}
	})
}

// clock sets PostgreSQL's to a time after the beginning.
func (b *bundle) clock(after time.Duration) {
	b.after(now.Add(after).Sub(b.start)-time.Nanosecond, func() { b.ledger.with(func(f *campaign.Facts) { f.Now = now.Add(after) }) })
}

func email(id string) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.Email, Subject: "Hi", Body: "Hello"}
}

func wait(long time.Duration) campaign.Step {
	return campaign.Step{ID: "wait", Kind: campaign.Wait, Wait: long}
}

const day = 24 * time.Hour

// A contact that waits by a timer is signalled of an edit, looks, and goes on by the campaign
// as it is now. Pinned enrollments begin to follow.
func TestAnEditReachesWhoWaits(t *testing.T) {
	t.Parallel()
	before := []campaign.Step{email("a"), wait(3 * day), email("b"), wait(3 * day), email("c")}
	for _, test := range []struct {
		name  string
		after []campaign.Step
		sent  []string
		ends  time.Duration
	}{
		{"shorter, over already", []campaign.Step{email("a"), wait(time.Hour), email("b")}, []string{"a", "b"}, day},
		{"shorter", []campaign.Step{email("a"), wait(2 * day), email("b")}, []string{"a", "b"}, 2 * day},
		{"longer", []campaign.Step{email("a"), wait(5 * day), email("b")}, []string{"a", "b"}, 5 * day},
		{"the wait is gone", []campaign.Step{email("a"), email("b")}, []string{"a", "b"}, day},
		{"the step is removed", []campaign.Step{email("a"), wait(2 * day), email("c")}, []string{"a", "c"}, 2 * day},
		{"the last step is removed", []campaign.Step{email("a")}, []string{"a"}, day},
		{"a step is added", []campaign.Step{email("a"), wait(2 * day), email("n"), wait(3 * day), email("b")}, []string{"a", "n", "b"}, 5 * day},
		{"moved", []campaign.Step{email("a"), wait(2 * day), email("c"), wait(3 * day), email("b")}, []string{"a", "c", "b"}, 5 * day},
	} {
		for name, setup := range shapes {
			t.Run(test.name+", "+name, func(t *testing.T) {
				t.Parallel()
				b := setup(t, before...)
				b.edit(day, true, test.after...)
				if b.input.First == nil { // it continues as new first, and then follows
					b.run()
					b = b.resumed(t, setup, b.handedOver(t), day)
				}
				for at := 2 * day; at <= 8*day; at += day {
					b.clock(at)
				}
				b.run()
				result := b.result(t)
				require.Equal(t, campaign.Completed, result.Status)
				require.Equal(t, len(test.sent), result.Sent)
				require.Equal(t, test.sent, b.postman.accepted)
				require.Equal(t, test.ends, b.env.Now().Sub(now))
			})
		}
	}
}

// resumed is the next run of an enrollment, in the world of the one before.
func (b *bundle) resumed(t *testing.T, setup setupFunc, input workflows.EnrollmentInput, after time.Duration) *bundle {
	t.Helper()
	next := setup(t)
	next.ledger.facts, next.ledger.deliveries, next.ledger.parks = b.ledger.facts, b.ledger.deliveries, b.ledger.parks
	next.postman.accepted = b.postman.accepted
	next.input = input
	next.start = now.Add(after)
	next.env.SetStartTime(next.start)
	return next
}

// Who is not signalled, because the step is under way or due, finds the edit at the next look.
func TestAnEditIsSeenAtTheLook(t *testing.T) {
	t.Parallel()
	b := shapes["follows"](t, email("a"), wait(day), email("b"))
	b.edit(time.Hour, false, email("a"), wait(2*day), email("b"))
	b.clock(day)
	b.clock(2 * day)
	b.run()
	require.Equal(t, []string{"a", "b"}, b.postman.accepted)
	require.Equal(t, 2*day, b.env.Now().Sub(now), "a longer wait holds although nobody was signalled")
	require.Len(t, b.ledger.moved, 1)
}

// A signal that comes twice, or concerns nothing, costs a look and sends nothing early.
func TestASignalOfAnEditSendsNothingEarly(t *testing.T) {
	t.Parallel()
	b := shapes["follows"](t, email("a"), wait(day), email("b"))
	for _, at := range []time.Duration{time.Hour, 2 * time.Hour, 2*time.Hour + time.Second} {
		b.after(at, func() {
			b.ledger.with(func(f *campaign.Facts) { f.Now = now.Add(at) })
			b.env.SignalWorkflow(workflows.EditedSignal.Name, nil)
		})
	}
	b.clock(day)
	b.run()
	require.Equal(t, []string{"a", "b"}, b.postman.accepted)
	require.Equal(t, day, b.env.Now().Sub(now))
}

// A contact that is in error at a step that was removed is resumed of it, and goes on.
func TestAParkedContactLeavesAStepThatWasRemoved(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, email("a"), email("b"))
			b.ledger.facts.Contact.Email = ""
			b.edit(time.Hour, true, email("c"))
			if b.input.First == nil { // it continues as new first, parked as it is
				b.run()
				input := b.handedOver(t)
				require.Equal(t, 1, input.State.Park.ParkID)
				b = b.resumed(t, setup, input, time.Hour)
			}
			b.after(2*time.Hour, func() {
				b.ledger.with(func(f *campaign.Facts) { f.Contact.Email = "ada@contoso.example" })
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, FixID: "edit-7"})
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, b.result(t))
			require.Equal(t, []string{"c"}, b.postman.accepted)
		})
	}
}
