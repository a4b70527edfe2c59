package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// crowd is a campaign with thousands inside: `a 3d b 2d c`. By id:
//
//	   1–1000  before a, being tried
//	1001–3000  had a a day ago, wait for b
//	3001–4000  had a and b a day ago, wait for c
//	4001–4500  have completed
//	4501–4600  had a four days ago, stand in the line for b
//	4601–4650  had a, in error at b: no address
//	4651–4660  had a, and nobody knows whether they had b
//	4661–4670  had a, paused at b
//	4671–4680  had a a day ago, wait for b, and keep their steps: of a release before
//	4681–4690  before a, not started yet
type crowd struct{ *ledgerBundle }

const aWaitBWaitC = "a 3d b 2d c"

func steps(t testing.TB, text string) []campaign.Step {
	t.Helper()
	var all []campaign.Step
	for i, word := range strings.Fields(text) {
		if wait, err := pace.ParseWait(word); err == nil {
			step := campaign.Step{ID: fmt.Sprintf("wait-%d", i+1), Kind: campaign.Wait}
			step.SetWait(wait)
			all = append(all, step)
			continue
		}
		id, from, _ := strings.Cut(word, "<")
		id, body, changed := strings.Cut(id, "=")
		if !changed {
			body = "text-of-" + id
		}
		if from != "" {
			body = "text-of-" + from
		}
		all = append(all, campaign.Step{ID: id, Kind: campaign.Email, Subject: "Hi", Body: body, RenamedFrom: from})
	}
	return all
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	b := &crowd{setupLedger(t, 0)}
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('k', 'K', 'maya', 'maya@northwind.example', $1)`, steps(t, aWaitBWaitC))
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, 4690) AS i`)
	b.exec(`
		INSERT INTO enrollments (campaign, contact_id, status, step_id, step_index, next_at, follows, started_at)
		SELECT 'k', id, 'Waiting', 'wait-2', 1, now() + interval '2 days', id NOT BETWEEN 4671 AND 4680,
		       CASE WHEN id <= 4680 THEN now() - interval '5 days' END FROM contacts ORDER BY id`)
	b.exec(`UPDATE enrollments SET status = 'Active', step_id = 'a', step_index = 0, next_at = NULL WHERE id <= 1000 OR id > 4680`)
	b.exec(`UPDATE enrollments SET step_id = 'wait-4', step_index = 3, next_at = now() + interval '1 day' WHERE id BETWEEN 3001 AND 4000`)
	b.exec(`UPDATE enrollments SET status = 'Completed', step_id = 'c', step_index = 5, next_at = NULL, ended_at = now() WHERE id BETWEEN 4001 AND 4500`)
	b.exec(`UPDATE enrollments SET step_id = 'b', step_index = 2, next_at = NULL WHERE id BETWEEN 4501 AND 4600`)
	b.exec(`INSERT INTO account_pace (address) VALUES ('maya@northwind.example')`)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT id, 'b', 'k', 'maya@northwind.example', 1, 'waiting' FROM enrollments WHERE id BETWEEN 4501 AND 4600`)
	b.exec(`UPDATE enrollments SET status = 'InError', step_id = 'b', step_index = 2, next_at = NULL, park_id = 1, park_seq = nextval('fact_seq'), parked_at = now(),
	               code = CASE WHEN id > 4650 THEN 'DeliveryUncertain' WHEN id > 4640 THEN 'SendingFailed' ELSE 'ContactHasNoEmail' END, detail = '', cause = '', attempts = 0 WHERE id BETWEEN 4601 AND 4660`)
	b.exec(`UPDATE enrollments SET status = 'Paused', step_id = 'b', step_index = 2, next_at = NULL WHERE id BETWEEN 4661 AND 4670`)
	b.sent("a", 1, 1001, 4000)
	b.sent("a", 1, 4601, 4680)
	b.sent("a", 4, 4501, 4600)
	b.sent("a", 9, 4001, 4500)
	b.sent("b", 1, 3001, 4500)
	b.sent("c", 0, 4001, 4500)
	b.exec(`UPDATE deliveries SET settled_at = settled_at - interval '1 minute', wire_at = wire_at - interval '1 minute' WHERE step_id = 'a'`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_date, wire_at)
	        SELECT id, 'b', 1, 'email', 'uncertain', 'c', now(), now() FROM enrollments WHERE id BETWEEN 4651 AND 4660`)
	return b
}

