package operator

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

func collect[T any](b *bundle, sql string, args ...any) []T {
	b.t.Helper()
	rows, err := b.pool.Query(b.ctx, sql, args...)
	require.NoError(b.t, err, sql)
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	require.NoError(b.t, err, sql)
	return values
}

func (b *bundle) why(id int64) Why {
	b.t.Helper()
	all, err := b.Why(b.ctx, id, "")
	require.NoError(b.t, err)
	require.Len(b.t, all, 1)
	for _, reason := range all[0].Reasons {
		require.NotEmpty(b.t, LimitText(reason.Reason), "%s, in words", reason.Reason)
	}
	return all[0]
}

func reasonsOf(why Why) []pace.Limit {
	limits := []pace.Limit{}
	for _, reason := range why.Reasons {
		limits = append(limits, reason.Reason)
	}
	return limits
}

// spentToday has maya's limit of the day reached.
func (b *bundle) spentToday(count int) {
	b.exec(`UPDATE account_pace SET day = (clock_timestamp() AT TIME ZONE 'UTC')::date, count = $1, next_at = NULL`, count)
}

// Each thing that holds a mail back is a reason, the first in the order of pace.Why.
func TestWhyOfAContact(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	b.inTurns(pace.AccountRules{PerDay: 2}, 6)
	b.spentToday(2)
	midnight := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)

	why := b.why(6)
	require.Equal(t, []pace.Limit{pace.DayLimit}, reasonsOf(why))
	require.Equal(t, midnight, *why.Reasons[0].Until)
	require.Equal(t, "follow-up 2 2", why.StepID+" "+string(rune('0'+why.Mail))+" "+string(rune('0'+why.Mails)))
	require.Equal(t, midnight, *why.Latest)
	require.Equal(t, 0, *why.Today.Left)

	why = b.why(1)
	require.Equal(t, []pace.Limit{pace.DayLimit, pace.InLine}, reasonsOf(why))
	require.Equal(t, 1, why.Before)
	require.Equal(t, midnight, *why.Latest, "the second of the day")
	require.Equal(t, midnight.AddDate(0, 0, 1), *b.why(2).Latest)
	require.Equal(t, midnight.AddDate(0, 0, 1), *b.why(3).Latest)
	require.Equal(t, why, b.why(1), "two looks are equal")
	require.Equal(t, "starter email-account pace "+mayas+" --per-day COUNT", Sooner(why))

	b.exec(`UPDATE email_accounts SET resting_until = clock_timestamp() + interval '1 hour', rest_reason = '452 slow down'`)
	require.Equal(t, []pace.Limit{pace.AccountRests, pace.DayLimit, pace.InLine}, reasonsOf(b.why(1)))
	require.Equal(t, "452 slow down", b.why(1).Reasons[0].Detail)
	b.exec(`UPDATE email_accounts SET resting_until = NULL, status = 'in_error', reason = '535 no'`)
	why = b.why(1)
	require.Equal(t, pace.AccountInError, why.Reasons[0].Reason)
	require.Equal(t, "535 no", why.Reasons[0].Detail)
	require.Nil(t, why.Latest, "nobody knows when it is mended")
	b.exec(`UPDATE email_accounts SET status = 'connected', reason = ''`)

	b.exec(`UPDATE campaigns SET paused = true`)
	why = b.why(1)
	require.Equal(t, pace.CampaignPaused, why.Reasons[0].Reason)
	require.Nil(t, why.Latest)
	b.exec(`UPDATE campaigns SET paused = false`)

	b.exec(`UPDATE email_accounts SET status = 'removed'`)
	why = b.why(1)
	require.Equal(t, WhyReason{Reason: AccountRemoved}, why.Reasons[0])
	require.Equal(t, "starter email-account add "+mayas, Sooner(why), "what was removed is not reconnected")
	b.exec(`UPDATE email_accounts SET status = 'connected'`)
	b.exec(`UPDATE campaigns SET sender = NULL`)
	why = b.why(1)
	require.Equal(t, WhyReason{Reason: NoSender}, why.Reasons[0])
	require.Equal(t, "starter campaign set-sender q4 ADDRESS", Sooner(why))
	b.exec(`UPDATE campaigns SET sender = $1`, mayas)

	require.Equal(t, "starter email-account pace "+mayas+" --gap TIME", Sooner(Why{
		AnyOf: []string{"tom@northwind.example", mayas}, Likely: mayas, Reasons: []WhyReason{{Reason: pace.Gap}},
	}), "of several senders the one that takes the contact")

	b.exec(`UPDATE calendar SET rules = jsonb_build_object('holidays', jsonb_build_object('add', jsonb_build_array((clock_timestamp() AT TIME ZONE 'UTC')::date::text)))`)
	require.Equal(t, pace.Holiday, b.why(1).Reasons[0].Reason)
	b.exec(`UPDATE calendar SET rules = '{}'`)

	b.exec(`UPDATE line SET state = 'granted', granted_at = clock_timestamp() WHERE enrollment_id = 3`)
	why = b.why(3)
	require.Equal(t, []pace.Limit{pace.DayLimit, pace.HasTurn}, reasonsOf(why))
	require.Zero(t, why.Before)
	b.exec(`UPDATE line SET state = 'claimed' WHERE enrollment_id = 3`)
	require.Equal(t, 2, b.why(1).Before, "the one that is being sent too: else the next says that it may leave now, for as long as the server is silent")
	b.exec(`UPDATE line SET state = 'stuck' WHERE enrollment_id = 3`)
	why = b.why(3)
	require.Equal(t, []pace.Limit{pace.DayLimit, LetLapse}, reasonsOf(why), "else it says that it may leave now, up to an hour long")
	require.NotNil(t, why.Reasons[1].Until)
	b.exec(`UPDATE line SET state = 'waiting' WHERE enrollment_id = 3`)

	b.exec(`UPDATE line SET state = 'granted', granted_at = clock_timestamp() WHERE enrollment_id = 4`) // it tries again with a turn only
	b.park(4, failure.EmailAccount(mayas))
	why = b.why(4)
	require.Equal(t, pace.InError, why.Reasons[0].Reason)
	require.Contains(t, why.Reasons[0].Detail, "SendingFailed")
	require.Nil(t, why.Latest)

	b.exec(`DELETE FROM line WHERE enrollment_id = 5`)
	b.had(5, "intro")
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = $1 WHERE id = 5`, midnight.Add(30*time.Hour))
	why = b.why(5)
	require.Equal(t, pace.NotDue, why.Reasons[0].Reason)
	require.Equal(t, "follow-up", why.StepID)
	require.False(t, why.Exact)
	require.Equal(t, midnight.AddDate(0, 0, 2), *why.Latest, "the day after it is due, which is full by then")

	b.exec(`UPDATE enrollments SET status = 'Completed', next_at = NULL, ended_at = now() WHERE id = 5`)
	require.Equal(t, []pace.Limit{pace.Ended}, reasonsOf(b.why(5)))

	b.exec(`UPDATE enrollments SET status = 'Active', started_at = NULL WHERE id = 1`)
	b.exec(`DELETE FROM line WHERE enrollment_id = 1`)
	require.Equal(t, NotStarted, b.why(1).Reasons[0].Reason)

	_, err := b.Why(b.ctx, 99, "")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = b.Why(b.ctx, 1, "no-such")
	require.ErrorAs(t, err, new(*NotFound))
	b.exec(`INSERT INTO contacts (first_name) VALUES ('New')`)
	none, err := b.Why(b.ctx, 7, "")
	require.NoError(t, err)
	require.Empty(t, none)
	require.NotNil(t, none)
}

// Of a campaign in the recipients' zones the answer names the zone, and by what.
func TestWhyInTheRecipientsZone(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.exec(`UPDATE contacts SET fields = '{"Country": "Japan"}' WHERE id = 1`)
	now := time.Now().In(time.FixedZone("", 9*3600))
	day := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[(int(now.Weekday())+2)%7] // the day after tomorrow in Japan
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: windows(t, day+" 09:00-17:00"), Zone: pace.RecipientZone})
	b.inTurns(pace.AccountRules{Gap: time.Minute})
	why := b.why(1)
	require.Equal(t, "Asia/Tokyo country", why.Zone+" "+why.ZoneBy)
	require.Equal(t, pace.CampaignWindow, why.Reasons[0].Reason)
	opens := time.Date(now.Year(), now.Month(), now.Day()+2, 9, 0, 0, 0, now.Location()).UTC()
	require.Equal(t, opens, *why.Reasons[0].Until)
	require.Equal(t, opens, *why.Latest)
	why = b.why(2)
	require.Equal(t, "UTC campaign", why.Zone+" "+why.ZoneBy)
	require.Equal(t, opens.Add(9*time.Hour), *why.Latest)
}

// Who waits at its email itself is not waiting for the email to be due: its account rests, in its server's words, or is busy.
func TestWhyOfAnEmailThatIsDue(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	b.exec(`UPDATE email_accounts SET resting_until = $1, rest_reason = '452 slow down'`, until)
	b.hold(campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "intro", Visit: 1}, campaign.Finding{Until: until})
	why := b.why(1)
	require.Equal(t, []WhyReason{{Reason: pace.AccountRests, Until: &until, Detail: "452 slow down"}}, why.Reasons)
	require.Equal(t, pace.AccountRests, why.Because)
	require.Nil(t, why.Due, "it has been due since before")
	require.Equal(t, until, *why.Latest)

	b.exec(`UPDATE email_accounts SET resting_until = NULL`)
	why = b.why(1)
	require.Equal(t, []WhyReason{{Reason: Busy, Until: &until}}, why.Reasons)
	require.Nil(t, why.Due)
	require.Empty(t, Sooner(why))
	b.exec(`UPDATE enrollments SET started_at = NULL`)
	require.Contains(t, reasonsOf(b.why(1)), pace.NotDue, "it begins then")
}

// Before a contact that nobody has mailed stand the follow-ups of the sender that takes it, and what that one sends now.
func TestWhyOfAnUnboundContact(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	b.inTurns(pace.AccountRules{Gap: time.Minute}, 1, 2, 3)
	b.exec(`UPDATE account_pace SET next_at = NULL`)
	b.exec(`INSERT INTO email_accounts (address, host, port, tls, status) VALUES ('tom@northwind.example', 'smtp.northwind.example', 587, 'starttls', 'in_error')`)
	b.exec(`UPDATE campaigns SET sender = NULL, senders = ARRAY[$1, 'tom@northwind.example']`, mayas)
	b.exec(`UPDATE enrollments SET sender = $1 WHERE id < 4`, mayas)
	b.exec(`UPDATE line SET account = NULL, unbound = true WHERE enrollment_id = 4`)
	why := b.why(4)
	require.Equal(t, mayas, why.Likely)
	require.Equal(t, []pace.Limit{pace.InLine}, reasonsOf(why))
	require.Equal(t, 3, why.Before)
	b.exec(`DELETE FROM line WHERE enrollment_id < 3`)
	b.exec(`UPDATE enrollments SET status = 'Completed', ended_at = now() WHERE id < 3`)
	b.exec(`UPDATE line SET state = 'claimed' WHERE enrollment_id = 3`)
	require.Equal(t, 1, b.why(4).Before)
}

// Nothing moves who has no workflow any more: no time is promised, and no forecast counts it.
func TestWhyOfAnEndedWorkflow(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.inTurns(pace.AccountRules{Gap: time.Minute})
	b.exec(`UPDATE account_pace SET next_at = NULL`)
	b.ended(1, campaign.EndedTerminated)
	why := b.why(1)
	require.Equal(t, []pace.Limit{NoWorkflow}, reasonsOf(why))
	require.Nil(t, why.Latest)
	require.Equal(t, failure.ReconcileCommand("q4", 1), Sooner(why))
	require.Zero(t, b.why(2).Before)
	forecast := func() [2]int {
		got, err := b.Forecast(b.ctx, "q4")
		require.NoError(t, err)
		return [2]int{got.Senders[0].InLine, got.Senders[0].Coming}
	}
	require.Equal(t, [2]int{2, 0}, forecast())
	b.exec(`DELETE FROM line`)
	b.exec(`UPDATE enrollments SET status = 'Active'`)
	require.Equal(t, [2]int{0, 2}, forecast())
	require.Equal(t, []pace.Limit{NoWorkflow}, reasonsOf(b.why(1)), "it is not being sent")
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = now() + interval '1 hour'`)
	require.Equal(t, [2]int{0, 2}, forecast())
	require.Nil(t, b.why(1).Latest)
}

