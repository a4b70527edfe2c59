package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// LineState is what a contact in a line does there; see the states of the table.
type LineState string

// The states in which a contact waits for a turn or has it. A place that is held is nobody's
// who waits.
const (
	InLineWaiting LineState = "waiting"
	InLineAsleep  LineState = "asleep"
	InLineGranted LineState = "granted"
	InLineClaimed LineState = "claimed"
	InLineStuck   LineState = "stuck"
)

// LineCount is how many contacts of a campaign are in a state in the line of an account; or
// in the campaign's own, of which any of its senders takes the first: then Unbound is true
// and Account empty.
type LineCount struct {
	Account, Campaign string
	Unbound           bool
	State             LineState
	Contacts          int
}

// LineCounts counts those who are in line, by account, campaign and state.
func (s *Store) LineCounts(ctx context.Context) ([]LineCount, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(account, '') AS account, campaign, account IS NULL AS unbound, state, count(*)::int AS contacts
		  FROM line WHERE state <> 'held' GROUP BY 1, 2, 3, 4 ORDER BY account, unbound, campaign, state`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[LineCount])
}

// LineHead is an account that is connected and for which contacts wait, with the first of
// them whose campaign is not paused.
type LineHead struct {
	Account pace.Account
	Window  pace.Hours
	Spent   pace.Spent
	Address string
	// Unbound is true when the first stands in the line of Campaign, of which any sender takes the first.
	Unbound  bool
	Campaign string
	Now      time.Time
	// Since is when the first may have been due at the earliest: since then it waits, the
	// account does not rest, and nobody has been given a turn.
	Since time.Time
	// Due is the same without the turns that were given: one that is tried again and again does not move it.
	Due time.Time
}

// LineHeads reads the head of each line. It costs by accounts, not by who is in line.
func (s *Store) LineHeads(ctx context.Context) ([]LineHead, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.address, `+spentColumns+`, clock_timestamp() AS now, a.pace, cal.rules AS calendar, l.account IS NULL AS unbound, l.campaign, l.zone, c.send_window,
		       greatest(l.since, a.resting_until, p.next_at) AS due,
		       greatest(l.since, a.resting_until, p.next_at,
		                (SELECT max(granted_at) FROM line o WHERE o.account = p.address AND o.state IN ('granted', 'claimed'))) AS since
		  FROM account_pace p
		 CROSS JOIN LATERAL `+firstSQL+`
		  JOIN campaigns c ON c.key = l.campaign AND NOT c.paused
		  JOIN email_accounts a ON a.address = p.address AND a.status = 'connected'
		 CROSS JOIN calendar cal
		 ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	read, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		spentRow
		Address    string
		Due        time.Time
		Now, Since time.Time
		Pace       *pace.AccountRules
		Calendar   pace.Calendar
		Unbound    bool
		Campaign   string
		Zone       string
		SendWindow pace.CampaignRules
	}])
	if err != nil {
		return nil, err
	}
	heads := make([]LineHead, 0, len(read))
	for _, row := range read {
		head := LineHead{Address: row.Address, Unbound: row.Unbound, Campaign: row.Campaign, Now: row.Now, Since: row.Since, Due: row.Due}
		head.Account, head.Window, err = headRow{Pace: row.Pace, Calendar: row.Calendar, SendWindow: row.SendWindow, Zone: row.Zone}.rules()
		if err != nil {
			continue // its first gets the turn, and is in error with the reason
		}
		if head.Spent, err = row.spent(); err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// LeftSince is true when a message of the account has left since then and by now, as the ledger says.
func (s *Store) LeftSince(ctx context.Context, address string, since time.Time) (left bool, err error) {
	return left, s.pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM deliveries WHERE reserved_at >= $2 AND wire_at >= $3 AND wire_at <= clock_timestamp() AND account = $1 AND kind = 'email')`,
		address, since.Add(-latestStart), since).Scan(&left)
}

// GiverSeen is when turns were given last; the zero time for never. Now is the database's.
func (s *Store) GiverSeen(ctx context.Context) (seen, now time.Time, err error) {
	var at *time.Time
	if err = s.pool.QueryRow(ctx, `SELECT seen_at, clock_timestamp() FROM turns_given`).Scan(&at, &now); err == nil && at != nil {
		seen = *at
	}
	return seen, now, err
}

// AccountsSpent is what each account has sent, of those that have a pace or had one. Now is
// the database's.
func (s *Store) AccountsSpent(ctx context.Context) (spent map[string]pace.Spent, now time.Time, err error) {
	spent = map[string]pace.Spent{}
	rows, err := s.pool.Query(ctx, `SELECT p.address, `+spentColumns+`, clock_timestamp() AS now FROM account_pace p`)
	if err != nil {
		return nil, now, err
	}
	read, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
		spentRow
		Address string
		Now     time.Time
	}])
	for _, row := range read {
		now = row.Now
		if spent[row.Address], err = row.spent(); err != nil {
			return nil, now, err
		}
	}
	return spent, now, err
}

// LineNumbers is the whole line for the metrics.
type LineNumbers struct {
	// States counts the contacts in each state.
	States map[LineState]int
	// Oldest is for how long the one has waited that has waited for the longest, of those
	// whose window is open; zero when nobody waits.
	Oldest time.Duration
	// Lapsed counts those who have let a turn lapse since they stand where they do.
	Lapsed int
}

// LineNumbers counts the line of all accounts.
func (s *Store) LineNumbers(ctx context.Context) (LineNumbers, error) {
	numbers := LineNumbers{States: map[LineState]int{InLineWaiting: 0, InLineAsleep: 0, InLineGranted: 0, InLineClaimed: 0, InLineStuck: 0}}
	rows, err := s.pool.Query(ctx, `
		SELECT state, count(*)::int, coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8, count(*) FILTER (WHERE lapses > 0)::int
		  FROM line WHERE state <> 'held' GROUP BY 1`)
	if err != nil {
		return numbers, err
	}
	var state LineState
	var count, lapsed int
	var oldest float64
	_, err = pgx.ForEachRow(rows, []any{&state, &count, &oldest, &lapsed}, func() error {
		numbers.States[state] = count
		numbers.Lapsed += lapsed
		if state == InLineWaiting {
			numbers.Oldest = time.Duration(oldest * float64(time.Second))
		}
		return nil
	})
	return numbers, err
}
