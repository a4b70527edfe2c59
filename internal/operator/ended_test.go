package operator

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func (b *bundle) ended(id int64, how campaign.Ending) {
	b.t.Helper()
	_, err := b.db.NoteEnded(b.ctx, campaign.EndedWorkflow{
		Watched: campaign.Watched{EnrollmentID: id}, Found: campaign.Found{Ending: how},
	})
	require.NoError(b.t, err)
}

// Whatever the size of the pages, each contact is on exactly one of them: those
// whose workflow was ended first, then those in error.
func TestEndedWorkflowsArePagedWithTheErrors(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	for _, id := range []int64{1, 2, 3} {
		b.park(id, failure.EmailAccount(mayas))
	}
	b.ended(6, campaign.EndedTerminated) // noticed first, enrolled last
	b.ended(4, campaign.EndedDeleted)
	b.ended(2, campaign.EndedTerminated)
	want := []int64{4, 6, 1, 2, 3}
	for size := range 7 {
		var seen []int64
		for after := int64(0); ; {
			page, err := b.Errors(b.ctx, ErrorFilter{Campaign: "q4"}, after, size)
			require.NoError(t, err)
			require.Equal(t, len(want), page.Total, "pages of %d", size)
			for _, item := range page.Items {
				seen = append(seen, item.ContactID)
				isEnded := slices.Contains([]int64{2, 4, 6}, item.ContactID)
				require.Equal(t, isEnded, item.Ended != nil)
				require.Equal(t, isEnded, item.NextCommand == failure.ReconcileCommand("q4", item.ContactID), item.NextCommand)
				require.Equal(t, item.ContactID > 3, item.Code == failure.WorkflowEnded)
			}
			if after = page.Next; after == 0 {
				break
			}
		}
		require.Equal(t, want, seen, "pages of %d", size)
	}
	groups, err := b.ErrorGroups(b.ctx, "q4")
	require.NoError(t, err)
	require.Len(t, groups, 2)
	require.Equal(t, failure.EndedEntry().HowToFix, groups[1].HowToFix)
	for _, group := range groups {
		page, err := b.Errors(b.ctx, ErrorFilter{Campaign: group.Campaign, Code: group.Code, Cause: string(group.Cause)}, 0, 0)
		require.NoError(t, err)
		require.Len(t, page.Items, group.Count, "the group of %s", group.Cause)
	}
}

func TestAFixSaysWhoseWorkflowWasEnded(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.park(1, failure.EmailAccount(mayas))
	b.park(2, failure.EmailAccount(mayas))
	b.ended(1, campaign.EndedTerminated)
	b.temporal.onWake = func() { b.goOn(2) }
	done, err := b.Listing().ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.NoError(t, err)
	require.Equal(t, Freed{Resuming: 1, Waiting: 1, Ended: 1}, done.Freed)
	became, err := b.Follow(b.ctx, done.Concerned, nil)
	require.NoError(t, err)
	require.Equal(t, map[int64]string{1: WorkflowEnded, 2: WentOn}, outcomes(became))

	asked, err := b.Resume(b.ctx, Selection{Contacts: []int64{1}}, Resume{}, How{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 1, asked.Ended)
	left, err := b.Disenroll(b.ctx, Selection{Contacts: []int64{1}}, "", How{DryRun: true})
	require.NoError(t, err)
	require.Zero(t, left.Ended, "a disenrolled contact needs no workflow")
}

// A pause ends for nobody whose workflow is gone: that is no lack of a worker.
func TestAnUnpauseSaysWhoseWorkflowWasEnded(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	_, err := b.Pause(b.ctx, "q4", false)
	require.NoError(t, err)
	b.park(1, failure.CampaignActive("q4"))
	b.temporal.onWake = func() { b.ended(1, campaign.EndedClosed) }
	done, err := b.Listing().Unpause(b.ctx, "q4", How{})
	require.NoError(t, err)
	became, err := b.Follow(b.ctx, done.Concerned, nil)
	require.NoError(t, err)
	require.Equal(t, map[int64]string{1: WorkflowEnded}, outcomes(became))
}

// comparing is a Temporal without any workflow, that notes which it was asked for.
type comparing struct {
	*fakeTemporal
	asked chan campaign.EnrollmentKey
}

func (comparing) Answer() (func(), error) { return func() {}, nil }

func (c comparing) Run(_ context.Context, key campaign.EnrollmentKey) (*campaign.Run, error) {
	c.asked <- key
	return nil, nil
}

func TestOnlyThoseThatAreNamedAreCompared(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	b.ended(3, campaign.EndedTerminated)
	temporal := comparing{b.temporal, make(chan campaign.EnrollmentKey, 100)}
	b.stand = temporal
	for _, only := range []struct {
		options ReconcileOptions
		want    []int64
	}{
		{ReconcileOptions{Contacts: []int64{2, 4}}, []int64{2, 4}},
		{ReconcileOptions{Contacts: []int64{2}, Campaign: "q4"}, []int64{2}},
		{ReconcileOptions{Ended: true}, []int64{3}},
		{ReconcileOptions{Ended: true, Campaign: "q4"}, []int64{3}},
	} {
		report, err := b.Reconcile(b.ctx, only.options)
		require.NoError(t, err)
		var found []int64
		for _, difference := range report.Differences {
			found = append(found, difference.ContactID)
		}
		require.Equal(t, only.want, found)
		require.Equal(t, len(only.want), report.Enrollments)
		for len(temporal.asked) > 0 {
			require.Contains(t, only.want, (<-temporal.asked).ContactID, "nobody else is asked")
		}
	}
	require.NoError(t, b.db.Reopened(b.ctx, 3))
	report, err := b.Reconcile(b.ctx, ReconcileOptions{Ended: true})
	require.NoError(t, err)
	require.Zero(t, report.Enrollments, "nobody is not everybody")

	_, err = b.Reconcile(b.ctx, ReconcileOptions{Contacts: []int64{2, 9}})
	require.ErrorIs(t, err, ErrNotFound)
	var invalid *Invalid
	_, err = b.Reconcile(b.ctx, ReconcileOptions{Contacts: []int64{2}, Ended: true})
	require.ErrorAs(t, err, &invalid)
}
