package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// sent sends the first step to an enrollment, which then waits.
func (b *ledgerBundle) sent(id int64) {
	b.t.Helper()
	attempt := b.attempt(id)
	delivery := b.claim(attempt)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
}

// tell sends the SMS of the last step, after which the enrollment is completed.
func (b *ledgerBundle) tell(id int64) {
	b.t.Helper()
	attempt := campaign.Attempt{EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}}
	d := draft("+32475000001")
	d.Kind, d.Account = campaign.SMS, ""
	delivery, err := b.Claim(b.ctx, attempt, d)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	require.NoError(b.t, b.MarkSent(b.ctx, attempt, delivery, "SM1"))
}

func TestStepAndDayCounts(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 8)
	for id := int64(1); id <= 5; id++ {
		b.sent(id)
	}
	b.tell(1)
	b.exec(`UPDATE enrollments SET next_at = now() - interval '1 second' WHERE id = 2`)
	b.park(6, noSender)
	b.park(7, noSender)
	require.NoError(t, b.disenrolled(b.ctx, 7, "", "test"))
	b.tallyAgrees("a few steps")

	counts, err := b.StepCounts(b.ctx, "q4")
	require.NoError(t, err)
	require.ElementsMatch(t, []StepCount{
		{"intro", campaign.Active, 1}, {"intro", campaign.InError, 1}, {"intro", campaign.Disenrolled, 1},
		{"wait-2", campaign.Active, 1}, {"wait-2", campaign.Waiting, 3}, {"tell", campaign.Completed, 1},
	}, counts.Standing, "who is due counts as active, as in the statuses")
	require.Equal(t, map[string]int{"intro": 5, "tell": 1}, counts.Sent)

	days, err := b.DayCounts(b.ctx, "q4", 30)
	require.NoError(t, err)
	require.Len(t, days, 30)
	today := days[29]
	require.Equal(t, time.Now().UTC().Format(time.DateOnly), today.Day.UTC().Format(time.DateOnly))
	require.Equal(t, DayCount{Day: today.Day, Sent: 5, InError: 2, Completed: 1, Disenrolled: 1}, today, "a park that has ended was one")
	require.Equal(t, 24*time.Hour, today.Day.Sub(days[28].Day))

	// Everything a hundred days and a few days ago, and once more by counting.
	b.exec(`ALTER TABLE enrollments DISABLE TRIGGER USER; ALTER TABLE deliveries DISABLE TRIGGER USER`)
	b.exec(`UPDATE deliveries SET settled_at = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '3 days') AT TIME ZONE 'UTC' WHERE enrollment_id IN (3, 4)`)
	b.exec(`UPDATE deliveries SET settled_at = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 second') AT TIME ZONE 'UTC' WHERE enrollment_id = 2`)
	b.exec(`UPDATE deliveries SET settled_at = now() - interval '100 days' WHERE enrollment_id = 5`)
	b.exec(`UPDATE notes SET at = now() - interval '100 days' WHERE enrollment_id = 6`)
	b.exec(`ALTER TABLE enrollments ENABLE TRIGGER USER; ALTER TABLE deliveries ENABLE TRIGGER USER`)
	_, err = b.RecountTally(b.ctx)
	require.NoError(t, err)
	for _, after := range []string{"a recount", "a fold"} {
		for key, want := range map[string]int{"q4": 1, "": 1, "other": 0} {
			days, err = b.DayCounts(b.ctx, key, 30)
			require.NoError(t, err)
			require.Equal(t, []int{want, want, 0, 2 * want}, []int{days[29].Sent, days[28].Sent, days[27].Sent, days[26].Sent}, "%s of %q", after, key)
		}
		counts, err = b.StepCounts(b.ctx, "q4")
		require.NoError(t, err)
		require.Equal(t, 5, counts.Sent["intro"], "the old ones count, on no day: %s", after)
		b.tallyAgrees(after)
		require.NoError(t, b.FoldTally(b.ctx))
	}
	wrong, err := b.RecountTally(b.ctx)
	require.NoError(t, err)
	require.Zero(t, wrong)
}

