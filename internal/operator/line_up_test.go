package operator

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// A line whose contacts are brought together, over zones that are alike too, says what it says
// when each stands alone in a zone of its own: when each leaves, who is before it, and the whole forecast.
func TestALineTogetherIsItsContacts(t *testing.T) {
	t.Parallel()
	together := 0
	for seed := range uint64(40) {
		dice := rand.New(rand.NewPCG(seed, 18))
		view := someView(dice)
		alone := view
		alone.Cohorts = nil
		contacts := []store.LineCohort{}
		for _, cohort := range view.Cohorts {
			for k, seq := range cohort.Seqs {
				one := cohort
				one.Seqs, one.Count = []int64{seq}, 1
				if len(cohort.Sinces) > 0 {
					one.Sinces, one.Since = cohort.Sinces[k:k+1], &cohort.Sinces[k]
				}
				one.Enrollment = int64(len(contacts) + 1)
				contacts = append(contacts, one)
			}
			for _, from := range cohort.Froms {
				one := cohort
				one.Froms, one.NotBefore, one.Count = []time.Time{from}, &from, 1
				alone.Cohorts = append(alone.Cohorts, one)
			}
		}
		alone.Cohorts = slices.Concat(contacts, alone.Cohorts)
		all, err := lineUpOf(view)
		require.NoError(t, err)
		each, err := lineUpOf(alone)
		require.NoError(t, err)
		each.splitZones(t)
		if len(all.line.Waiting) < len(each.line.Waiting)/2 && len(all.line.Windows) < len(each.line.Windows) {
			together++
		}
		for _, of := range []string{"", "q0", "q1"} {
			want, got := each.forecast(of), all.forecast(of)
			for i := range want.Senders { // of windows that are alike it says one
				want.Senders[i].Today, got.Senders[i].Today = Waterfall{}, Waterfall{}
			}
			require.Equal(t, encoded(t, want), encoded(t, got), "seed %d, campaign %q", seed, of)
		}
		likely, latest := pace.Range(each.Now, each.line, each.senders...)
		for range 5 { // one of them is asked for, and stands apart in the line
			one := contacts[dice.IntN(len(contacts))]
			asked := view
			asked.Cohorts = append([]store.LineCohort{one}, slices.Clone(view.Cohorts)...)
			for i, cohort := range asked.Cohorts[1:] {
				if at := slices.Index(cohort.Seqs, one.Seqs[0]); at >= 0 {
					cohort.Seqs, cohort.Count = slices.Delete(slices.Clone(cohort.Seqs), at, at+1), cohort.Count-1
					if len(cohort.Sinces) > 0 {
						cohort.Sinces = slices.Delete(slices.Clone(cohort.Sinces), at, at+1)
					}
					asked.Cohorts[1+i] = cohort
				}
			}
			asked.Cohorts = slices.DeleteFunc(asked.Cohorts, func(cohort store.LineCohort) bool { return cohort.Count == 0 })
			line, err := lineUpOf(asked)
			require.NoError(t, err)
			l, m := pace.Range(line.Now, line.line, line.senders...)
			here, there := line.apart[one.Enrollment], each.apart[one.Enrollment]
			require.True(t, likely.Leaves[there].Equal(l.Leaves[here]), "seed %d: alone %s, among others %s", seed, likely.Leaves[there], l.Leaves[here])
			require.True(t, latest.Leaves[there].Equal(m.Leaves[here]), "seed %d: alone %s, among others %s", seed, latest.Leaves[there], m.Leaves[here])
			require.Equal(t, each.line.Before(line.Now, there, m.By[here]), line.line.Before(line.Now, here, m.By[here]), "seed %d", seed)
		}
		again, err := lineUpOf(view)
		require.NoError(t, err)
		require.Equal(t, encoded(t, all.forecast("")), encoded(t, again.forecast("")), "two looks are equal")
	}
	require.Greater(t, together, 10)
}

