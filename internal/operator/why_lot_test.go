package operator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/pace"
)

// lot is a world with a clock of its own, PostgreSQL's, which stands still until everything has
// happened that could. Its contacts are mailed by the store as workers and the giver do it.
type lot struct {
	*bundle
	dice  *rand.Rand
	steps map[string][]campaign.Step
	log   []lotMail
	// contacts are those of each campaign, by enrollment.
	contacts map[int64]string
}

// lotMail is a mail that has left.
type lotMail struct {
	enrollment      int64
	account, stepID string
	at              time.Time
}

var lotBegins = time.Date(2026, 11, 6, 7, 30, 0, 0, time.UTC) // a Friday before a holiday of Belgium

func newLot(t *testing.T, seed uint64) *lot {
	t.Helper()
	url := pgtest.NewFrom(t, "migrated", migrate)
	l := &lot{bundle: &bundle{t: t, ctx: context.Background(), env: map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": testKey}}, dice: rand.New(rand.NewPCG(seed, 100)), steps: map[string][]campaign.Step{}, contacts: map[int64]string{}}
	setup, err := pgx.Connect(l.ctx, url)
	require.NoError(t, err)
	for _, sql := range []string{ // the statements of the store name no clock but this, and look it up in the first schema of their path
		`CREATE SCHEMA lab`,
		`CREATE TABLE lab.clock AS SELECT '` + lotBegins.Format(time.RFC3339) + `'::timestamptz AS at`,
		`CREATE FUNCTION lab.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT at FROM lab.clock $$`,
		`CREATE TABLE lab.goose_db_version AS TABLE goose_db_version`, // which goose looks for there as well
		`ALTER TABLE line ALTER since SET DEFAULT lab.clock_timestamp()`,
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = lab, pg_catalog, public', current_database()); END $$`,
	} {
		_, err := setup.Exec(l.ctx, sql)
		require.NoError(t, err, sql)
	}
	require.NoError(t, setup.Close(l.ctx))
	l.Operator = New(Options{LookupEnv: func(name string) (string, bool) { value, ok := l.env[name]; return value, ok }, By: "tess"})
	t.Cleanup(l.Close)
	l.db, err = l.database(l.ctx)
	require.NoError(t, err)
	l.pool, err = pgxpool.New(l.ctx, url)
	require.NoError(t, err)
	t.Cleanup(l.pool.Close)
	require.Equal(t, lotBegins, l.now())
	l.fill()
	return l
}

func (l *lot) now() time.Time { return one[time.Time](l.bundle, `SELECT clock_timestamp()`).UTC() }

// fill makes four campaigns on five accounts: in one zone and in the recipients', with a window and
// without, of one sender and of two, with limits, gaps, a ramp, hours and none of these.
func (l *lot) fill() {
	l.exec(`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`)
	l.exec(`UPDATE calendar SET rules = $1`, pace.Calendar{Zone: "Europe/Brussels", Holidays: pace.Holidays{Country: "BE"}})
	windows := func(text string) []pace.Window {
		parsed, err := pace.ParseWindows(text)
		require.NoError(l.t, err)
		return parsed
	}
	for address, rules := range map[string]pace.AccountRules{
		"gap@northwind.example":   {Gap: 4 * time.Minute, Jitter: 2 * time.Minute, PerDay: 16},
		"ramp@northwind.example":  {Gap: 5 * time.Minute, Jitter: time.Minute, Ramp: pace.Ramp{Start: 6, Add: 5}, Zone: "America/New_York"},
		"hours@northwind.example": {Gap: 6 * time.Minute, PerDay: 18, Hours: windows("mon-sat 08:00-10:30"), Zone: "Europe/Lisbon", Order: pace.FIFO},
		"quick@northwind.example": {Gap: 90 * time.Second, Jitter: 30 * time.Second},
		"free@northwind.example":  {},
	} {
		l.exec(`INSERT INTO email_accounts (address, host, port, tls, pace) VALUES ($1, 'smtp.northwind.example', 587, 'starttls', $2)`, address, rules)
	}
	email := func(id string) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.Email, Subject: "Hi", Body: "Hello"}
	}
	wait := func(id string, length string) campaign.Step {
		parsed, err := pace.ParseWait(length)
		require.NoError(l.t, err)
		return campaign.Step{ID: id, Kind: campaign.Wait, Wait: parsed.Roughly(), Days: parsed.Days, SendingDays: parsed.SendingDays}
	}
	for _, of := range []struct {
		key      string
		senders  []string
		window   pace.CampaignRules
		steps    []campaign.Step
		contacts int
	}{
		{"office", []string{"gap@northwind.example"}, pace.CampaignRules{Windows: windows("mon-fri 09:00-11:00")}, []campaign.Step{email("a"), wait("w", "1d"), email("b"), wait("v", "2bd"), email("c")}, 34},
		{"abroad", []string{"ramp@northwind.example", "quick@northwind.example"}, pace.CampaignRules{Windows: windows("mon-fri 09:00-10:30"), Zone: pace.RecipientZone}, []campaign.Step{email("a"), wait("w", "1d"), email("b")}, 36},
		{"hours", []string{"hours@northwind.example"}, pace.CampaignRules{}, []campaign.Step{email("a"), wait("w", "20h"), email("b")}, 30},
		{"free", []string{"free@northwind.example"}, pace.CampaignRules{Windows: windows("mon-fri 10:00-10:30"), Zone: pace.RecipientZone}, []campaign.Step{email("a"), wait("w", "1bd"), email("b")}, 18},
		{"both", []string{"gap@northwind.example"}, pace.CampaignRules{Windows: windows("mon-sat 09:30-11:00"), IgnoreHolidays: true}, []campaign.Step{email("a"), wait("w", "90m"), email("b")}, 10},
	} {
		sender, senders := of.senders[0], []string{}
		if len(of.senders) > 1 {
			sender, senders = "", of.senders
		}
		l.exec(`INSERT INTO campaigns (key, name, owner, sender, senders, steps, send_window) VALUES ($1, $1, 'maya', nullif($2, ''), $3, $4, $5)`, of.key, sender, senders, of.steps, of.window)
		l.steps[of.key] = of.steps
		ids := collect[int64](l.bundle, `
			INSERT INTO contacts (first_name, email, fields) SELECT 'C', $1 || i || '@contoso.example', jsonb_build_object('Country', (ARRAY['Belgium', 'France', 'Ireland', 'Greece', 'Japan', 'India', 'Poland'])[1 + (hashint4(i) & 1023) % 7])
			  FROM generate_series(1, $2::int) AS i RETURNING id`, of.key, of.contacts)
		_, err := l.db.Enroll(l.ctx, of.key, ids, "test", false)
		require.NoError(l.t, err)
	}
	l.exec(`UPDATE enrollments SET started_at = clock_timestamp()`)
	l.exec(`UPDATE outbox SET done_at = now()`)
	// Some are away, for hours or days; one account rests; and as many as this have left so far.
	l.exec(`INSERT INTO contact_holds (contact_id, until, words) SELECT contact_id, $1::timestamptz + (1 + id % 5) * interval '9 hours', 'back soon' FROM enrollments WHERE id % 11 = 0`, lotBegins)
	l.exec(`UPDATE email_accounts SET resting_until = $1, rest_reason = '452 slow down' WHERE address = 'gap@northwind.example'`, lotBegins.Add(50*time.Minute))
	l.exec(`INSERT INTO tally_step (campaign, step_id, what, day, n) SELECT key, 'b', what, now(), n FROM (VALUES ('office', 'sent', 60), ('office', 'Disenrolled', 20), ('abroad', 'sent', 30), ('abroad', 'Disenrolled', 5)) AS past (key, what, n)`)
	for _, id := range collect[int64](l.bundle, `SELECT id FROM enrollments ORDER BY id`) {
		l.contacts[id] = one[string](l.bundle, `SELECT campaign FROM enrollments WHERE id = $1`, id)
	}
}

