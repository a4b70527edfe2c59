package operator

import (
	"context"

	"relance/internal/store"
)

// UsedDay is what an account has sent of its limit on the present date of its zone.
type UsedDay struct {
	Used  int `json:"used"`
	Limit int `json:"limit"`
}

// fillLines adds to accounts how many wait for them, and what they have used of their day.
func fillLines(ctx context.Context, db *store.Store, uses []store.AccountUse, accounts []*Account) error {
	counts, err := db.LineCounts(ctx)
	if err != nil {
		return err
	}
	waiting := map[string]int{}
	for _, line := range linesOf(counts) {
		waiting[line.account] = line.waiting()
	}
	spent, now, err := db.AccountsSpent(ctx)
	if err != nil {
		return err
	}
	for i, use := range uses {
		accounts[i].InLine = waiting[use.Address]
		account, err := use.Pace.Account(use.Calendar)
		if err != nil {
			continue // whatever sends with it says so
		}
		if used, limit, limited := account.Used(now, spent[use.Address]); limited {
			accounts[i].Today = &UsedDay{used, limit}
		}
	}
	return nil
}
