package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

func windowsOf(t testing.TB, text string) []pace.Window {
	t.Helper()
	windows, err := pace.ParseWindows(text)
	require.NoError(t, err)
	return windows
}

var brusselsPace = pace.AccountRules{Gap: 90 * time.Second, PerDay: 400, Zone: "Europe/Brussels"}

// What a file says of times is written, said in words, and gone when the file says it no more.
func TestApplyTimes(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	w := b.workspace()
	w.EmailAccounts[0].Pace = brusselsPace
	w.Campaigns[0].Window = pace.CampaignRules{Windows: windowsOf(t, "mon-fri 09:00-19:10"), Zone: "Europe/Brussels"}
	w.Timezone, w.Holidays = "Europe/Paris", &pace.Holidays{Country: "FR"}
	items := b.apply(w)
	require.Equal(t, []Edit{{Field: "pace", To: "90s gap, 400 a day, Europe/Brussels"}}, items["email account"].Edits)
	require.Equal(t, []Edit{{Field: "window", To: "mon-fri 09:00-19:10, Europe/Brussels"}}, items["campaign"].Edits)
	require.Empty(t, items["campaign"].Notes, "there is time for all")
	require.Equal(t, []Edit{{Field: "timezone", To: "Europe/Paris"}, {Field: "holidays", To: "FR"}}, items["calendar"].Edits)
	require.Equal(t, "Europe/Paris", items["calendar"].Key)
	for kind, item := range b.apply(w) {
		require.Equal(t, "unchanged", item.Action, kind)
	}
	calendar, err := b.Calendar(b.ctx)
	require.NoError(t, err)
	require.Equal(t, pace.Calendar{Zone: "Europe/Paris", Holidays: pace.Holidays{Country: "FR"}}, calendar)
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, brusselsPace, account.Pace)
	of, err := b.Campaign(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, w.Campaigns[0].Window, of.Window)
	require.Equal(t, "calendar", one[string](b, `SELECT thing FROM activity WHERE fields = '{timezone,holidays}' AND by = 'test'`))

	w.EmailAccounts[0].Pace = pace.AccountRules{Gap: time.Minute, PerDay: 400}
	w.Timezone, w.Holidays = "", &pace.Holidays{}
	items = b.apply(w)
	require.Equal(t, []Edit{{Field: "pace", From: "90s gap, 400 a day, Europe/Brussels", To: "60s gap, 400 a day"}}, items["email account"].Edits)
	require.Equal(t, []Edit{{Field: "holidays", From: "FR"}}, items["calendar"].Edits, "a zone that the file does not give is left alone")

	w.EmailAccounts[0].Pace, w.Campaigns[0].Window, w.Holidays = pace.AccountRules{}, pace.CampaignRules{}, nil
	items = b.apply(w)
	require.Equal(t, []Edit{{Field: "pace", From: "60s gap, 400 a day"}}, items["email account"].Edits)
	require.Equal(t, []Edit{{Field: "window", From: "mon-fri 09:00-19:10, Europe/Brussels"}}, items["campaign"].Edits)
	require.NotContains(t, items, "calendar")
	require.Equal(t, "{}", one[string](b, `SELECT pace::text || '' FROM email_accounts`))
	require.EqualValues(t, 1, one[int64](b, `SELECT epoch FROM email_accounts`), "a pace is no setting of the login")

	_, err = b.ConnectAccount(b.ctx, mayasAccount("other"), "test")
	require.NoError(t, err)
	_, _, err = b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return brusselsPace, nil })
	require.NoError(t, err)
	_, err = b.ConnectAccount(b.ctx, mayasAccount("third"), "test")
	require.NoError(t, err)
	account, err = b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, brusselsPace, account.Pace, "who logs in again keeps the pace")
}