// splitZones has each cohort stand in hours of its own, as if none were alike.
func (l *lineUp) splitZones(t *testing.T) {
	t.Helper()
	windows, campaigns, of := l.line.Windows, l.line.Campaigns, l.of
	l.line.Windows, l.line.Campaigns, l.line.Same, l.of = nil, nil, nil, nil
	kept := map[[3]string][2]int{}
	for _, cohort := range l.Cohorts {
		if cohort.Enrollment == 0 {
			continue
		}
		at := l.apart[cohort.Enrollment]
		one := &l.line.Waiting[at]
		key := [3]string{cohort.Campaign, cohort.Zone, windows[one.Window].Zone.String()}
		split, known := kept[key]
		if !known {
			own := l.campaign(cohort.Campaign)
			hours, err := own.Window.Hours(l.Calendar, cohort.Zone)
			require.NoError(t, err)
			split = [2]int{len(l.line.Windows), len(l.of)}
			kept[key] = split
			l.line.Windows, l.line.Campaigns, l.of = append(l.line.Windows, hours), append(l.line.Campaigns, mailsOf(own, hours, l.Passed)), append(l.of, cohort.Campaign)
		}
		one.Window, one.Campaign = split[0], split[1]
	}
	for i := range l.line.Waiting { // those who are still to come
		if one := &l.line.Waiting[i]; !one.HasPlace() {
			l.line.Windows, l.line.Campaigns, l.of = append(l.line.Windows, windows[one.Window]), append(l.line.Campaigns, campaigns[one.Campaign]), append(l.of, of[one.Campaign])
			one.Window, one.Campaign = len(l.line.Windows)-1, len(l.of)-1
		}
	}
	for _, key := range l.of {
		l.line.Same = append(l.line.Same, slices.Index(l.of, key))
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// someView is a line by lot: two campaigns in the recipients' zones, of which one has two
// senders, with first mails, follow-ups, and some who are still to come.
func someView(dice *rand.Rand) store.LineView {
	now := time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC).Add(time.Duration(dice.IntN(300*24*60)) * time.Minute)
	day := time.Duration(24) * time.Hour
	view := store.LineView{Now: now, Calendar: pace.Calendar{Zone: "Europe/Brussels", Holidays: pace.Holidays{Country: "BE"}}}
	for i := range 2 {
		view.Senders = append(view.Senders, store.LineSender{
			Address: fmt.Sprintf("s%d@northwind.example", i), Status: campaign.AccountConnected, Asked: true, Seq: dice.Int64N(100),
			Pace: pace.AccountRules{Gap: time.Duration(1+dice.IntN(20)) * time.Minute, Jitter: time.Duration(dice.IntN(300)) * time.Second, PerDay: 3 + dice.IntN(30), Zone: "Europe/Lisbon"},
		})
		of := campaign.Campaign{Key: fmt.Sprintf("q%d", i), Sender: "s0@northwind.example", Steps: []campaign.Step{
			{ID: "a", Kind: campaign.Email}, {ID: "w", Kind: campaign.Wait, Wait: 2 * day, Days: 1 + dice.IntN(3)}, {ID: "b", Kind: campaign.Email},
			{ID: "v", Kind: campaign.Wait, Wait: 3 * day, SendingDays: dice.IntN(3)}, {ID: "c", Kind: campaign.Email},
		}}
		if i == 1 {
			of.Sender, of.Senders = "", []string{"s0@northwind.example", "s1@northwind.example"}
		}
		of.Window = pace.CampaignRules{Zone: pace.RecipientZone, Windows: []pace.Window{{Days: pace.Weekdays, From: 9 * 60, To: pace.Clock(10+dice.IntN(8)) * 60}}}
		view.Campaigns = append(view.Campaigns, of)
		view.Passed = append(view.Passed, store.StepPassed{Campaign: of.Key, StepID: "b", Sent: 100, Disenrolled: dice.IntN(60)})
	}
	zones := []string{"", "Europe/Brussels", "Europe/Paris", "Europe/Madrid", "Europe/Warsaw", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "America/New_York", "America/Toronto"}
	seqs := dice.Perm(2000)
	next := func() int64 { seqs = seqs[1:]; return int64(1 + seqs[0]) }
	for range 4 + dice.IntN(12) {
		cohort := store.LineCohort{Account: "s0@northwind.example", Campaign: "q0", StepID: "a", Band: 2, Zone: zones[dice.IntN(len(zones))], State: "waiting", Count: 1 + dice.IntN(15)}
		followUp := dice.IntN(3) == 0
		switch {
		case dice.IntN(2) == 0:
		case followUp:
			cohort.Campaign, cohort.Account = "q1", fmt.Sprintf("s%d@northwind.example", dice.IntN(2))
		default:
			cohort.Campaign, cohort.Account, cohort.Unbound = "q1", "", true
		}
		for range cohort.Count {
			cohort.Seqs = append(cohort.Seqs, next())
			if followUp {
				cohort.Sinces = append(cohort.Sinces, now.Add(-time.Duration(dice.IntN(3000))*time.Minute))
			}
		}
		cohort.Since = &now
		if followUp {
			cohort.StepID, cohort.StepIndex, cohort.Band = "b", 2, 1
		}
		view.Cohorts = append(view.Cohorts, cohort)
	}
	for range dice.IntN(3) { // they were put aside for a while
		at := now.Add(time.Duration(dice.IntN(60)) * time.Minute)
		view.Cohorts = append(view.Cohorts, store.LineCohort{Account: "s0@northwind.example", Campaign: "q0", StepID: "a", Band: 2, State: "stuck", Seqs: []int64{next()}, Count: 1, Since: &now, NotBefore: &at})
	}
	for range dice.IntN(4) {
		coming := store.LineCohort{Account: "s0@northwind.example", Campaign: "q0", StepID: "w", StepIndex: 1, Count: 1 + dice.IntN(9)}
		for range coming.Count {
			coming.Froms = append(coming.Froms, now.Add(time.Duration(dice.IntN(5000))*time.Minute))
		}
		coming.NotBefore = ptr(slices.MinFunc(coming.Froms, time.Time.Compare))
		view.Cohorts = append(view.Cohorts, coming)
	}
	return view
}

// Of those still to come nobody has looked up the recipient's zone yet: the forecast says how many they are, where that
// zone counts, and of whose campaign. Who has a place, and who is asked about alone, is reckoned in its own.
func TestThoseWhoseZoneIsNotKnownAreCounted(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	view := someView(rand.New(rand.NewPCG(1, 18)))
	at := view.Now
	view.Cohorts = []store.LineCohort{
		{Account: "s0@northwind.example", Campaign: "q0", StepID: "w", StepIndex: 1, Count: 5, Froms: []time.Time{from, from, from, from, from}, NotBefore: &from},
		{Account: "s1@northwind.example", Campaign: "q1", StepID: "w", StepIndex: 1, Count: 2, Froms: []time.Time{from, from}, NotBefore: &from},
		{Account: "s0@northwind.example", Campaign: "q0", StepID: "w", StepIndex: 1, Count: 1, Froms: []time.Time{from}, NotBefore: &from, Enrollment: 7},
		{Account: "s0@northwind.example", Campaign: "q0", StepID: "a", Band: 2, Count: 3, Seqs: []int64{1, 2, 3}, Since: &at, State: "waiting"}, // nothing says one: the workspace's
	}
	unknown := func(of string) int {
		line, err := lineUpOf(view)
		require.NoError(t, err)
		return line.forecast(of).ZoneUnknown
	}
	require.Equal(t, []int{7, 5, 2}, []int{unknown(""), unknown("q0"), unknown("q1")})
	view.Campaigns[1].Window.Zone = "Europe/Lisbon"
	require.Equal(t, []int{5, 5, 0}, []int{unknown(""), unknown("q0"), unknown("q1")})
	view.Campaigns[0].Paused = true
	require.Zero(t, unknown("q0"))
}

// Who was put aside, and who is away, stands before nobody until that is over.
func TestWhoDoesNotTakeATurnNow(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	b.inTurns(pace.AccountRules{Gap: time.Minute})
	b.exec(`UPDATE account_pace SET next_at = NULL`)
	require.Equal(t, 4, b.why(5).Before)
	b.exec(`UPDATE line SET state = 'stuck', granted_at = clock_timestamp() - interval '20 minutes' WHERE enrollment_id = 1`)
	b.exec(`UPDATE line SET state = 'stuck', granted_at = clock_timestamp() - interval '50 minutes' WHERE enrollment_id = 2`)
	b.exec(`INSERT INTO contact_holds (contact_id, until) VALUES (3, clock_timestamp() + interval '90 minutes')`)
	why := b.why(5)
	require.Equal(t, 1, why.Before)
	require.WithinDuration(t, time.Now().Add(time.Minute), *why.Latest, 10*time.Second)
	for id, minutes := range map[int64]int{1: 40, 2: 10, 3: 90, 4: 0} {
		require.WithinDuration(t, time.Now().Add(time.Duration(minutes)*time.Minute), *b.why(id).Latest, 70*time.Second, "contact %d", id)
	}
	forecast, err := b.Forecast(b.ctx, mayas)
	require.NoError(t, err)
	require.Equal(t, 5, forecast.Senders[0].InLine)
	require.WithinDuration(t, time.Now().Add(90*time.Minute), *forecast.LastFirst, 70*time.Second)
}

// Two waits in a row are waited for once: where an enrollment waits says when both are over.
func TestTwoWaitsInARow(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	email := func(id string) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.Email, Subject: "Hi", Body: "Hello"}
	}
	wait := func(id string, hours int) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.Wait, Wait: time.Duration(hours) * time.Hour}
	}
	b.exec(`UPDATE campaigns SET steps = $1`, []campaign.Step{wait("w", 10), wait("x", 20), email("intro"), wait("y", 30), wait("z", 40), email("follow-up")})
	b.exec(`DELETE FROM enrollments`)
	_, err := b.db.Enroll(b.ctx, "q4", []int64{1}, "test", false)
	require.NoError(t, err)
	b.exec(`UPDATE enrollments SET started_at = now()`)
	leaves := func() time.Duration {
		why := b.why(1)
		require.Equal(t, []pace.Limit{pace.NotDue}, reasonsOf(why))
		require.Equal(t, *why.Due, *why.Latest)
		forecast, err := b.Forecast(b.ctx, "q4")
		require.NoError(t, err)
		if why.StepID == "intro" {
			require.Equal(t, *why.Latest, *forecast.LastFirst)
		} else {
			require.Equal(t, *why.Latest, *forecast.Latest)
		}
		return time.Until(*why.Latest).Round(time.Hour)
	}
	require.Equal(t, 30*time.Hour, leaves(), "before the first email")
	require.Equal(t, "w 0", one[string](b, `SELECT step_id || ' ' || step_index FROM enrollments`))

	b.exec(`UPDATE enrollments SET step_id = 'intro', step_index = 1, status = 'Active', next_at = NULL`)
	attempt := campaign.Attempt{EnrollmentID: one[int64](b, `SELECT id FROM enrollments`), CampaignKey: "q4", ContactID: 1, StepID: "intro", StepIndex: 1, Visit: 1, Follows: true, Version: 1, Kind: campaign.Email}
	b.send(attempt)
	require.Equal(t, 70*time.Hour, leaves(), "between two")
	require.Equal(t, "follow-up", b.why(1).StepID)
}

