package operator

import (
	"context"
	"slices"
	"time"

	"relance/internal/pace"
	"relance/internal/store"
)

// LineTrouble is one thing that keeps contacts in line who would not have to wait, or more
// of them than the account can serve.
type LineTrouble struct {
	What LineProblem `json:"what"`
	// Account is the one in whose line they wait; empty when it is about all lines, or about
	// that of a campaign of which any of its senders takes the first.
	Account string `json:"account,omitempty"`
	// Campaigns are those that have contacts among them, by key.
	Campaigns []string `json:"campaigns"`
	// Contacts is how many wait.
	Contacts int `json:"contacts"`
	// Since is since when nothing has left although something could, or when turns were
	// given last; left out when they never were, and of the others.
	Since *time.Time `json:"since,omitempty"`
	// Days is about how many days the account needs for a line that is too long; left out
	// of the others, and when it can serve nobody.
	Days int `json:"days,omitempty"`
}

// LineProblem is what is the matter with a line.
type LineProblem string

// What can be the matter.
const (
	// NoGiver: contacts wait and no worker gives turns.
	NoGiver LineProblem = "no_giver"
	// Stalled: the window is open, budget is left, and nothing has left for three gaps and
	// at least a minute.
	Stalled LineProblem = "stalled"
	// PutAside: contacts have let several turns lapse, and rest beside the line.
	PutAside LineProblem = "put_aside"
	// TooLong: more are in line than the account can send in longestLine days.
	TooLong LineProblem = "too_long"
)

const (
	// longestLine is how many days a line may be long.
	longestLine = 90
	// giverSilent is for how long nobody may have given turns.
	giverSilent = time.Minute
)

// LineTroubles lists what is the matter with lines: of all accounts, or where a campaign has
// contacts in line. It costs little more than a count of those in line.
func (o *Operator) LineTroubles(ctx context.Context, key string) ([]LineTrouble, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return nil, err
	}
	counts, err := db.LineCounts(ctx)
	if err != nil || len(counts) == 0 {
		return []LineTrouble{}, err
	}
	lines := linesOf(counts)
	troubles, err := notGiven(ctx, db, lines)
	if err != nil {
		return nil, err
	}
	if len(troubles) == 0 { // without a giver nothing leaves
		if troubles, err = stalled(ctx, db, lines); err != nil {
			return nil, err
		}
	}
	long, err := tooLong(ctx, db, lines)
	troubles = slices.Concat(troubles, putAside(lines), long)
	return list(slices.DeleteFunc(troubles, func(trouble LineTrouble) bool { return key != "" && !slices.Contains(trouble.Campaigns, key) })), err
}

// lineOf is the line of one account, counted; or that of a campaign of several senders.
type lineOf struct {
	account   string
	unbound   bool
	campaigns []string
	states    map[store.LineState]int
	// aside are the campaigns of those who were put aside.
	aside []string
}

// now counts those who wait for nothing but a turn.
func (l lineOf) now() int { return l.states[store.InLineWaiting] + l.states[store.InLineGranted] }

// waiting counts everybody who is served after another.
func (l lineOf) waiting() int {
	return l.now() + l.states[store.InLineAsleep] + l.states[store.InLineClaimed]
}

// campaign is that of a campaign's own line.
func (l lineOf) campaign() string { return slices.Concat(l.campaigns, l.aside)[0] }

func (l lineOf) trouble(what LineProblem, contacts int) LineTrouble {
	return LineTrouble{What: what, Account: l.account, Campaigns: l.campaigns, Contacts: contacts}
}