// Who is paused is counted beside the forecast, and comes when its campaign goes on, which takes a while for many.
func TestWhoIsPaused(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.exec(`UPDATE campaigns SET paused = true`)
	for id := range int64(3) {
		b.park(id+1, failure.CampaignActive("q4"))
	}
	why := b.why(1)
	require.Equal(t, []pace.Limit{pace.CampaignPaused}, reasonsOf(why))
	require.Nil(t, why.Latest)
	forecast, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, 3, forecast.Paused)
	require.Zero(t, forecast.Senders[0].Coming)

	b.exec(`UPDATE campaigns SET paused = false`)
	why = b.why(1)
	require.Equal(t, []pace.Limit{GoesOn}, reasonsOf(why))
	require.Equal(t, "starter background shows how far it is; a worker has to run", Sooner(why))
	require.NotNil(t, why.Latest)
	forecast, err = b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Zero(t, forecast.Paused)
	require.Equal(t, 3, forecast.Senders[0].Coming)
}

// Who looks what comes next, after an edit, keeps its place, and is counted.
func TestWhyAfterAnEdit(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.inTurns(pace.AccountRules{Gap: time.Minute}, 3)
	b.exec(`UPDATE account_pace SET next_at = NULL`)
	b.exec(`UPDATE enrollments SET follows = true`)
	_, err := b.Listing().Apply(b.ctx, "workspace.yaml", []byte(`campaigns:
  - key: q4
    name: Q4
    owner: maya
    sender: maya@northwind.example
    steps:
      - {id: intro, email: {subject: Hi, body: Hello}}
      - {wait: 3d}
      - {id: instead, email: {subject: Once more, body: Hello}}
`), false)
	require.NoError(t, err)
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM line WHERE state = 'held'`))
	why := b.why(3)
	require.Equal(t, []pace.Limit{Looks}, reasonsOf(why))
	require.Equal(t, "instead", why.StepID)
	require.False(t, why.Exact)
	require.NotNil(t, why.Latest)
	require.Equal(t, 1, b.why(1).Before)
	forecast, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, 3, forecast.Senders[0].InLine)
	mails := 0
	for _, day := range forecast.Senders[0].Days {
		mails += day.FirstMails + day.FollowUps
	}
	require.Equal(t, 2+3, mails, "the one who has had the first gets one more")
}

func windows(t *testing.T, text string) []pace.Window {
	t.Helper()
	read, err := pace.ParseWindows(text)
	require.NoError(t, err)
	return read
}

// A forecast counts those in line and those who come, and is the same at two looks.
func TestForecastOfTheLine(t *testing.T) {
	t.Parallel()
	b := setup(t, 9)
	b.inTurns(pace.AccountRules{PerDay: 2}, 9)
	b.spentToday(2)
	midnight := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	b.exec(`DELETE FROM line WHERE enrollment_id = 8`)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1, next_at = $1 WHERE id = 8`, midnight.Add(30*time.Hour))

	for _, of := range []string{"", "q4", mayas, "Maya@Northwind.Example"} {
		got, err := b.Forecast(b.ctx, of)
		require.NoError(t, err, of)
		require.Len(t, got.Senders, 1)
		require.Equal(t, [2]int{8, 1}, [2]int{got.Senders[0].InLine, got.Senders[0].Coming})
		first, followUps := 0, 0
		for i, day := range got.Senders[0].Days {
			require.LessOrEqual(t, day.FirstMails+day.FollowUps, 2)
			first, followUps = first+day.FirstMails, followUps+day.FollowUps
			if i == 0 {
				require.Equal(t, pace.DateOf(midnight), day.Date)
				require.Equal(t, pace.DayLimit, day.Bottleneck)
				require.Equal(t, 2, *day.Limit)
			}
		}
		require.Equal(t, [2]int{7, 9}, [2]int{first, followUps}, "each follow-up once, of those who wait too")
		require.Zero(t, got.Remain)
		again, err := b.Forecast(b.ctx, of)
		require.NoError(t, err)
		again.At, again.Until = got.At, got.Until
		require.Equal(t, got, again)
	}

	// Another campaign of the account counts by what it takes away.
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'q5', 'Q5', owner, sender, steps FROM campaigns`)
	_, err := b.db.Enroll(b.ctx, "q5", []int64{1, 2}, "test", false)
	require.NoError(t, err)
	q5, err := b.Forecast(b.ctx, "q5")
	require.NoError(t, err)
	require.Equal(t, [2]int{0, 2}, [2]int{q5.Senders[0].InLine, q5.Senders[0].Coming})
	sum := 0
	for _, day := range q5.Senders[0].Days {
		sum += day.FirstMails + day.FollowUps
	}
	require.Equal(t, 4, sum)
	q4, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.NotNil(t, q4.LastFirst)
	require.True(t, q5.LastFirst.Before(*q4.LastFirst), "campaigns have turns: two are not behind eight")

	b.exec(`UPDATE campaigns SET paused = true WHERE key = 'q4'`)
	q4, err = b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, 9, q4.Paused)
	require.Nil(t, q4.Latest)
	b.exec(`UPDATE campaigns SET sender = NULL`)
	none, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Empty(t, none.Senders)
	_, err = b.Forecast(b.ctx, "nobody@northwind.example")
	require.ErrorAs(t, err, new(*NotFound))
	_, err = b.Forecast(b.ctx, "no-such")
	require.ErrorAs(t, err, new(*NotFound))
}

// Who has left before the next mail is counted in the likely end, and not in the latest.
func TestForecastWithTheCampaignsOwnRates(t *testing.T) {
	t.Parallel()
	b := setup(t, 60)
	b.inTurns(pace.AccountRules{PerDay: 5})
	b.spentToday(5)
	got, err := b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, got.Likely, got.Latest, "nothing is known of a rate")
	for id := range int64(20) {
		b.exec(`DELETE FROM line WHERE enrollment_id = $1`, id+1)
		b.exec(`UPDATE enrollments SET status = 'Disenrolled', step_id = 'wait-2', step_index = 1, ended_at = now() WHERE id = $1`, id+1)
	}
	got, err = b.Forecast(b.ctx, "q4")
	require.NoError(t, err)
	require.True(t, got.Likely.Before(*got.Latest))
}

func TestMailAt(t *testing.T) {
	t.Parallel()
	steps := []campaign.Step{
		{ID: "a", Kind: campaign.Email}, {ID: "w", Kind: campaign.Wait, Wait: time.Hour}, {ID: "s", Kind: campaign.SMS},
		{ID: "v", Kind: campaign.Wait, Wait: 2 * time.Hour}, {ID: "b", Kind: campaign.Email}, {ID: "t", Kind: campaign.SMS},
		{ID: "x", Kind: campaign.Wait, Wait: time.Hour}, {ID: "y", Kind: campaign.Wait, Wait: 4 * time.Hour}, {ID: "c", Kind: campaign.Email},
	}
	of := &campaign.Campaign{Steps: steps, Known: campaign.PathOf([]campaign.Step{steps[0], {ID: "q", Kind: campaign.Email}, steps[4], {ID: "r", Kind: campaign.Email}})}
	for _, c := range []struct {
		step  string
		index int
		mail  int
		after time.Duration
	}{
		{"a", 0, 0, 0}, {"", 0, 0, 0}, {"r", 0, 2, 5 * time.Hour}, {"q", 9, 1, 2 * time.Hour}, {"w", 1, 1, 2 * time.Hour}, {"s", 2, 1, 2 * time.Hour}, {"v", 3, 1, 0}, {"b", 4, 1, 0}, {"t", 5, 2, 5 * time.Hour},
		{"x", 6, 2, 0}, {"y", 7, 2, 0}, {"c", 8, 2, 0}, {"gone", 2, 1, 2 * time.Hour}, {"gone", 9, -1, 0},
	} {
		mail, after := mailAt(of, c.step, c.index)
		require.Equal(t, c.mail, mail, c.step)
		require.Equal(t, c.after, after, c.step)
	}
}

// A person who is away, and a follow-up that waits for a look at the mailbox, are named.
func TestWhyNamesAnAbsenceAndALook(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.inTurns(pace.AccountRules{PerDay: 100}, 3)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	b.exec(`INSERT INTO contact_holds (contact_id, until, words) VALUES (2, $1, 'back on Monday')`, until)
	why := b.why(2)
	require.Equal(t, pace.Held, why.Reasons[0].Reason)
	require.Equal(t, until, *why.Reasons[0].Until)
	require.Equal(t, "back on Monday", why.Reasons[0].Detail)
	require.False(t, why.Earliest.Before(until), "%s is before %s", why.Earliest, until)
	require.True(t, b.why(1).Latest.Before(until), "nobody waits for the one who is away")

	require.NotContains(t, reasonsOf(b.why(3)), AwaitsLook)
	b.exec(`UPDATE line SET state = 'asleep', not_before = clock_timestamp() + interval '10 minutes', awaits_look = clock_timestamp() WHERE enrollment_id = 3`)
	require.Contains(t, reasonsOf(b.why(3)), AwaitsLook)
	look := func() string { return b.why(3).Reasons[slices.Index(reasonsOf(b.why(3)), AwaitsLook)].Detail }
	require.Equal(t, b.why(3).Account, look(), "the mailbox of its account")
	b.exec(`UPDATE line SET looks_at = 'before@northwind.example' WHERE enrollment_id = 3`)
	require.Equal(t, "before@northwind.example", look(), "that of the sender before, whose mails it would answer")
	b.exec(`UPDATE contact_holds SET until = clock_timestamp() - interval '1 second'`)
	require.NotContains(t, reasonsOf(b.why(2)), pace.Held, "it is over")
}

// A holiday is named that keeps the window closed, and not one before it on which it would not open; for an own day there is
// another way to be sooner.
func TestTheHolidayIsNamed(t *testing.T) {
	t.Parallel()
	brussels, err := time.LoadLocation("Europe/Brussels")
	require.NoError(t, err)
	window := pace.Hours{Zone: brussels, Windows: windows(t, "mon 09:00-17:00"), Holidays: pace.Holidays{Country: "BE"}}
	holiday := func(now time.Time) WhyReason {
		reasons := WhyReasons(now, pace.Facts{Window: window}, nil)
		at := slices.IndexFunc(reasons, func(one WhyReason) bool { return one.Reason == pace.Holiday })
		require.GreaterOrEqual(t, at, 0, "%+v", reasons)
		return reasons[at]
	}
	friday := time.Date(2027, 4, 30, 12, 0, 0, 0, brussels) // Labour Day is a Saturday
	window.Holidays.Add = []pace.Date{{Year: 2027, Month: 5, Day: 3}}
	require.Empty(t, holiday(friday).Detail, "the Monday is an own day")
	require.Contains(t, Sooner(Why{Reasons: []WhyReason{holiday(friday)}}), "out of `add`")
	window.Holidays.Add = nil
	window.Windows = windows(t, "mon,thu 09:00-17:00")
	wednesday := time.Date(2027, 5, 5, 12, 0, 0, 0, brussels) // before Ascension
	require.Contains(t, holiday(wednesday).Detail, "Hemelvaart")
	require.Contains(t, Sooner(Why{Reasons: []WhyReason{holiday(wednesday)}}), "into `remove`")
	require.Contains(t, holiday(wednesday.AddDate(0, 0, 1)).Detail, "Hemelvaart", "on the day itself")
}