// try does the next step of an enrollment, in the order of activities.deliver.
func (l *lot) try(id int64) {
	l.t.Helper()
	attempt := campaign.Attempt{EnrollmentID: id, CampaignKey: l.contacts[id], Visit: 1}
	var due *time.Time
	require.NoError(l.t, l.pool.QueryRow(l.ctx, `SELECT contact_id, step_id, step_index, next_at FROM enrollments WHERE id = $1`, id).
		Scan(&attempt.ContactID, &attempt.StepID, &attempt.StepIndex, &due))
	steps := l.steps[attempt.CampaignKey]
	if steps[attempt.StepIndex].Kind == campaign.Wait {
		attempt.StepIndex++
		attempt.StepID = steps[attempt.StepIndex].ID
	}
	if due == nil && attempt.StepIndex > 0 { // it has stood in line since
		due = ptr(one[time.Time](l.bundle, `SELECT since FROM line WHERE enrollment_id = $1`, id))
	}
	if due != nil {
		attempt.Due = *due
	}
	attempt.Next = campaign.NextAfter(campaign.Plans(steps), attempt.StepIndex)
	check := func(facts campaign.Facts) campaign.Finding {
		return campaign.CheckEmail(facts, func() error { return nil })
	}
	for range 3 {
		facts, err := l.db.Facts(l.ctx, attempt)
		require.NoError(l.t, err)
		attempt.Seen, attempt.Next = facts.Status, facts.After(attempt)
		if !check(facts).Clear() {
			held, err := l.db.Hold(l.ctx, attempt, check)
			require.NoError(l.t, err)
			require.True(l.t, held.InLine, "nothing but the line holds anybody here: %+v", held)
			return
		}
		delivery, err := l.db.Claim(l.ctx, attempt, campaign.Draft{
			Kind: campaign.Email, Account: facts.Account.Address, AccountEpoch: facts.Account.Epoch, Seen: facts.Status, Timed: facts.Timed(), Due: attempt.Due,
			Recipient: facts.Contact.Email, MessageID: fmt.Sprint(id, attempt.StepID), Date: facts.Now, Boundary: "b",
		})
		if errors.Is(err, campaign.ErrNoTurn) {
			continue // it looks again
		}
		require.NoError(l.t, err)
		require.NoError(l.t, l.db.Gate(l.ctx, delivery))
		require.NoError(l.t, l.db.MarkSent(l.ctx, attempt, delivery, "250 ok"))
		l.log = append(l.log, lotMail{id, delivery.Account, attempt.StepID, l.now()})
		return
	}
	l.t.Fatalf("enrollment %d neither sends nor waits", id)
}

