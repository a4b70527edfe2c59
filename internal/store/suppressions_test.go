package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func TestASuppressionEndsAndKeepsOut(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 4)
	b.exec(`UPDATE contacts SET email = 'boss@other.example' WHERE id = 4`)
	claimed := b.claimIntro(1)
	done, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c1@contoso.example", Reason: SuppressedByHand, Note: "asked by phone"}}, "tom")
	require.NoError(t, err)
	require.Equal(t, Suppressed{Added: 1, Ended: 1}, done)
	require.ErrorIs(t, b.Gate(b.ctx, claimed), campaign.ErrSuperseded, "what was claimed stays in")
	require.Equal(t, campaign.Suppressed, one[campaign.EndedBy](b, `SELECT ended_by FROM enrollments WHERE id = 1`))
	require.Equal(t, []int64{1}, b.stops())
	require.Equal(t, "The contact's address is suppressed: asked by phone", one[string](b, `SELECT text FROM notes WHERE enrollment_id = 1`))

	again, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "c1@contoso.example", Reason: SuppressedByHand}}, "tom")
	require.NoError(t, err)
	require.Equal(t, Suppressed{Already: 1}, again)

	dry, err := b.Enroll(b.ctx, "xmas", nil, "test", true)
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 3, Suppressed: 1}, dry)
	fresh, err := b.EnrollAt(b.ctx, "xmas", nil, "test", BatchOptions{Most: 1})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Suppressed: 1, Left: 2, Request: fresh.Request}, fresh)

	domain, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: "contoso.example", Reason: SuppressedByHand}}, "tom")
	require.NoError(t, err)
	require.Equal(t, Suppressed{Added: 1, Ended: 3}, domain, "two of q4, one of xmas")
	require.Equal(t, campaign.Active, b.status(4), "another company goes on")
	rest, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Already: 1, Suppressed: 2, Request: rest.Request}, rest)

	var seen []string
	require.NoError(t, b.Newcomers(b.ctx, "xmas", nil, 0, false, func(f campaign.Facts) { seen = append(seen, f.Contact.Email) }))
	require.Empty(t, seen, "a dry run asks of nobody who is left out")

	removed, err := b.RemoveSuppression(b.ctx, "contoso.example", time.Time{}, "tom")
	require.NoError(t, err)
	require.Equal(t, "contoso.example", removed.Target)
	_, err = b.RemoveSuppression(b.ctx, "contoso.example", time.Time{}, "tom")
	require.ErrorIs(t, err, ErrNotFound)
	left, err := b.Suppressions(b.ctx)
	require.NoError(t, err)
	require.Len(t, left, 1)
	last, err := b.Enroll(b.ctx, "xmas", nil, "test", false)
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Already: 2, Suppressed: 1, Request: last.Request}, last)
	require.Equal(t, "removed contoso.example, added contoso.example, added 1",
		one[string](b, `SELECT string_agg(kind || ' ' || subject, ', ' ORDER BY id DESC) FROM activity WHERE thing = 'suppression'`))
}

func TestASuppressedDomainCountsInEverySpelling(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 2)
	b.exec(`UPDATE contacts SET email = 'a@xn--bcher-kva.example' WHERE id = 1`)
	b.exec(`UPDATE contacts SET email = 'b@bücher.example' WHERE id = 2`)
	target, err := campaign.SuppressionTarget("@XN--Bcher-kva.example")
	require.NoError(t, err)
	done, err := b.AddSuppressions(b.ctx, []ToSuppress{{Target: target, Reason: SuppressedImported}}, "tom")
	require.NoError(t, err)
	require.Equal(t, Suppressed{Added: 1, Ended: 2}, done)
	for _, wrong := range []string{"", "@", "contoso", "jo@contoso", "a b.example", "a@b@"} {
		_, err := campaign.SuppressionTarget(wrong)
		require.Error(t, err, wrong)
	}
}
