package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func (b *ledgerBundle) park(id int64, problem failure.Problem) {
	b.t.Helper()
	_, err := b.Hold(b.ctx, b.attempt(id), found(problem))
	require.NoError(b.t, err)
}

var (
	uncertainty = failure.Problem{Code: failure.DeliveryUncertain, Detail: "no answer"}
	brokenDown  = failure.Problem{Code: failure.SendingFailed, Detail: "451"}
)

// What a request has counted is what its row in the outbox reaches.
func TestARequestReachesWhomItCounted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind      string
		selection Selection
		assume    campaign.Assume
		want      []int64
	}{
		"named":           {"resume", Selection{Contacts: []int64{1, 4}}, "", []int64{1, 4}},
		"by code":         {"resume", Selection{Code: failure.SendingFailed}, "", []int64{4}},
		"with an answer":  {"resume", Selection{}, campaign.AssumeSent, []int64{2}},
		"named, answered": {"resume", Selection{Contacts: []int64{2}}, campaign.AssumeNotSent, []int64{2}},
		"leave, by code":  {"disenroll", Selection{Code: failure.DeliveryUncertain}, "", []int64{2}},
		"leave, all":      {"disenroll", Selection{Campaign: "q4"}, "", []int64{1, 2, 3, 4}},
		"leave, named":    {"disenroll", Selection{Contacts: []int64{3}}, "", []int64{3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 5)
			b.park(1, noSender)
			b.park(2, uncertainty)
			b.park(4, brokenDown)
			require.NoError(t, b.disenrolled(b.ctx, 5, "", ""))
			request := func(options BatchOptions) (Requested, error) {
				if test.kind == "disenroll" {
					return b.RequestDisenroll(b.ctx, test.selection, "enough", "tess", options)
				}
				return b.RequestResume(b.ctx, test.selection, campaign.Resume{Assume: test.assume, By: "tess"}, options)
			}
			dry, err := request(BatchOptions{DryRun: true})
			require.NoError(t, err)
			require.Zero(t, one[int](b, `SELECT count(*) FROM outbox WHERE done_at IS NULL`))
			requested, err := request(BatchOptions{})
			require.NoError(t, err)
			require.Equal(t, len(test.want), requested.Count)
			require.Equal(t, dry.Count, requested.Count)
			require.Equal(t, dry.ByCode, requested.ByCode)
			listed, err := request(BatchOptions{DryRun: true, Listed: true})
			require.NoError(t, err)
			require.Equal(t, dry.Count, listed.Count)
			require.Equal(t, dry.ByCode, listed.ByCode)
			require.Equal(t, dry.ByCampaign, listed.ByCampaign)
			require.Equal(t, map[string]int{"q4": len(test.want)}, dry.ByCampaign)
			var counted, reached []int64
			for _, target := range listed.Targets {
				counted = append(counted, target.ContactID)
			}
			targets, err := b.Targets(b.ctx, b.onlyWake(), 100)
			require.NoError(t, err)
			for _, target := range targets {
				reached = append(reached, target.ContactID)
			}
			require.ElementsMatch(t, test.want, counted)
			require.ElementsMatch(t, test.want, reached)
		})
	}
}

func TestAResumeWithoutAnAnswerIsRefused(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.park(1, uncertainty)
	b.park(2, brokenDown)
	b.park(3, uncertainty)
	for _, selection := range []Selection{{Contacts: []int64{3, 1, 2}}, {Code: failure.DeliveryUncertain}} {
		_, err := b.RequestResume(b.ctx, selection, campaign.Resume{}, BatchOptions{})
		var needs *NeedsAnswer
		require.ErrorAs(t, err, &needs)
		require.ErrorIs(t, err, ErrRefused)
		require.Equal(t, []int64{1, 3}, needs.Contacts)
	}
	all, err := b.RequestResume(b.ctx, Selection{}, campaign.Resume{}, BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, 1, all.Count)
	require.Equal(t, 2, all.LeftOut)
	_, err = b.RequestResume(b.ctx, Selection{Contacts: []int64{2, 77}}, campaign.Resume{}, BatchOptions{})
	require.ErrorIs(t, err, ErrNotFound)
	require.Zero(t, one[int](b, `SELECT count(*) FROM outbox WHERE done_at IS NULL`))
}

// A contact that is in two campaigns is resumed where it is in error, and only there.
func TestAContactInTwoCampaigns(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`INSERT INTO campaigns (key, name, owner, steps) SELECT 'spring', 'Spring', owner, steps FROM campaigns WHERE key = 'q4'`)
	_, err := b.Enroll(b.ctx, "spring", nil, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET done_at = now()`)
	b.park(1, brokenDown)
	resumed, err := b.RequestResume(b.ctx, Selection{Contacts: []int64{1}}, campaign.Resume{}, BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Len(t, resumed.Targets, 1)
	require.Equal(t, "q4", resumed.Targets[0].Campaign)
	_, err = b.RequestResume(b.ctx, Selection{Contacts: []int64{1}, Campaign: "spring"}, campaign.Resume{}, BatchOptions{DryRun: true})
	require.EqualError(t, err, "contact 1 (C) is not in error: it is Active in spring")
	left, err := b.RequestDisenroll(b.ctx, Selection{Contacts: []int64{1}}, "", "", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Len(t, left.Targets, 2)
}

func TestErrorsArePagedOldestFirst(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	for _, id := range []int64{3, 1, 5, 2} {
		b.park(id, noSender)
	}
	var ids []int64
	for after := int64(0); ; {
		page, err := b.Errors(b.ctx, ErrorFilter{Campaign: "q4"}, after, 3)
		require.NoError(t, err)
		for _, row := range page {
			ids, after = append(ids, row.Contact.ID), row.Seq
			require.Equal(t, noSender, row.Problem)
			require.WithinDuration(t, time.Now(), row.Since, time.Hour)
		}
		if len(page) < 3 {
			break
		}
	}
	require.Equal(t, []int64{3, 1, 5, 2}, ids)
	count, err := b.CountErrors(b.ctx, ErrorFilter{Code: failure.OwnerHasNoSendingAddress})
	require.NoError(t, err)
	require.Equal(t, 4, count)
	count, err = b.CountErrors(b.ctx, ErrorFilter{Contact: 4})
	require.NoError(t, err)
	require.Zero(t, count)
}

func TestAnUnknownContactEnrollsNobody(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`DELETE FROM outbox; DELETE FROM enrollments`)
	result, err := b.Enroll(b.ctx, "q4", []int64{1, 8, 2, 7, 7}, "test", false)
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "there are no contacts 7, 8")
	require.Zero(t, result)
	require.Zero(t, one[int](b, `SELECT count(*) FROM enrollments`)+one[int](b, `SELECT count(*) FROM outbox`))
	left, err := b.CountUnstarted(b.ctx, "q4", 0)
	require.NoError(t, err)
	require.Zero(t, left)
	_, err = b.Enroll(b.ctx, "q4", []int64{1}, "test", false)
	require.NoError(t, err)
	left, err = b.CountUnstarted(b.ctx, "q4", 0)
	require.NoError(t, err)
	require.Equal(t, 1, left)
}