// happen does all that happens at this moment: timers end, and turns are given.
func (l *lot) happen() {
	l.t.Helper()
	for {
		due := collect[int64](l.bundle, `SELECT id FROM enrollments WHERE status = 'Waiting' AND next_at <= clock_timestamp() ORDER BY next_at, id`)
		for _, id := range due {
			l.try(id)
		}
		_, err := l.db.TendLine(l.ctx)
		require.NoError(l.t, err)
		again, _, err := l.db.GiveTurns(l.ctx, 100)
		require.NoError(l.t, err)
		turns, err := l.db.TurnsToSignal(l.ctx, 500)
		require.NoError(l.t, err)
		require.NoError(l.t, l.db.TurnsSignalled(l.ctx, turns, nil))
		for _, turn := range turns {
			l.try(turn.EnrollmentID)
		}
		if again > 0 && len(turns) == 0 && len(due) == 0 {
			return
		}
	}
}

// next is when something may happen next; false when nothing does any more. Who is to be looked at
// every minute is looked at when its gap is over, and every quarter of an hour, at which all hours begin.
func (l *lot) next() (time.Time, bool) {
	at := one[*time.Time](l.bundle, `
		SELECT min(at) FROM (
			SELECT min(next_at) AS at FROM enrollments WHERE status = 'Waiting'
			UNION ALL SELECT min(not_before) FROM line WHERE state = 'asleep'
			UNION ALL SELECT min(CASE WHEN look_at < clock_timestamp() + interval '1 min' THEN look_at
			                          ELSE least(CASE WHEN next_at > clock_timestamp() THEN next_at END, date_bin('15 min', look_at, 'epoch') + interval '15 min') END)
			  FROM account_pace WHERE look_at > clock_timestamp() AND EXISTS (SELECT FROM line WHERE state = 'waiting' AND (account = address OR account IS NULL))) AS soon`)
	return *orZero(at), at != nil
}

func orZero(t *time.Time) *time.Time {
	if t == nil {
		return &time.Time{}
	}
	return t
}

// runUntil lets time pass; false when nothing more happens before.
func (l *lot) runUntil(end time.Time) bool {
	for {
		l.happen()
		at, more := l.next()
		if !more {
			return false
		}
		if at.After(end) {
			l.exec(`UPDATE lab.clock SET at = greatest(at, $1)`, end)
			l.happen()
			return true
		}
		l.exec(`UPDATE lab.clock SET at = $1`, at)
	}
}

// said is what one contact was shown.
type said struct {
	Why
	enrollment int64
	at         time.Time
	// mails is how many had left.
	mails int
}