// What comes next is what the claim finds: an email that was moved behind a contact's place, and that it has had, is not
// named again.
func TestAMovedStepIsNotNamedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	step := func(id string, kind campaign.Kind, hours int) campaign.Step {
		return campaign.Step{ID: id, Kind: kind, Wait: time.Duration(hours) * time.Hour, Subject: "Hi", Body: "Hello", Text: "Hi"}
	}
	b.exec(`UPDATE campaigns SET steps = $1`, []campaign.Step{
		step("b", campaign.Email, 0), step("w", campaign.Wait, 10), step("a", campaign.Email, 0), step("v", campaign.Wait, 20), step("s", campaign.SMS, 0), step("x", campaign.Wait, 5), step("c", campaign.Email, 0),
	})
	b.had(1, "a")
	b.had(1, "b")
	next := time.Now().Add(30 * time.Hour).UTC().Truncate(time.Second)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'w', step_index = 3, next_at = $1 WHERE id = 1`, next)
	why := b.why(1)
	require.Equal(t, "c 3 of 3", fmt.Sprintf("%s %d of %d", why.StepID, why.Mail, why.Mails))
	require.Equal(t, next.Add(5*time.Hour), *why.Due, "and what is waited for after the SMS")
	require.Equal(t, next.Add(5*time.Hour), *why.Latest)
	b.had(2, "b")
	b.had(2, "c")
	b.exec(`UPDATE enrollments SET step_id = 'a' WHERE id = 2`)
	require.Equal(t, []pace.Limit{NoMailLeft}, reasonsOf(b.why(2)), "what it has passed is not caught up")
}

// send has an attempt's email leave, as a worker does.
func (b *bundle) send(attempt campaign.Attempt) {
	b.t.Helper()
	facts, err := b.db.Facts(b.ctx, attempt)
	require.NoError(b.t, err)
	attempt.Version, attempt.Next = facts.Campaign.Version, facts.After(attempt)
	delivery, err := b.db.Claim(b.ctx, attempt, campaign.Draft{
		Kind: campaign.Email, Account: mayas, AccountEpoch: facts.Account.Epoch, Recipient: "c@contoso.example", MessageID: "m", Date: time.Now(), Boundary: "b", Timed: facts.Timed(), Version: facts.Campaign.Version,
	})
	require.NoError(b.t, err)
	require.NoError(b.t, b.db.Gate(b.ctx, delivery))
	require.NoError(b.t, b.db.MarkSent(b.ctx, attempt, delivery, "250 ok"))
}