// sentAt puts an email of maya's into the ledger.
func (b *ledgerBundle) sentAt(at time.Time, state campaign.DeliveryState) {
	b.t.Helper()
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, wire_at)
		SELECT 1, 'intro', coalesce(max(visit), 0) + 1, 'email', $2, $3, 'x', $1, $1, $1 FROM deliveries`, at, state, maya)
}

func (b *ledgerBundle) spent() (day string, count, sendingDay int) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.ctx, `SELECT coalesce(day::text, ''), count, sending_day FROM account_pace WHERE address = $1`, maya).Scan(&day, &count, &sendingDay))
	return day, count, sendingDay
}

func (b *ledgerBundle) setPace(rules pace.AccountRules) Change {
	b.t.Helper()
	change, _, err := b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
	require.NoError(b.t, err)
	return change
}

// A change of zone counts the day anew, from the ledger: at noon it gives no second budget.
func TestAChangeOfZoneGivesNoSecondBudget(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	now := one[time.Time](b, `SELECT clock_timestamp()`)
	var sent []time.Time
	for i := range 120 {
		at := now.Add(-time.Duration(i) * 37 * time.Minute)
		sent = append(sent, at)
		b.sentAt(at, []campaign.DeliveryState{campaign.Sent, campaign.OnWire, campaign.Uncertain}[i%3])
		b.sentAt(at, campaign.Failed)
		b.sentAt(at, campaign.Reserved)
	}
	for i := range 7 { // those of a test count too
		at := now.Add(-time.Duration(i) * 5 * time.Hour)
		sent = append(sent, at)
		b.exec(`INSERT INTO test_sends (account, sent_at, by) VALUES ($1, $2, 'test')`, maya, at)
	}
	b.exec(`INSERT INTO test_sends (account, by) VALUES ('tom@northwind.example', 'test')`)
	for _, zone := range []string{"Europe/Brussels", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue", "Australia/Eucla", "America/St_Johns", "UTC"} {
		rules := pace.AccountRules{PerDay: 400, Ramp: pace.Ramp{Start: 20, Add: 10}, Zone: zone}
		b.setPace(rules)
		location, err := pace.Zone(zone)
		require.NoError(t, err)
		days := map[string]int{}
		for _, at := range sent {
			days[at.In(location).Format(time.DateOnly)]++
		}
		today := now.In(location).Format(time.DateOnly)
		day, count, sendingDay := b.spent()
		require.Equal(t, today, day, zone)
		require.Equal(t, days[today], count, zone)
		require.Equal(t, len(days)-1, sendingDay, zone)
	}
	// Without a ramp nobody asks how many days there were, and the ledger is not read for it.
	b.setPace(brusselsPace)
	_, _, sendingDay := b.spent()
	require.LessOrEqual(t, sendingDay, 1)

	// The zone of the workspace counts for an account that has none of its own.
	b.setPace(pace.AccountRules{PerDay: 400})
	w := b.workspace()
	w.EmailAccounts[0].Pace = pace.AccountRules{PerDay: 400}
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Niue"} {
		w.Timezone = zone
		b.apply(w)
		location, _ := pace.Zone(zone)
		today, want := now.In(location).Format(time.DateOnly), 0
		for _, at := range sent {
			if at.In(location).Format(time.DateOnly) == today {
				want++
			}
		}
		day, count, _ := b.spent()
		require.Equal(t, today, day, zone)
		require.Equal(t, want, count, zone)
	}
}

// A shorter gap is waited for from now on, a longer one from the last mail on.
func TestAChangedGapCountsAtOnce(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	now := one[time.Time](b, `SELECT clock_timestamp()`)
	last := now.Add(-10 * time.Second)
	b.sentAt(now.Add(-time.Hour), campaign.Sent)
	b.sentAt(last, campaign.Sent)
	next := func() time.Time { return one[time.Time](b, `SELECT next_at FROM account_pace`) }
	b.setPace(pace.AccountRules{Gap: time.Hour})
	require.WithinDuration(t, last.Add(time.Hour), next(), time.Millisecond, "the row is made with what the ledger says")
	b.setPace(pace.AccountRules{Gap: time.Minute})
	require.WithinDuration(t, now.Add(time.Minute), next(), 10*time.Second, "nobody waits for the hour")
	require.False(t, next().Before(now.Add(time.Minute)))
	b.setPace(pace.AccountRules{Gap: 2 * time.Hour})
	require.WithinDuration(t, last.Add(2*time.Hour), next(), time.Millisecond)
	b.setPace(pace.AccountRules{PerDay: 5})
	require.False(t, next().After(one[time.Time](b, `SELECT clock_timestamp()`)), "there is no gap any more")
}

// inLine puts an enrollment into maya's line.
func (b *ledgerBundle) inLine(id int64, band int, state string) {
	b.t.Helper()
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, not_before)
		VALUES ($1, 'intro', 'q4', $2, $3, $4, CASE WHEN $4 = 'asleep' THEN now() + interval '1 day' END)`, id, maya, band, state)
}