// ask asks about contacts by lot who still wait for a mail.
func (l *lot) ask(count int) (asked []said) {
	waiting := collect[int64](l.bundle, `SELECT id FROM enrollments WHERE status IN ('Waiting', 'Active') ORDER BY id`)
	l.dice.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	for _, id := range waiting[:min(count, len(waiting))] {
		contact := one[int64](l.bundle, `SELECT contact_id FROM enrollments WHERE id = $1`, id)
		all, err := l.Why(l.ctx, contact, l.contacts[id])
		require.NoError(l.t, err)
		require.Len(l.t, all, 1)
		again, err := l.Why(l.ctx, contact, l.contacts[id])
		require.NoError(l.t, err)
		require.Equal(l.t, all, again, "two looks without a change between them")
		asked = append(asked, said{all[0], id, l.now(), len(l.log)})
	}
	return asked
}

// between counts the mails that have left from an account between two instants.
func (l *lot) between(account string, a, b time.Time) (count int) {
	if b.Before(a) {
		a, b = b, a
	}
	for _, mail := range l.log {
		if mail.account == account && mail.at.After(a) && mail.at.Before(b) {
			count++
		}
	}
	return count
}

// What `why` says of a hundred contacts by lot is what happens: to a microsecond, but for one mail
// that is due as a window opens and may leave before those who wake up then; and but for
// campaigns in the recipients' zones, as nobody knows yet in which their follow-ups come. The
// place in the line, and until when each reason lasts, are true as well. Another lot:
//
//	RELANCE_WHY_SEED=7 go test ./internal/operator -run ByLot
func TestWhyOfAHundredByLot(t *testing.T) {
	t.Parallel()
	seed := uint64(20_261_130)
	if text := os.Getenv("RELANCE_WHY_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	l := newLot(t, seed)
	first := collect[int64](l.bundle, `SELECT id FROM enrollments ORDER BY id`)
	l.dice.Shuffle(len(first), func(i, j int) { first[i], first[j] = first[j], first[i] })
	for _, id := range first {
		l.try(id)
	}
	asked := l.ask(25)
	for _, at := range []time.Duration{2 * time.Hour, 3*24*time.Hour + 90*time.Minute, 4*24*time.Hour + 20*time.Hour, 5*24*time.Hour + 100*time.Minute} {
		require.True(t, l.runUntil(lotBegins.Add(at)))
		asked = append(asked, l.ask(25)...)
	}
	require.False(t, l.runUntil(lotBegins.AddDate(0, 2, 0)), "all have had all mails")
	require.GreaterOrEqual(t, len(asked), 100)
	reasons, exact, toTheSecond, ranges := map[pace.Limit]int{}, 0, 0, 0
	for _, one := range asked {
		at := slices.IndexFunc(l.log, func(mail lotMail) bool { return mail.enrollment == one.enrollment && mail.stepID == one.StepID })
		require.GreaterOrEqual(t, at, 0, "%+v", one)
		mail := l.log[at]
		text := fmt.Sprintf("seed %d, campaign %s, asked at %s: %+v\nsaid %v to %v, and it left at %s from %s", seed, one.Campaign, one.at, one.Why, one.Earliest, one.Latest, mail.at, mail.account)
		require.NotNil(t, one.Latest, text)
		for _, reason := range one.Reasons {
			reasons[reason.Reason]++
			if reason.Until != nil && reason.Reason != pace.InLine {
				require.False(t, mail.at.Before(*reason.Until), "%s lasted until %s\n%s", reason.Reason, reason.Until, text)
			}
		}
		require.False(t, one.Earliest.After(*one.Latest), text)
		if one.Earliest.Before(*one.Latest) {
			ranges++
		}
		off, most := l.between(mail.account, *one.Latest, mail.at), 1
		if one.Campaign == "abroad" {
			most = 15
		}
		require.LessOrEqual(t, off, most, "so many mails left between what was said and what was\n%s", text)
		if late := mail.at.Sub(*one.Latest).Abs(); late < time.Second {
			toTheSecond++
		} else if one.Campaign == "free" {
			require.Fail(t, "nothing but its window holds it", text)
		}
		if one.Exact {
			exact++
			if one.Campaign == "hours" { // those before it leave before it: no window of theirs opens later
				before := 0
				for _, other := range l.log[one.mails:at] {
					if other.account == mail.account {
						before++
					}
				}
				require.LessOrEqual(t, one.Before, before, text)
			}
		}
	}
	t.Logf("%d looks, %d at contacts with a place, %d right to the second, %d with a range; reasons %v; %d mails", len(asked), exact, toTheSecond, ranges, reasons, len(l.log))
	require.Greater(t, toTheSecond, len(asked)*8/10)
	require.Greater(t, exact, 30)
	require.Greater(t, ranges, 5)
	for _, reason := range []pace.Limit{pace.CampaignWindow, pace.Held, pace.NotDue, pace.InLine} {
		require.Positive(t, reasons[reason], reason)
	}
}
