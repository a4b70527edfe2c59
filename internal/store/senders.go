package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// compareSenders notes other senders: as one value when one was and one is, else as a list.
func compareSenders(change *Change, before, after campaign.Campaign) {
	if len(before.Senders)+len(after.Senders) == 0 {
		change.compare("sender", before.Sender, after.Sender)
		return
	}
	from, to := strings.Join(before.AllSenders(), ", "), strings.Join(after.AllSenders(), ", ")
	if from == to { // one address, that of everybody's sender or of a list
		from, to = sendersText(before), sendersText(after)
	}
	change.compare("senders", from, to)
}

func sendersText(of campaign.Campaign) string {
	if len(of.Senders) == 0 {
		return of.Sender + " for everybody"
	}
	return strings.Join(of.Senders, ", ") + " for those that it has mailed, and new ones"
}

// MailedBy counts the contacts under way in a campaign of several senders, by the sender
// whose they are; those that nobody has mailed are under the empty address. It is empty for
// a campaign of one sender: that one is everybody's.
func (s *Store) MailedBy(ctx context.Context, key string) (map[string]int, error) {
	return mailedBy(ctx, s.pool, key, false)
}

// mailedBy is MailedBy; also of a campaign that has one sender and is given several.
func mailedBy(ctx context.Context, db querier, key string, several bool) (map[string]int, error) {
	counts := map[string]int{}
	rows, err := db.Query(ctx, `
		SELECT coalesce(`+keptSenderSQL+`, ''), count(*) FROM enrollments e JOIN campaigns c ON c.key = e.campaign
		 WHERE c.key = $1 AND ($2 OR c.senders <> '{}') AND e.`+runningSQL+` GROUP BY 1`, key, several)
	if err != nil {
		return nil, err
	}
	var address string
	var count int
	_, err = pgx.ForEachRow(rows, []any{&address, &count}, func() error { counts[address] = count; return nil })
	return counts, err
}

// keptSenders says what other senders mean for the contacts that those of before have mailed.
func (a *applying) keptSenders(ctx context.Context, before, after campaign.Campaign) (notes []string, err error) {
	counts, err := mailedBy(ctx, a.tx, before.Key, len(after.Senders) > 0)
	if err != nil {
		return nil, err
	}
	for _, address := range slices.Sorted(maps.Keys(counts)) {
		switch {
		case address == "", slices.Contains(after.AllSenders(), address):
		case len(after.Senders) == 0 && after.Sender != "":
			notes = append(notes, fmt.Sprintf("%s mailed by %s: they go on with %s", countedContacts(counts[address], "was", "were"), address, after.Sender))
		case len(after.Senders) > 0:
			notes = append(notes, fmt.Sprintf("%s takes no new contacts; %s mailed by it: they keep it (`starter campaign move-sender %s --from %s --to %s` moves them)",
				address, countedContacts(counts[address], "was", "were"), after.Key, address, after.Senders[0]))
		}
	}
	return notes, nil
}