// The giver looks again at the accounts that a change concerns, and at no other.
func TestAChangeReachesThoseInLine(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) (*ledgerBundle, Workspace) {
		t.Helper()
		b := setupLedger(t, 3)
		w := b.workspace()
		w.EmailAccounts[0].SMTP.Password, w.EmailAccounts[0].Pace = "secret", brusselsPace
		b.apply(w)
		b.inLine(1, 2, "asleep")
		b.inLine(2, 1, "waiting")
		b.inLine(3, 2, "held")
		b.exec(`INSERT INTO account_pace (address) VALUES ('tom@northwind.example')`)
		b.exec(`UPDATE account_pace SET look_at = now() + interval '1 hour'`)
		return b, w
	}
	state := func(b *ledgerBundle) string {
		return one[string](b, `SELECT string_agg(enrollment_id || ' ' || state || ' ' || band, ', ' ORDER BY enrollment_id) FROM line`)
	}
	looked := func(b *ledgerBundle) string {
		return one[string](b, `SELECT coalesce(string_agg(split_part(address, '@', 1), ' ' ORDER BY address), '') FROM account_pace WHERE look_at IS NULL`)
	}
	for name, c := range map[string]struct {
		change       func(b *ledgerBundle, w *Workspace)
		line, looked string
	}{
		"nothing": {func(_ *ledgerBundle, _ *Workspace) {}, "1 asleep 2, 2 waiting 1, 3 held 2", ""},
		"another limit": {func(_ *ledgerBundle, w *Workspace) { w.EmailAccounts[0].Pace.PerDay = 500 },
			"1 asleep 2, 2 waiting 1, 3 held 2", "maya"},
		"another window": {func(_ *ledgerBundle, w *Workspace) {
			w.Campaigns[0].Window.Windows = []pace.Window{{Days: pace.EveryDay, To: pace.EndOfDay}}
		}, "1 waiting 2, 2 waiting 1, 3 held 2", "maya"},
		"other holidays": {func(_ *ledgerBundle, w *Workspace) { w.Holidays = &pace.Holidays{Country: "BE"} },
			"1 waiting 2, 2 waiting 1, 3 held 2", "maya tom"},
		"another sender": {func(b *ledgerBundle, w *Workspace) {
			b.exec(`INSERT INTO email_accounts (address, name, host, port, tls, pace) VALUES ('zoe@northwind.example', 'Zoe', '127.0.0.1', 25, 'none', '{"order": "fifo"}')`)
			w.Campaigns[0].Sender = "zoe@northwind.example"
		}, "1 waiting 1, 2 waiting 1, 3 held 2", "maya zoe"},
		"first come, first served": {func(_ *ledgerBundle, w *Workspace) { w.EmailAccounts[0].Pace.Order = pace.FIFO },
			"1 asleep 1, 2 waiting 1, 3 held 1", "maya"},
		"follow-ups first": {func(b *ledgerBundle, w *Workspace) {
			w.EmailAccounts[0].Pace.Order = pace.FIFO
			b.apply(*w)
			b.sentAt(time.Now(), campaign.Sent)
			b.exec(`UPDATE account_pace SET look_at = now() + interval '1 hour'`)
			w.EmailAccounts[0].Pace.Order = pace.FollowUpsFirst
		}, "1 asleep 1, 2 waiting 2, 3 held 2", "maya"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, w := setup(t)
			c.change(b, &w)
			b.apply(w)
			require.Equal(t, c.line, state(b))
			require.Equal(t, c.looked, looked(b))
		})
	}
}

// Who decides about a message holds the account's row: a change of its pace waits for that.
func TestAChangeOfPaceWaitsForTheClaim(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.setPace(brusselsPace)
	claim, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = claim.Exec(b.ctx, `SELECT FROM account_pace WHERE address = $1 FOR UPDATE`, maya)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, _, err := b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return pace.AccountRules{PerDay: 1}, nil })
		done <- err
	}()
	require.Eventually(t, func() bool {
		return one[bool](b, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%account_pace%')`)
	}, waitFor, tick)
	_, err = claim.Exec(b.ctx, `UPDATE account_pace SET count = 7 WHERE address = $1`, maya)
	require.NoError(t, err)
	require.NoError(t, claim.Commit(b.ctx))
	require.NoError(t, <-done)
	_, count, _ := b.spent()
	require.Zero(t, count, "it is counted after the claim, from the ledger")
}