// sent writes that contacts had a step some days ago.
func (b *crowd) sent(step string, days int, from, to int64) {
	b.t.Helper()
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_id, message_date, wire_at, settled_at)
		SELECT id, $1, 1, 'email', 'sent', 'c@contoso.example', $1 || id || '@northwind.example', now(), now() - make_interval(days => $2), now() - make_interval(days => $2)
		  FROM enrollments WHERE id BETWEEN $3 AND $4`, step, days, from, to)
}

func (b *crowd) edit(text string, dryRun bool) (Applied, error) {
	b.t.Helper()
	of, err := b.Campaign(b.ctx, "k")
	require.NoError(b.t, err)
	of.Steps = steps(b.t, text)
	return b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "maya", dryRun)
}

// looks has every tenth look that has to, as their workflows do when they are signalled.
func (b *crowd) looks() {
	b.t.Helper()
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(b.t, err)
	for _, entry := range entries {
		if entry.Kind != campaign.OutboxEdit {
			continue
		}
		for {
			page, err := b.Targets(b.ctx, entry, 500)
			require.NoError(b.t, err)
			if len(page) == 0 {
				break
			}
			var group errgroup.Group
			group.SetLimit(8)
			for _, target := range page {
				if target.EnrollmentID%10 != 0 || target.Status == campaign.Paused || target.Status == campaign.InError && target.ParkID == 0 {
					continue
				}
				group.Go(func() error { return b.look(target) })
			}
			require.NoError(b.t, group.Wait())
			require.NoError(b.t, b.AdvanceCursor(b.ctx, entry, page))
			entry.Cursor = page[len(page)-1].Seq
		}
		require.NoError(b.t, b.CloseIfDrained(b.ctx, entry))
	}
}

func (b *crowd) look(target campaign.Target) error {
	attempt := campaign.Attempt{EnrollmentID: target.EnrollmentID, CampaignKey: "k", ContactID: target.ContactID, Visit: 1, Follows: true, Kind: campaign.Email, ResumedPark: target.ParkID}
	if err := b.pool.QueryRow(b.ctx, `SELECT CASE step_id WHEN 'wait-2' THEN 'b' WHEN 'wait-4' THEN 'c' ELSE step_id END, step_index + (next_at IS NOT NULL)::int FROM enrollments WHERE id = $1`,
		target.EnrollmentID).Scan(&attempt.StepID, &attempt.StepIndex); err != nil {
		return err
	}
	_, _, err := b.GoOn(b.ctx, attempt)
	return err
}

// places counts every tenth contact by where it stands: "100 Active a, 200 Waiting wait-2 +2d".
func (b *crowd) places(from, to int64) string {
	return one[string](b.ledgerBundle, `
		SELECT string_agg(n || ' ' || place, ', ' ORDER BY place) FROM (
			SELECT count(*) AS n, concat_ws(' ', status, step_id, '+' || round(extract(epoch FROM next_at - now()) / 86400) || 'd', (SELECT state FROM line WHERE enrollment_id = e.id)) AS place
			  FROM enrollments e WHERE campaign = 'k' AND id BETWEEN $1 AND $2 AND id % 10 = 0 GROUP BY 2) AS counted`, from, to)
}

// Every cell of the rule, with thousands inside: what is printed before anything is
// written, what is printed when it is, who has to look, and where everybody stands then.
func TestAnEditOfTheStepsWithThousandsInside(t *testing.T) {
	t.Parallel()
	const (
		forBStays, forCStays    = "200 Waiting wait-2 +2d", "100 Waiting wait-4 +1d"
		inLineStays, errorStays = "10 Waiting b waiting", "5 InError b"
	)
	for _, test := range []struct {
		name, after string
		reach       []campaign.Reach
		looking     int
		// where those stand then who waited for b, for c, stood in the line, and were in error
		forB, forC, inLine, inError string
	}{
		{
			"text", "a 3d b=new 2d c",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditText, Get: 3190, Past: 1000}},
			0, forBStays, forCStays, inLineStays, errorStays,
		},
		{
			"a shorter wait", "a 2d b 2d c",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditWait, Get: 3190, Past: 1000}},
			2110, "200 Waiting wait-2 +1d", forCStays, "10 Waiting b held", errorStays,
		},
		{
			// Those that are due go on with their attempt, as who stands in the line does: it claims.
			"a shorter wait that is over", "a 12h b 2d c",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditWait, Get: 3190, Past: 1000, DueAtOnce: 2010}},
			2110, forBStays, forCStays, "10 Waiting b held", errorStays,
		},
		{
			"a longer wait", "a 7d b 2d c",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditWait, Get: 3190, Past: 1000}},
			2110, "200 Waiting wait-2 +6d", forCStays, "10 Waiting wait-2 +3d", errorStays,
		},
		{
			"a step added ahead", "a 3d b 1d n 2d c",
			[]campaign.Reach{{StepID: "n", Edit: campaign.EditAdded, Get: 4190, DueAtOnce: 1000}},
			1010, forBStays, "100 Active n", inLineStays, errorStays,
		},
		{
			"a step added between", "a 1d n 3d b 2d c",
			[]campaign.Reach{{StepID: "n", Edit: campaign.EditAdded, Get: 3190, Past: 1000, DueAtOnce: 2010}},
			2110, "200 Active n", "100 Waiting wait-6 +1d", "10 Active n", errorStays,
		},
		{
			"a step added behind", "n 1d a 3d b 2d c",
			[]campaign.Reach{{StepID: "n", Edit: campaign.EditAdded, Get: 1010, Past: 3180}, {StepID: "a", Edit: campaign.EditWait, Get: 1010, Past: 3180}},
			10, "200 Waiting wait-4 +2d", "100 Waiting wait-6 +1d", inLineStays, errorStays,
		},
		{
			"a step added at the end", "a 3d b 2d c 1d n",
			[]campaign.Reach{{StepID: "n", Edit: campaign.EditAdded, Get: 4190, Completed: 500}},
			10, forBStays, forCStays, inLineStays, errorStays,
		},
		{
			"a step removed", "a 2d c",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditRemoved, Skip: 3190, Past: 1000}},
			2170, "200 Waiting wait-2 +1d", "100 Waiting wait-2 +1d", "10 Active c", "5 Waiting wait-2 +1d",
		},
		{
			"the last step removed", "a 3d b",
			[]campaign.Reach{{StepID: "c", Edit: campaign.EditRemoved, Skip: 4190, Complete: 1000}},
			1010, forBStays, "100 Completed b", inLineStays, errorStays,
		},
		{
			"all steps removed but the first", "a",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditRemoved, Skip: 3190, Past: 1000, Complete: 2180}, {StepID: "c", Edit: campaign.EditRemoved, Skip: 4190, Complete: 1000}},
			3170, "200 Completed a", "100 Completed b", "10 Completed a", "5 Completed a",
		},
		{
			"a step moved", "a 2d c 3d b",
			[]campaign.Reach{{StepID: "b", Edit: campaign.EditMoved, Get: 3190, Past: 1000, Complete: 1000}, {StepID: "c", Edit: campaign.EditPassed, Get: 3190, Skip: 1000}},
			3110, "200 Waiting wait-2 +1d", "100 Completed b", "10 Active c", errorStays,
		},
		{
			"a step renamed", "a 3d x<b 2d c",
			[]campaign.Reach{{StepID: "x", Edit: campaign.EditRenamed, Get: 3190, Past: 1000}},
			2110, forBStays, forCStays, "10 Active x held", "5 InError x",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newCrowd(t)
			dry, err := b.edit(test.after, true)
			require.NoError(t, err)
			require.Equal(t, test.reach, dry.Items[0].Reach)
			require.Equal(t, 1, one[int](b.ledgerBundle, `SELECT version FROM campaigns WHERE key = 'k'`), "a dry run writes nothing")
			require.Zero(t, one[int](b.ledgerBundle, `SELECT count(*) FROM enrollments WHERE edit IS NOT NULL`))

			done, err := b.edit(test.after, false)
			require.NoError(t, err)
			require.Equal(t, test.reach, done.Items[0].Reach)
			require.Equal(t, test.looking, done.Looking)
			require.Equal(t, test.looking, one[int](b.ledgerBundle, `SELECT count(*) FROM enrollments WHERE edit IS NOT NULL`))
			require.Equal(t, 2, one[int](b.ledgerBundle, `SELECT n FROM campaign_versions WHERE campaign = 'k' AND by = 'maya' AND diff <> '[]'`))

			// The last of them look after the last was signalled, and stand in no line until then (laws 2 and 7).
			for _, done := range []string{"NULL", "now()"} {
				b.exec(`UPDATE outbox SET done_at = ` + done + ` WHERE kind = 'edit'`)
				_, err = b.TendLine(b.ctx)
				require.NoError(t, err)
			}
			b.exec(`UPDATE outbox SET done_at = NULL WHERE kind = 'edit'`)
			b.looks()
			require.Equal(t, test.forB, b.places(1001, 3000))
			require.Equal(t, test.forC, b.places(3001, 4000))
			require.Equal(t, test.inLine, b.places(4501, 4600))
			require.Equal(t, test.inError, b.places(4601, 4650))
			require.Equal(t, "100 Active a", b.places(1, 1000), "what is tried looks by itself")
			require.Equal(t, "50 Completed c", b.places(4001, 4500), "who has completed stays so")
			require.Equal(t, "1 InError b", b.places(4651, 4660), "a lost answer waits for a person (law 4)")
			paused := "1 Paused b"
			if strings.Contains(test.after, "x<b") {
				paused = "1 Paused x"
			}
			require.Equal(t, paused, b.places(4661, 4670))
			require.Zero(t, one[int](b.ledgerBundle, `SELECT count(*) FROM outbox WHERE kind = 'edit' AND done_at IS NULL`))

			// Who has not looked long after that does not stand beside the line for ever.
			b.exec(`UPDATE outbox SET done_at = now() - interval '11 minutes' WHERE kind = 'edit'`)
			_, err = b.TendLine(b.ctx)
			require.NoError(t, err)
			require.Zero(t, one[int](b.ledgerBundle, `SELECT count(*) FROM line JOIN enrollments e ON e.id = enrollment_id WHERE state = 'held' AND e.status = 'Waiting' AND e.next_at IS NULL`))

			again, err := b.edit(strings.ReplaceAll(test.after, "x<b", "x=text-of-b"), false)
			require.NoError(t, err)
			require.False(t, again.Changed(), "applied again it changes nothing")
			require.Zero(t, again.Looking)
		})
	}
}

// A step that is renamed is the same one: who is in error at it stays so until somebody resumes it, and goes on at it by
// its new name; who is in line for it keeps the place.
func TestWhoStandsAtAStepThatIsRenamed(t *testing.T) {
	t.Parallel()
	b := newCrowd(t)
	b.exec(`UPDATE deliveries SET settled_at = settled_at - interval '3 days', wire_at = wire_at - interval '3 days'`) // no wait is left
	seqs := func() []int64 {
		return one[[]int64](b.ledgerBundle, `SELECT array_agg(seq ORDER BY enrollment_id) FROM line WHERE enrollment_id % 10 = 0`)
	}
	before := seqs()
	b.edited("a 3d x<b 2d c")
	require.Equal(t, "5 InError x", b.places(4601, 4650))
	require.Equal(t, "1 InError b", b.places(4651, 4660), "the answer that may come knows it by that")
	require.Equal(t, "1 Paused x", b.places(4661, 4670))
	require.Equal(t, 10, one[int](b.ledgerBundle, `SELECT count(*) FROM enrollments WHERE step_id = 'x' AND code = 'SendingFailed'`))
	b.looks()
	require.Equal(t, "10 Active x held", b.places(4501, 4600))
	require.Equal(t, before, seqs())

	stand := func(id int64, place campaign.Place) {
		attempt, _ := b.following(t, id, "x", one[int](b.ledgerBundle, `SELECT step_index FROM enrollments WHERE id = $1`, id))
		held, err := b.Hold(b.ctx, attempt, func(campaign.Facts) campaign.Finding { return campaign.Finding{Place: &place} })
		require.NoError(t, err)
		require.True(t, held.InLine)
	}
	for id := int64(4600); id > 4500; id -= 10 {
		stand(id, campaign.Place{Account: maya, Band: campaign.FollowUps})
	}
	require.Equal(t, before, seqs(), "in whichever order they come back")

	for _, id := range []int64{4610, 4650, 4660} { // their workflows know the step by its old name
		attempt := campaign.Attempt{EnrollmentID: id, CampaignKey: "k", ContactID: id, StepID: "b", StepIndex: 2, Visit: 1, Follows: true, Version: 1, Kind: campaign.Email, ResumedPark: 1}
		if id == 4660 {
			attempt.Visit, attempt.Resume = 2, &campaign.Resume{ParkID: 1, Assume: campaign.AssumeNotSent, By: "maya"}
		}
		next, moved, err := b.GoOn(b.ctx, attempt)
		require.NoError(t, err)
		require.True(t, moved, id)
		require.Equal(t, "x", next.StepID)
		require.Equal(t, "Active x 3", one[string](b.ledgerBundle, `SELECT concat_ws(' ', status, step_id, step_index) FROM enrollments WHERE id = $1`, id))
	}
}

// One that keeps its steps, and is in error at a step that is renamed, begins to follow, and is not resumed.
func TestOneThatKeepsItsStepsIsInErrorAtAStepThatIsRenamed(t *testing.T) {
	t.Parallel()
	b := newCrowd(t)
	b.exec(`UPDATE enrollments SET follows = false WHERE id = 4650`)
	b.edited("a 3d x<b 2d c")
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	targets, err := b.Targets(b.ctx, entries[0], 5000)
	require.NoError(t, err)
	at := slices.IndexFunc(targets, func(one campaign.Target) bool { return one.EnrollmentID == 4650 })
	require.GreaterOrEqual(t, at, 0)
	require.Zero(t, targets[at].ParkID)
}

// What contacts would take for something that they have had is refused, and changes nothing.
func TestEditsThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newCrowd(t)
	for after, why := range map[string]string{
		"a 3d x=text-of-b 2d c":        "step x has the text that step b had, and 1010 contacts have had it, or may have, and would get it again. Say `renamed_from: b` in step x",
		"a 3d b=n 2d x=text-of-b 2d c": "step x has the text that step b had, and 1010 contacts have had it, or may have, and would get it again. Leave step b its text, and give the one with the new text an id of its own",
		"a 3d b=text-of-n 2d a2":       "", // nobody has had a2
		"a 3d x<q 2d c":                "renamed_from names q, which the campaign has never had",
	} {
		_, err := b.edit(after, true)
		if why == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrRefused)
		require.ErrorContains(t, err, why)
	}
	of, err := b.Campaign(b.ctx, "k")
	require.NoError(t, err)
	of.Steps[2] = campaign.Step{ID: "b", Kind: campaign.SMS, Text: "Hi"}
	_, err = b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "maya", false)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "campaign k: step b was an email and is an SMS now: give it a new id")
	require.Equal(t, 1, one[int](b.ledgerBundle, `SELECT version FROM campaigns WHERE key = 'k'`))
}

// A campaign that nobody is in may be anything.
func TestAnEditOfACampaignThatNobodyIsIn(t *testing.T) {
	t.Parallel()
	b := &crowd{setupLedger(t, 0)}
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('k', 'K', 'maya', 'maya@northwind.example', $1)`, steps(t, aWaitBWaitC))
	of, err := b.Campaign(b.ctx, "k")
	require.NoError(t, err)
	of.Steps = []campaign.Step{{ID: "a", Kind: campaign.SMS, Text: "Hi"}}
	_, err = b.Apply(b.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "maya", false)
	require.NoError(t, err)
	of, err = b.Campaign(b.ctx, "k")
	require.NoError(t, err)
	require.Equal(t, campaign.PathOf(of.Steps), of.Path(), "nothing is remembered of what nobody has had")
}

