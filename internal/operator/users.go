package operator

import (
	"context"
	"errors"
	"strings"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// User is a person of the team.
type User = campaign.User

// UserEdit says what is to be other than it is about a user; nil leaves a part
// as it is, and an empty email or phone clears it.
type UserEdit struct{ Name, Email, Phone *string }

// Users lists the users by key.
func (o *Operator) Users(ctx context.Context) ([]User, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	users, err := db.Users(ctx)
	return list(users), err
}

// SetUser changes a user. An Invalid for a value that cannot be one, or when
// nothing is given, a NotFound when there is no such user.
func (o *Operator) SetUser(ctx context.Context, key string, edit UserEdit) (Changed, error) {
	clean, err := edit.clean()
	if err != nil {
		return Changed{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Changed{}, err
	}
	_, change, err := db.SetUser(ctx, key, clean, o.by)
	if errors.Is(err, ErrNotFound) {
		users, err := db.Users(ctx)
		if err != nil {
			return Changed{}, err
		}
		missing := &NotFound{Thing: UserThing, Key: key}
		for _, user := range users {
			missing.Existing = append(missing.Existing, user.Key)
		}
		return Changed{}, missing
	}
	if err != nil {
		return Changed{}, err
	}
	return o.changed(ctx, db, change)
}

// clean is the edit as the database keeps it.
func (e UserEdit) clean() (store.UserEdit, error) {
	var clean store.UserEdit
	if e == (UserEdit{}) {
		return clean, &Invalid{Field: "user", Text: "nothing is given that should change; expected a phone number, a name or an email address"}
	}
	if e.Name != nil {
		name := plaintext.Line(*e.Name, plaintext.Name)
		if name == "" {
			return clean, &Invalid{Field: "name", Problem: "is empty; expected the name of the person"}
		}
		clean.Name = &name
	}
	if e.Email != nil {
		email := strings.TrimSpace(*e.Email)
		if email != "" {
			var err error
			if email, err = parseAddress("email", email); err != nil {
				return clean, err
			}
		}
		clean.Email = &email
	}
	if e.Phone != nil {
		phone := strings.TrimSpace(*e.Phone)
		if phone != "" {
			var err error
			if phone, err = campaign.ParsePhone(phone); err != nil {
				return clean, invalid("phone", err)
			}
		}
		clean.Phone = &phone
	}
	return clean, nil
}