// linesOf brings counts, by account and campaign, together by account; a campaign's own line
// is for itself.
func linesOf(counts []store.LineCount) []lineOf {
	var lines []lineOf
	for _, count := range counts {
		last := len(lines) - 1
		if last < 0 || lines[last].account != count.Account || lines[last].unbound != count.Unbound || count.Unbound && lines[last].campaign() != count.Campaign {
			lines = append(lines, lineOf{account: count.Account, unbound: count.Unbound, states: map[store.LineState]int{}})
		}
		line := &lines[len(lines)-1]
		line.states[count.State] += count.Contacts
		if count.State == store.InLineStuck {
			line.aside = append(line.aside, count.Campaign)
		} else if !slices.Contains(line.campaigns, count.Campaign) {
			line.campaigns = append(line.campaigns, count.Campaign)
		}
	}
	return lines
}

func notGiven(ctx context.Context, db *store.Store, lines []lineOf) ([]LineTrouble, error) {
	trouble := LineTrouble{What: NoGiver}
	for _, line := range lines {
		if n := line.now(); n > 0 {
			trouble.Contacts += n
			trouble.Campaigns = append(trouble.Campaigns, line.campaigns...)
		}
	}
	if trouble.Contacts == 0 {
		return nil, nil
	}
	seen, now, err := db.GiverSeen(ctx)
	if err != nil || now.Sub(seen) <= giverSilent {
		return nil, err
	}
	slices.Sort(trouble.Campaigns)
	trouble.Campaigns = slices.Compact(trouble.Campaigns)
	if !seen.IsZero() {
		seen = seen.UTC()
		trouble.Since = &seen
	}
	return []LineTrouble{trouble}, nil
}

func stalled(ctx context.Context, db *store.Store, lines []lineOf) ([]LineTrouble, error) {
	heads, err := db.LineHeads(ctx)
	if err != nil {
		return nil, err
	}
	var found []LineTrouble
	for _, head := range heads {
		patience := head.Account.Stalled()
		from := head.Now.Add(-patience)
		at := slices.IndexFunc(lines, func(line lineOf) bool {
			return line.unbound == head.Unbound && (head.Unbound && line.campaign() == head.Campaign || !head.Unbound && line.account == head.Address)
		})
		if at < 0 || head.Since.After(from) || !head.Account.CouldLeave(head.Now, patience, head.Window, head.Spent) {
			continue
		}
		left, err := db.LeftSince(ctx, head.Address, from)
		if err != nil {
			return nil, err
		}
		due, _, err := head.Account.When(head.Due, head.Window, head.Spent)
		if err != nil || left {
			continue
		}
		due = due.UTC()
		trouble := lines[at].trouble(Stalled, lines[at].now())
		trouble.Account = head.Address
		trouble.Since = &due
		found = append(found, trouble)
	}
	return found, nil
}

func putAside(lines []lineOf) (found []LineTrouble) {
	for _, line := range lines {
		if n := line.states[store.InLineStuck]; n > 0 {
			found = append(found, LineTrouble{What: PutAside, Account: line.account, Campaigns: line.aside, Contacts: n})
		}
	}
	return found
}

func tooLong(ctx context.Context, db *store.Store, lines []lineOf) (found []LineTrouble, err error) {
	uses, err := db.AccountUses(ctx)
	if err != nil {
		return nil, err
	}
	spent, now, err := db.AccountsSpent(ctx)
	if err != nil {
		return nil, err
	}
	long, err := tooLongUnbound(ctx, db, lines, uses, spent, now)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		at := slices.IndexFunc(uses, func(use store.AccountUse) bool { return use.Address == line.account })
		if at < 0 || uses[at].Pace.Free() {
			continue
		}
		account, err := uses[at].Pace.Account(uses[at].Calendar)
		if err != nil {
			continue // its contacts are in error with the reason
		}
		contacts, served := line.waiting(), account.Serves(now, spent[line.account], longestLine)
		if served == pace.Unlimited || contacts <= served {
			continue
		}
		trouble := line.trouble(TooLong, contacts)
		if served > 0 {
			trouble.Days = daysFor(contacts, served)
		}
		found = append(found, trouble)
	}
	return append(found, long...), nil
}

// daysFor is in how many days so many are served, when longestLine days serve some of them.
func daysFor(contacts, served int) int { return (contacts*longestLine + served - 1) / served }
