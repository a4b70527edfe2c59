package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// An hour of this test is a second: PostgreSQL's clock goes that much faster, from the
// evening before the 25-hour day of Brussels on. So days end, windows open and turns lapse
// while the test looks on.
const (
	lawSpeed = 3600
	lawHours = 6
	lawMails = 20 // so many at least are judged
)

// lawSlack is how long the gate of an account without a pace may be under way when a window
// is set: it takes no lock, and looks at what had been committed when it began.
const lawSlack = lawSpeed * 200 * time.Millisecond

var lawBegins = time.Date(2026, 10, 24, 21, 0, 0, 0, time.UTC)

// hasten has the database show a clock of its own. The statements of the store name none
// but clock_timestamp(), and look it up in the first schema of their path.
func (b *ledgerBundle) hasten() {
	b.t.Helper()
	name := one[string](b, `SELECT quote_ident(current_database())`)
	b.exec(`CREATE SCHEMA lab`)
	b.exec(fmt.Sprintf(`CREATE FUNCTION lab.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
		$$ SELECT '%s'::timestamptz + (pg_catalog.clock_timestamp() - '%s'::timestamptz) * %d $$`,
		lawBegins.Format(time.RFC3339Nano), one[time.Time](b, `SELECT pg_catalog.clock_timestamp()`).Format(time.RFC3339Nano), lawSpeed))
	b.exec(`ALTER DATABASE ` + name + ` SET search_path = lab, pg_catalog, public`)
	b.pool.Reset()
	require.WithinDuration(b.t, lawBegins, one[time.Time](b, `SELECT clock_timestamp()`), time.Hour)
}

func (b *ledgerBundle) now() (now time.Time, err error) {
	err = b.pool.QueryRow(b.ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, err
}

// lawSender is an account with a campaign of its own, of the same key, and the rules that
// it changes between.
type lawSender struct {
	address  string
	contacts int
	rules    []lawRule
}

// paced is true of a sender that has a pace all the time.
func (s lawSender) paced() bool { return s.rules[0] != (lawRule{window: s.rules[0].window}) }

// lawRule is a pace and a window in the words of this test, which judges by its own reckoning.
type lawRule struct {
	gap, jitter time.Duration
	perDay      int
	zone        string
	// hours are the account's, window the campaign's, in Brussels.
	hours, window daily
}

// daily is from one minute of each day up to another; the zero value is the whole day.
type daily struct{ from, to int }

func hhmm(hour, minute int) int { return 60*hour + minute }

func (d daily) text() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", d.from/60, d.from%60, d.to/60, d.to%60)
}

func (d daily) windows() []pace.Window {
	if d == (daily{}) {
		return nil
	}
	windows, err := pace.ParseWindows(d.text())
	if err != nil {
		panic(err)
	}
	return windows
}

// has is true of an instant at which a clock on the wall of the zone shows a time within.
func (d daily) has(t time.Time) bool {
	minute := hhmm(t.Hour(), t.Minute())
	switch {
	case d.from == d.to:
		return true
	case d.from < d.to:
		return d.from <= minute && minute < d.to
	}
	return minute >= d.from || minute < d.to
}

func lawSenders() []lawSender {
	const brussels = "Europe/Brussels"
	return []lawSender{
		{"gap@northwind.example", 250, []lawRule{{gap: time.Minute, jitter: 30 * time.Second, zone: brussels}}},
		{"day@northwind.example", 150, []lawRule{
			{gap: 40 * time.Second, perDay: 25, zone: brussels},
			{gap: 2 * time.Minute, perDay: 12, zone: "Asia/Kolkata"},
			{gap: 30 * time.Second, perDay: 40, zone: brussels},
			{perDay: 30, zone: "America/St_Johns"},
		}},
		{"hours@northwind.example", 150, []lawRule{
			{gap: 40 * time.Second, zone: brussels, hours: daily{hhmm(23, 10), hhmm(0, 20)}},
			{gap: 3 * time.Minute, zone: brussels, hours: daily{hhmm(1, 15), hhmm(2, 30)}, window: daily{hhmm(1, 0), hhmm(5, 0)}},
			{zone: "Asia/Kolkata", hours: daily{hhmm(3, 0), hhmm(9, 45)}, window: daily{hhmm(0, 30), hhmm(4, 30)}},
		}},
		{"free@northwind.example", 150, []lawRule{
			{window: daily{hhmm(23, 30), hhmm(2, 15)}},
			{window: daily{hhmm(4, 0), hhmm(6, 0)}},
		}},
		// Two that send for nobody but the campaign of several senders.
		{"three@northwind.example", 0, []lawRule{{gap: 50 * time.Second, jitter: 20 * time.Second, zone: brussels}}},
		{"four@northwind.example", 0, []lawRule{
			{gap: 90 * time.Second, perDay: 30, zone: brussels},
			{gap: 30 * time.Second, zone: "Asia/Kolkata"},
		}},
	}
}

