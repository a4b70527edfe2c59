package operator

import (
	"context"
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// tooLongUnbound finds the campaigns of several senders with more contacts that nobody has
// mailed than its senders can serve, beside those in their own lines.
func tooLongUnbound(ctx context.Context, db *store.Store, lines []lineOf, uses []store.AccountUse, spent map[string]pace.Spent, now time.Time) (found []LineTrouble, err error) {
	for _, line := range lines {
		if !line.unbound {
			continue
		}
		of, err := db.Campaign(ctx, line.campaign())
		if err != nil {
			return nil, err
		}
		served := 0
		for _, use := range uses {
			if !slices.Contains(of.Senders, use.Address) || use.Status != campaign.AccountConnected {
				continue
			}
			account, err := use.Pace.Account(use.Calendar)
			if err != nil {
				continue
			}
			more := pace.Unlimited
			if !use.Pace.Free() {
				more = account.Serves(now, spent[use.Address], longestLine)
			}
			if more == pace.Unlimited {
				served = pace.Unlimited
				break
			}
			for _, own := range lines {
				if own.account == use.Address {
					more = max(0, more-own.waiting())
				}
			}
			served += more
		}
		contacts := line.waiting()
		if served == pace.Unlimited || contacts <= served {
			continue
		}
		trouble := line.trouble(TooLong, contacts)
		if served > 0 {
			trouble.Days = daysFor(contacts, served)
		}
		found = append(found, trouble)
	}
	return found, nil
}
