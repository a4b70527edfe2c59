package operator

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"relance/internal/store"
)

// Role is what somebody may do: a viewer may look at everything, an operator may also
// change it.
type Role string

// The two roles.
const (
	RoleViewer   Role = "viewer"
	RoleOperator Role = "operator"
)

// Token is a token of the API, without the token itself. RemovedAt and UsedAt are null
// when that has not happened.
type Token = store.Token

// AddedToken is a new token. Text is shown once: nobody can read it again.
type AddedToken struct {
	Token
	Text string `json:"token"`
}

const (
	tokenPrefix = "rel_" // by which a secret scanner knows it
	tokenBytes  = 32
	// MaxTokenLife is the longest that a token may be valid.
	MaxTokenLife = 366 * 24 * time.Hour
)

var tokenName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// AddToken makes a token of the API, valid for as long as expires says. An Invalid for a
// name, a role or a time that cannot be one, an ErrRefused when another has the name.
func (o *Operator) AddToken(ctx context.Context, name string, role Role, expires time.Duration) (AddedToken, error) {
	switch {
	case !tokenName.MatchString(name):
		return AddedToken{}, &Invalid{Field: "name", Problem: fmt.Sprintf("is %q; expected lower-case letters, digits, dots and hyphens, at most 63, for example crm-sync", name)}
	case role != RoleViewer && role != RoleOperator:
		return AddedToken{}, &Invalid{Field: "role", Problem: fmt.Sprintf("is %q; expected viewer or operator", string(role))}
	case expires < time.Minute || expires > MaxTokenLife:
		return AddedToken{}, &Invalid{Field: "expires", Problem: "is too short or too long; expected a minute to 366 days, for example 90d"}
	}
	db, err := o.database(ctx)
	if err != nil {
		return AddedToken{}, err
	}
	var random [tokenBytes]byte
	_, _ = rand.Read(random[:]) // it never fails: crypto/rand ends the program instead
	text := tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	token, err := db.AddToken(ctx, Token{Name: name, Role: string(role), CreatedBy: o.by}, sha256.Sum256([]byte(text)), expires)
	return AddedToken{inUTC(token), text}, err
}

// Tokens lists the tokens of the API by name, expired and removed ones too.
func (o *Operator) Tokens(ctx context.Context) ([]Token, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := db.Tokens(ctx)
	for i := range tokens {
		tokens[i] = inUTC(tokens[i])
	}
	return list(tokens), err
}

// RemoveToken has a token be refused from now on. A NotFound when there is none.
func (o *Operator) RemoveToken(ctx context.Context, name string) (Token, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Token{}, err
	}
	token, err := db.RemoveToken(ctx, name)
	if errors.Is(err, ErrNotFound) {
		all, err := db.Tokens(ctx)
		if err != nil {
			return Token{}, err
		}
		missing := &NotFound{Thing: TokenThing, Key: name}
		for _, one := range all {
			if one.RemovedAt == nil {
				missing.Existing = append(missing.Existing, one.Name)
			}
		}
		return Token{}, missing
	}
	return inUTC(token), err
}

// TokenThing is what a NotFound of a token is about.
const TokenThing = "token"

// BadToken refuses a token that is not, or no longer, valid.
type BadToken struct {
	// Name is empty when nobody has ever had such a token.
	Name string
	// ExpiredAt and RemovedAt say why it is not valid any more.
	ExpiredAt, RemovedAt *time.Time
}

func (e *BadToken) Error() string {
	switch {
	case e.RemovedAt != nil:
		return fmt.Sprintf("the token %s was removed on %s", e.Name, e.RemovedAt.UTC().Format(time.DateOnly))
	case e.ExpiredAt != nil:
		return fmt.Sprintf("the token %s has expired on %s", e.Name, e.ExpiredAt.UTC().Format(time.DateOnly))
	}
	return "there is no such token"
}

// TokenOf is the token with this text. A BadToken when it is not valid.
func (o *Operator) TokenOf(ctx context.Context, text string) (Token, error) {
	if !strings.HasPrefix(text, tokenPrefix) || len(text) != len(tokenPrefix)+base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return Token{}, &BadToken{}
	}
	db, err := o.database(ctx)
	if err != nil {
		return Token{}, err
	}
	token, valid, err := db.TokenOf(ctx, sha256.Sum256([]byte(text)))
	switch {
	case errors.Is(err, ErrNotFound):
		return Token{}, &BadToken{}
	case err != nil:
		return Token{}, err
	case !valid && token.RemovedAt != nil:
		return Token{}, &BadToken{Name: token.Name, RemovedAt: token.RemovedAt}
	case !valid:
		return Token{}, &BadToken{Name: token.Name, ExpiredAt: &token.ExpiresAt}
	}
	return inUTC(token), nil
}

func inUTC(token Token) Token {
	token.CreatedAt, token.ExpiresAt = token.CreatedAt.UTC(), token.ExpiresAt.UTC()
	for _, at := range []**time.Time{&token.UsedAt, &token.RemovedAt} {
		if *at != nil {
			utc := (*at).UTC()
			*at = &utc
		}
	}
	return token
}

var life = regexp.MustCompile(`^([0-9]{1,6})([mhdw])$`)

// ParseLife reads how long a token is to be valid: 90d, 12h, 30m or 2w.
func ParseLife(text string) (time.Duration, error) {
	found := life.FindStringSubmatch(strings.TrimSpace(text))
	if found == nil {
		return 0, &Invalid{Field: "expires", Problem: fmt.Sprintf("is %q; expected for example 90d or 12h", text)}
	}
	number, err := strconv.Atoi(found[1])
	if err != nil {
		return 0, invalid("expires", err)
	}
	return time.Duration(number) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[found[2]], nil
}
