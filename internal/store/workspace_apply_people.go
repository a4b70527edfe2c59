package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"relance/internal/campaign"
)

// plan takes the file's credits as the balance to begin with: they are set when
// the file first gives them or gives another number, not each time that the
// file is applied. Otherwise every edit of a text would fill them up.
func (a *applying) plan(ctx context.Context, plan campaign.Billing) error {
	before, err := lockPlan(ctx, a.tx)
	if err != nil {
		return err
	}
	var given *int64
	if err := a.tx.QueryRow(ctx, `SELECT given FROM plan`).Scan(&given); err != nil {
		return err
	}
	var notes []string
	after := plan
	switch {
	case plan.Unlimited:
		after.Credits = before.Credits
	case !before.Unlimited && given != nil && *given == plan.Credits:
		after = before
		if before.Credits != plan.Credits {
			notes = append(notes, fmt.Sprintf("%d credits are left; the file's %d were the balance to begin with, `starter credits add` adds to what is left", before.Credits, plan.Credits))
		}
	}
	var change Change
	causes, err := updatePlan(ctx, a.tx, before, after, &change)
	if err != nil {
		return err
	}
	if !plan.Unlimited && (given == nil || *given != plan.Credits) {
		if _, err := a.tx.Exec(ctx, `UPDATE plan SET given = $1`, plan.Credits); err != nil {
			return err
		}
	}
	a.credits = after.Credits
	if after.Unlimited {
		a.credits = -1
	}
	a.done("plan", planName(after), false, change.Edits, notes, causes...)
	return nil
}

// user applies a user. A phone number or an address that the file does not give
// is left alone: it may have been set since, to get contacts going again.
func (a *applying) user(ctx context.Context, user campaign.User) error {
	var change Change
	before, err := lockUser(ctx, a.tx, user.Key)
	if errors.Is(err, ErrNotFound) {
		_, err = a.tx.Exec(ctx, `INSERT INTO users (key, name, email, phone) VALUES ($1, $2, $3, $4)`, user.Key, user.Name, user.Email, user.Phone)
		a.done("user", user.Key, true, nil, nil)
		return err
	}
	if err != nil {
		return err
	}
	user.Name = cmp.Or(user.Name, before.Name)
	user.Email = cmp.Or(user.Email, before.Email)
	user.Phone = cmp.Or(user.Phone, before.Phone)
	causes, err := updateUser(ctx, a.tx, before, user, &change)
	a.done("user", user.Key, false, change.Edits, nil, causes...)
	return err
}