func TestTheTallyByStepIsCountedWhenItIsMigrated(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	b.sent(1)
	b.park(2, noSender)
	provider, closeDB, err := b.provider()
	require.NoError(t, err)
	t.Cleanup(closeDB)
	_, err = provider.DownTo(b.ctx, 9)
	require.NoError(t, err)
	// The release before goes on: what MarkSent writes, in the columns that it knew.
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, boundary, wire_at, settled_at)
		VALUES (3, 'intro', 1, 'email', 'wire', 'maya@northwind.example', 'c3@t.example', 's', 'm3', now(), 'b', now(), now())`)
	b.exec(`WITH settled AS (UPDATE deliveries SET state = 'sent' WHERE enrollment_id = 3 RETURNING 1)
		UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = now() + interval '3 days' WHERE id = 3 AND EXISTS (SELECT FROM settled)`)
	require.Empty(t, one[string](b, wrongTallySQL))
	_, err = provider.Up(b.ctx)
	require.NoError(t, err)
	b.sent(4)
	b.tallyAgrees("down and up")
}

func TestMembersAreListedOnceEachByStatusAndStep(t *testing.T) {
	t.Parallel()
	const people = 23
	b := setupLedger(t, people)
	for id := int64(1); id <= 12; id++ {
		b.sent(id)
	}
	b.tell(1)
	b.exec(`UPDATE enrollments SET next_at = now() - interval '1 second' WHERE id IN (2, 3)`)
	for id := int64(13); id <= 16; id++ {
		b.park(id, failure.Problem{Code: failure.SendingFailed, Detail: fmt.Sprint("no ", id)})
	}
	require.NoError(t, b.disenrolled(b.ctx, 17, "", "test"))
	_, err := b.Hold(b.ctx, b.attempt(18), func(campaign.Facts) campaign.Finding { return campaign.Finding{Paused: true} })
	require.NoError(t, err)

	list := func(filter MemberFilter, size int) (ids []int64) {
		filter.Campaign = "q4"
		for after := (MemberMark{}); ; {
			page, err := b.Members(b.ctx, filter, after, size)
			require.NoError(t, err)
			for _, member := range page {
				if filter.Status != "" {
					require.Equal(t, filter.Status, member.Status)
				}
				ids, after = append(ids, member.Contact.ID), member.Mark
			}
			if len(page) < size {
				return ids
			}
		}
	}
	statuses, err := b.CampaignStatuses(b.ctx, "q4")
	require.NoError(t, err)
	counts, err := b.StepCounts(b.ctx, "q4")
	require.NoError(t, err)
	for _, size := range []int{1, 4, 100} {
		require.ElementsMatch(t, one[[]int64](b, `SELECT array_agg(id) FROM enrollments`), list(MemberFilter{}, size), "everybody once, %d a page", size)
		require.Equal(t, []int64{13, 14, 15, 16}, list(MemberFilter{Status: campaign.InError, Step: "intro"}, size))
		require.Equal(t, []int64{19, 20, 21, 22, 23, 2, 3}, list(MemberFilter{Status: campaign.Active}, size), "who is due is on its way")
		for _, count := range counts.Standing {
			require.Len(t, list(MemberFilter{Status: count.Status, Step: count.StepID}, size), count.Count, "%v", count)
		}
	}
	require.Len(t, list(MemberFilter{Status: campaign.Waiting}, 5), statuses[0].Waiting)
	require.Len(t, list(MemberFilter{Status: campaign.Active}, 5), statuses[0].Active)

	members, err := b.Members(b.ctx, MemberFilter{Campaign: "q4"}, MemberMark{}, 1)
	require.NoError(t, err)
	require.Equal(t, "no 13", members[0].Detail)
	require.Equal(t, failure.SendingFailed, members[0].Code)
	next, err := b.NextMember(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, int64(19), next)
	_, err = b.NextMember(b.ctx, "other")
	require.ErrorIs(t, err, ErrNotFound)
}