func newLaw(t *testing.T) *law {
	t.Helper()
	l := &law{ledgerBundle: setupLedger(t, 0), senders: lawSenders(), edits: map[string][]lawEdit{}, count: map[string]int{}}
	l.hasten()
	first := int64(1)
	for _, sender := range l.senders {
		l.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ($1, 'A', '127.0.0.1', 25, 'none')`, sender.address)
		l.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT $1, $1, owner, $1, steps FROM campaigns WHERE key = 'q4'`, sender.address)
		require.NoError(t, l.edit(sender, sender.rules[0]))
		l.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series($1::bigint, $2) AS i`,
			first, first+int64(sender.contacts)-1)
		ids := make([]int64, sender.contacts)
		for i := range ids {
			ids[i] = first + int64(i)
		}
		first += int64(sender.contacts)
		_, err := l.Enroll(l.ctx, sender.address, ids, "test", false)
		require.NoError(t, err)
	}
	l.fillPool(first)
	require.Equal(t, one[int64](l.ledgerBundle, `SELECT max(id) FROM enrollments`), first+lawPooled-1, "an enrollment has its contact's id")
	return l
}

// edit changes what an account and its campaign allow. The old hours and the new window may
// never meet, so the window is taken away in between.
func (l *law) edit(sender lawSender, rule lawRule) error {
	before := l.ruleOf(sender)
	between := rule
	before.window, between.window = daily{}, daily{}
	return errors.Join(
		l.change(sender, before, l.setWindow),
		l.change(sender, between, l.setPaceTo),
		l.change(sender, rule, l.setWindow))
}

// ruleOf is the rule that was set last; the zero value when there is none yet.
func (l *law) ruleOf(sender lawSender) lawRule {
	l.mu.Lock()
	defer l.mu.Unlock()
	if edits := l.edits[sender.address]; len(edits) > 0 {
		return edits[len(edits)-1].rule
	}
	return lawRule{}
}

func (l *law) change(sender lawSender, rule lawRule, how func(lawSender, lawRule) error) error {
	before, err := l.now()
	if err != nil {
		return err
	}
	if err := how(sender, rule); err != nil {
		return err
	}
	after, err := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.edits[sender.address] = append(l.edits[sender.address], lawEdit{rule, before, after})
	return err
}

func (l *law) setWindow(sender lawSender, rule lawRule) error {
	of, err := l.Campaign(l.ctx, sender.address)
	if err != nil {
		return err
	}
	of.Window = pace.CampaignRules{Windows: rule.window.windows(), Zone: "Europe/Brussels"}
	_, err = l.Apply(l.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of, KeepSender: true}}}, "test", false)
	return err
}

func (l *law) setPaceTo(sender lawSender, rule lawRule) error {
	rules := pace.AccountRules{Gap: rule.gap, Jitter: rule.jitter, PerDay: rule.perDay, Zone: rule.zone, Hours: rule.hours.windows()}
	_, _, err := l.SetPace(l.ctx, sender.address, "test", nil, func(pace.AccountRules) (pace.AccountRules, error) { return rules, nil })
	return err
}

// lawEdit is from when on a rule may have been in force, and from when on it was.
type lawEdit struct {
	rule          lawRule
	before, after time.Time
}