func TestWhatCanNeverBeSentIsRefused(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	w := b.workspace()
	w.EmailAccounts[0].SMTP.Password = "secret"
	b.apply(w)
	refused := func(want string) {
		t.Helper()
		for _, dry := range []bool{true, false} {
			_, err := b.Apply(b.ctx, w, "test", dry)
			require.ErrorIs(t, err, ErrRefused)
			require.EqualError(t, err, want)
		}
		require.Equal(t, "{} {}", one[string](b, `SELECT pace::text || ' ' || send_window::text FROM email_accounts, campaigns`), "nothing is half applied")
	}
	w.EmailAccounts[0].Pace = pace.AccountRules{Hours: windowsOf(t, "09:00-17:00"), Zone: "Europe/Brussels"}
	w.Campaigns[0].Window = pace.CampaignRules{Windows: windowsOf(t, "mon-fri 09:00-16:00"), Zone: "Asia/Tokyo"}
	refused("campaign q4: its window (mon-fri 09:00-16:00, Asia/Tokyo) and the hours of its sender maya@northwind.example (09:00-17:00, Europe/Brussels) never meet: " +
		"3 contacts could never be sent anything; change the window, the hours or a zone")
	w.Campaigns[0].Key = "new"
	refused("campaign new: its window (mon-fri 09:00-16:00, Asia/Tokyo) and the hours of its sender maya@northwind.example (09:00-17:00, Europe/Brussels) never meet: " +
		"nobody could ever be sent anything; change the window, the hours or a zone")
	w.Campaigns[0].Key = "q4"

	w.EmailAccounts[0].Pace = pace.AccountRules{}
	w.Holidays = &pace.Holidays{}
	for day := range pace.Horizon + 10 {
		w.Holidays.Add = append(w.Holidays.Add, pace.DateOf(time.Now()).Add(day-5))
	}
	_, err := b.Apply(b.ctx, w, "test", true)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "campaign q4: its window (mon-fri 09:00-16:00, Asia/Tokyo) has no day left within a year that is no holiday")
	require.ErrorContains(t, err, "3 contacts could never be sent anything")
	w.Campaigns[0].Window.IgnoreHolidays = true
	b.apply(w)

	// The same by a change of the account alone.
	_, _, err = b.SetPace(b.ctx, maya, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) {
		return pace.AccountRules{Hours: windowsOf(t, "09:00-17:00"), Zone: "Europe/Brussels"}, nil
	})
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "3 contacts could never be sent anything")
	// What only a recipient shows is let through.
	w.Campaigns[0].Window.Zone = pace.RecipientZone
	w.EmailAccounts[0].Pace = pace.AccountRules{Hours: windowsOf(t, "09:00-17:00"), Zone: "Europe/Brussels"}
	b.apply(w)
}

func TestApplySaysWhenTheTimeDecides(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	w := b.workspace()
	w.EmailAccounts[0].Pace = brusselsPace
	w.Campaigns[0].Window = pace.CampaignRules{Windows: windowsOf(t, "mon-fri 09:00-17:00")}
	require.Equal(t, []string{"the window, not the limit of 400, decides: 320 a day"}, b.apply(w)["campaign"].Notes)
	w.Campaigns = nil
	w.EmailAccounts[0].Pace.Hours = windowsOf(t, "12:00-14:00")
	require.Equal(t, []string{"campaign q4: the account's hours, not the limit of 400, decide: 80 a day"}, b.apply(w)["email account"].Notes)
	_, notes, err := b.SetPace(b.ctx, maya, "test", nil, func(before pace.AccountRules) (pace.AccountRules, error) {
		before.PerDay = 90
		return before, nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"campaign q4: the account's hours, not the limit of 90, decide: 80 a day"}, notes)
}

func TestSetPaceRefusesWhatWasNotSeen(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	keep := func(rules pace.AccountRules) (pace.AccountRules, error) { return rules, nil }
	require.Empty(t, b.setPace(pace.AccountRules{}).Edits, "it was so already")
	require.Equal(t, 0, one[int](b, `SELECT count(*)::int FROM account_pace`))
	require.Equal(t, []Edit{{Field: "pace", To: brusselsPace.String()}}, b.setPace(brusselsPace).Edits)
	require.Equal(t, "pace", one[string](b, `SELECT fields[1] FROM activity WHERE by = 'test' AND thing = 'email_account' AND subject = $1 ORDER BY id DESC LIMIT 1`, maya))
	var stale *Stale
	_, _, err := b.SetPace(b.ctx, maya, "tom", ptr(""), keep)
	require.ErrorAs(t, err, &stale)
	require.Equal(t, "test", stale.By)
	_, _, err = b.SetPace(b.ctx, strings.ToUpper(maya), "tom", ptr(brusselsPace.String()), keep)
	require.NoError(t, err)
	_, _, err = b.SetPace(b.ctx, "nobody@northwind.example", "tom", nil, keep)
	require.ErrorIs(t, err, ErrNotFound)
	_, _, err = b.SetPace(b.ctx, maya, "tom", nil, func(pace.AccountRules) (pace.AccountRules, error) {
		return pace.AccountRules{}, fmt.Errorf("no: %w", ErrRefused)
	})
	require.ErrorIs(t, err, ErrRefused)
}

// rebuildSpent by itself, on a row that somebody else makes.
func TestRebuildSpent(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.sentAt(time.Now(), campaign.Sent)
	account, err := brusselsPace.Account(pace.Calendar{})
	require.NoError(t, err)
	require.NoError(t, b.inTx(context.Background(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.ctx, `INSERT INTO account_pace (address) VALUES ($1)`, maya); err != nil {
			return err
		}
		spent, err := rebuildSpent(b.ctx, tx, maya, account)
		require.Equal(t, 1, spent.Count)
		require.WithinDuration(t, time.Now().Add(90*time.Second), spent.Next, 10*time.Second)
		return err
	}))
	_, count, _ := b.spent()
	require.Equal(t, 1, count)
}
