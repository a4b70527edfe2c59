package oauth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/settings"
	"relance/internal/store"
)

const (
	// margin is how long before its end an access token is used no more: a login and the mails
	// after it take a while.
	margin = 2 * time.Minute
	// refreshing is how long one refresh may take, with the wait for its turn and its writing down.
	refreshing = time.Minute
	// atOnce is how many are refreshed at the same time: each holds a connection to PostgreSQL, and
	// a token server that is slow keeps nobody from the ledger.
	atOnce = 4
	// by signs what the machine does.
	by = "oauth"
)

// Source gives the tokens that PostgreSQL keeps, and has them refreshed: of all processes one at a
// time for an account, and in this one once for all who ask. It is safe for concurrent use.
type Source struct {
	store    *store.Store
	settings settings.OAuth
	slots    chan struct{}
	flights  singleflight.Group
}

// NewSource makes a Source.
func NewSource(s *store.Store, of settings.OAuth) *Source {
	return &Source{store: s, settings: of, slots: make(chan struct{}, atOnce)}
}

// Token is a bearer.Tokens. When the provider denies it, the account is put in error, unless
// somebody has connected it again meanwhile.
func (s *Source) Token(ctx context.Context, address string, rejected campaign.Secret) (campaign.Secret, error) {
	kept, err := s.store.OAuthToken(ctx, address)
	if errors.Is(err, store.ErrNoToken) {
		return "", s.none(ctx, address)
	}
	if err != nil {
		return "", err
	}
	if good(kept, rejected) {
		return kept.Access, nil
	}
	// Who asked may give up; an answer of the provider is written down all the same.
	flight := s.flights.DoChan(address+" "+strconv.FormatInt(kept.Version, 10), func() (any, error) {
		return s.refresh(context.WithoutCancel(ctx), address, kept)
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case landed := <-flight:
		token, _ := landed.Val.(campaign.Secret)
		return token, landed.Err
	}
}

func good(token store.OAuthToken, rejected campaign.Secret) bool {
	return token.Access != "" && token.Access != rejected && (token.Expires.IsZero() || time.Now().Add(margin).Before(token.Expires))
}

func (s *Source) refresh(ctx context.Context, address string, kept store.OAuthToken) (campaign.Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshing)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return "", fmt.Errorf("the token of %s waits behind others: %w", address, ctx.Err())
	}
	provider, ok := New(kept.Provider, s.settings)
	if !ok {
		return "", &bearer.Denied{Address: address, Provider: kept.Provider, Why: fmt.Sprintf("no provider is called %q", kept.Provider)}
	}
	if missing := provider.Missing(); missing != "" {
		return "", fmt.Errorf("%s is not set here, so no token can be had for %s", missing, address) // a fault of this process, and not of the account
	}
	fresh, err := s.store.RefreshToken(ctx, address, kept.Version, func(ctx context.Context, old store.OAuthToken) (store.OAuthToken, error) {
		got, err := provider.Refresh(ctx, address, old.Refresh)
		return store.OAuthToken{Access: got.Access, Refresh: got.Refresh, Expires: got.Expires}, err
	})
	var denied *bearer.Denied
	if errors.As(err, &denied) {
		err = errors.Join(err, s.store.TokenDenied(ctx, address, kept.Epoch, denied.Error(), by))
	}
	if err != nil {
		return "", err
	}
	return fresh.Access, nil
}

// none says why an account has no token.
func (s *Source) none(ctx context.Context, address string) error {
	account, err := s.store.EmailAccount(ctx, address)
	if err != nil {
		return err
	}
	return &bearer.Denied{Address: address, Provider: account.SMTP.Provider, Why: "nobody has consented yet to what " + address + " logs in with"}
}