// A file that has always named its step's former id is applied to a fresh database, and again when somebody is inside.
func TestAFormerNameThatTheDatabaseHasNeverHad(t *testing.T) {
	t.Parallel()
	b := &crowd{setupLedger(t, 1)}
	file := Workspace{Campaigns: []CampaignSpec{{Campaign: campaign.Campaign{
		Key: "k", Name: "K", Owner: "maya", Sender: "maya@northwind.example", Steps: steps(t, "hello<intro 3d b"),
	}}}}
	_, err := b.Apply(b.ctx, file, "maya", false)
	require.NoError(t, err)
	_, err = b.Enroll(b.ctx, "k", nil, "maya", false)
	require.NoError(t, err)
	again, err := b.Apply(b.ctx, file, "maya", false)
	require.NoError(t, err)
	require.False(t, again.Changed())
	file.Campaigns[0].Steps = steps(t, "hello<intro 2d b")
	edited, err := b.Apply(b.ctx, file, "maya", false)
	require.NoError(t, err)
	require.Equal(t, []campaign.Reach{{StepID: "b", Edit: campaign.EditWait, Get: 1}}, edited.Items[0].Reach)
}

// Who had completed when a step was added is taken on when somebody says so, and by no other
// way: it gets what comes after its place, and nothing that it has had.
func TestThoseWhoHaveCompletedAreTakenOn(t *testing.T) {
	t.Parallel()
	b := newCrowd(t)
	nobody, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Already: 4690}, nobody, "nothing has been added")
	_, err = b.edit("a 3d b 2d c 14d n", false)
	require.NoError(t, err)

	_, err = b.AddSuppressions(b.ctx, []ToSuppress{{Target: one[string](b.ledgerBundle, `SELECT email FROM contacts WHERE id = 4030`), Reason: SuppressedByHand}}, "maya")
	require.NoError(t, err)
	dry, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 499, Already: 4190, Suppressed: 1}, dry)
	require.Equal(t, "50 Completed c", b.places(4001, 4500))

	// Law 9: an answer that came after the last message had ended nothing, and counts.
	b.exec(`INSERT INTO inbound (address, generation, folder, uidvalidity, uid, arrived_at, digest, kind, classifier, state, contact_id)
		SELECT 'maya@northwind.example', 1, 'INBOX', 1, 1, now(), '', 'reply', 1, 'settled', contact_id FROM enrollments WHERE id = 4040`)
	answered, err := b.Continue(b.ctx, "k", []int64{one[int64](b.ledgerBundle, `SELECT contact_id FROM enrollments WHERE id = 4040`)}, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Answered: 1}, answered)
	b.exec(`UPDATE campaigns SET on_reply = 'go_on' WHERE key = 'k'`)
	dry, err = b.Continue(b.ctx, "k", nil, "maya", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 499, Already: 4190, Suppressed: 1}, dry, "a campaign that goes on after an answer")
	only := []int64{one[int64](b.ledgerBundle, `SELECT contact_id FROM enrollments WHERE id = 4040`)}
	for _, kind := range []string{"unsubscribe", "complaint", "left_company"} { // there as well, whatever the address is by now
		b.exec(`UPDATE inbound SET kind = $1`, kind)
		answered, err = b.Continue(b.ctx, "k", only, "maya", BatchOptions{})
		require.NoError(t, err)
		require.Equal(t, Enrolled{Answered: 1}, answered, kind)
	}
	b.exec(`UPDATE campaigns SET on_reply = 'end' WHERE key = 'k'`)
	b.exec(`UPDATE inbound SET kind = 'calendar'`)
	answered, err = b.Continue(b.ctx, "k", only, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Answered: 1}, answered, "who accepts an invitation has answered")
	b.exec(`DELETE FROM inbound`)

	some, err := b.Continue(b.ctx, "k", []int64{1, 4010, 4020}, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 2, some.Enrolled)
	require.Equal(t, 1, some.Already)
	most, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{Most: 100})
	require.NoError(t, err)
	require.Equal(t, 100, most.Enrolled)
	require.Equal(t, 397, most.Left)
	rest, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 397, rest.Enrolled)
	require.Equal(t, 1, rest.Suppressed)
	require.Equal(t, "Completed", one[string](b.ledgerBundle, `SELECT status FROM enrollments WHERE id = 4030`), "nothing is sent to it any more")
	b.exec(`DELETE FROM suppressions`)
	last, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, last.Enrolled)
	require.Equal(t, "50 Waiting wait-6 +14d", b.places(4001, 4500))
	require.Equal(t, 6, one[int](b.ledgerBundle, `SELECT min(step_index) FROM enrollments WHERE id BETWEEN 4001 AND 4500`))

	of, page, err := b.Unstarted(b.ctx, campaign.OutboxEntry{ID: some.Request, Campaign: "k"}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, 2, of.Version)
	require.True(t, page[0].Continues())
	require.False(t, page[2].Continues(), "nobody asked for the others' start, so this row sees to it")
	require.Equal(t, "wait-6", page[0].StepID)
	again, err := b.Continue(b.ctx, "k", nil, "maya", BatchOptions{})
	require.NoError(t, err)
	require.Zero(t, again.Enrolled, "they are under way")
}
