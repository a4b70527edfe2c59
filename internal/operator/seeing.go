package operator

import (
	"context"
	"fmt"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// Stale refuses a change that was decided on facts which have changed since. It
// wraps ErrRefused.
type Stale = store.Stale

// Seeing is the same Operator for one who decides on what a page has shown: seen is
// the Seen of a Repair, of its campaign, or of a contact. A change of what has been
// repaired since is a Stale.
func (o *Operator) Seeing(seen int64) *Operator {
	other := *o
	other.saw = &seen
	return &other
}

// SeenUntil is for Seeing: what is read afterwards was there to be seen.
func (o *Operator) SeenUntil(ctx context.Context) (int64, error) {
	db, err := o.database(ctx)
	if err != nil {
		return 0, err
	}
	return db.LastFact(ctx)
}

// database is PostgreSQL, for one who has seen what Seeing says, at the rate of Pacing.
func (o *Operator) database(ctx context.Context) (*store.Store, error) {
	db, err := o.connections.database(ctx)
	if err != nil {
		return db, err
	}
	if o.saw != nil {
		db = db.Seeing(*o.saw)
	}
	if o.rate != nil {
		db = db.Pacing(*o.rate)
	}
	return db, nil
}

// sawAccount is a Stale when an account is not the one any more that was seen.
func (o *Operator) sawAccount(ctx context.Context, db *store.Store, account campaign.EmailAccount, version int64) error {
	if version == 0 || version == account.Epoch {
		return nil
	}
	cause := failure.EmailAccount(account.Address)
	fixes, err := db.LastFixes(ctx, []failure.Cause{cause})
	if err != nil {
		return err
	}
	stale := &Stale{Text: fmt.Sprintf("the settings of %s have been changed meanwhile", account.Address)}
	if last, ok := fixes[cause]; ok && (o.saw == nil || last.ID > *o.saw) {
		stale.By, stale.At = last.By, last.At
	}
	return stale
}
