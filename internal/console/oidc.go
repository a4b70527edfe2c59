package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// How long a provider may take for one answer, and how large that may be.
const (
	providerTime   = 10 * time.Second
	providerAnswer = 1 << 20
)

// provider is an OpenID provider, as it has described itself.
type provider struct {
	*oidc.Provider
	oauth2.Config
	verifier *oidc.IDTokenVerifier
	// signOut is where it ends its own session; empty when it does not say.
	signOut string
}

// findProvider asks the issuer what it is, when somebody first signs in, and keeps the
// answer: a console starts, and serves who is signed in, while the issuer is away.
func (c *Console) findProvider(ctx context.Context) (*provider, error) {
	if found := c.provider.Load(); found != nil {
		return found, nil
	}
	with := c.Settings.OIDC
	discovered, err := oidc.NewProvider(c.toProvider(ctx), with.Issuer)
	if err != nil {
		return nil, err
	}
	var says struct {
		Auth    string   `json:"authorization_endpoint"`
		Token   string   `json:"token_endpoint"`
		Keys    string   `json:"jwks_uri"`
		Info    string   `json:"userinfo_endpoint"`
		SignOut string   `json:"end_session_endpoint"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := discovered.Claims(&says); err != nil {
		return nil, err
	}
	for _, at := range []string{says.Auth, says.Token, says.Keys} {
		if err := c.checkEndpoint(at); err != nil {
			return nil, err
		}
	}
	for _, at := range []string{says.Info, says.SignOut} {
		if at == "" {
			continue
		}
		if err := c.checkEndpoint(at); err != nil {
			return nil, err
		}
	}
	endpoint := discovered.Endpoint()
	// Left to itself oauth2 would try both ways, and a code may be worth one try only.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	found := &provider{
		Provider: discovered, signOut: says.SignOut,
		Config: oauth2.Config{
			ClientID: with.ClientID, ClientSecret: string(with.ClientSecret), Endpoint: endpoint, Scopes: with.Scopes,
			RedirectURL: c.Settings.URL.JoinPath("sign-in", "callback").String(),
		},
		verifier: discovered.Verifier(&oidc.Config{ClientID: with.ClientID, Now: c.Now}),
	}
	c.provider.Store(found)
	return found, nil
}

// checkEndpoint refuses an address to which neither a secret nor a person is to be sent.
func (c *Console) checkEndpoint(text string) error {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "https" && (address.Scheme != "http" || !isLoopbackHost(address.Hostname())) {
		return fmt.Errorf("the issuer names %q, which is no https address", text)
	}
	return nil
}

// toProvider is a context for requests to the provider.
func (c *Console) toProvider(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: providerTime, Transport: bounded{}})
}

// bounded gives up on an answer that is too large to be one.
type bounded struct{}

func (bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, providerAnswer)
	}
	return response, err
}

// untrue is why what the provider says of a person does not count.
type untrue struct{ why string }

func (u *untrue) Error() string { return u.why }

// redeem turns a code into who has signed in. Each token is read and forgotten.
func (c *Console) redeem(ctx context.Context, from *provider, code string, begun begunSignIn) (account, error) {
	ctx = c.toProvider(ctx)
	token, err := from.Exchange(ctx, code, oauth2.VerifierOption(begun.Verifier))
	if err != nil {
		return account{}, err
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return account{}, errors.New("the provider has sent no ID token")
	}
	checked, err := from.verifier.Verify(ctx, raw)
	if err != nil {
		return account{}, err
	}
	claims := map[string]any{}
	if err := checked.Claims(&claims); err != nil {
		return account{}, err
	}
	switch {
	case !same(checked.Nonce, begun.Nonce):
		return account{}, errors.New("the ID token is for another sign-in: its nonce differs")
	case len(checked.Audience) > 1 && claims["azp"] != from.ClientID, claims["azp"] != nil && claims["azp"] != from.ClientID: // OpenID Connect Core §3.1.3.7
		return account{}, errors.New("the ID token is for another client: its azp differs")
	case checked.AccessTokenHash != "" && checked.VerifyAccessToken(token.AccessToken) != nil:
		return account{}, errors.New("the access token is not that of the ID token")
	}
	if err := c.addInfo(ctx, from, token, checked.Subject, claims); err != nil {
		return account{}, err
	}
	return c.accountOf(claims)
}

// addInfo asks the provider's userinfo for what the ID token does not say.
func (c *Console) addInfo(ctx context.Context, from *provider, token *oauth2.Token, subject string, claims map[string]any) error {
	with := c.Settings.OIDC
	needs := []string{"email", with.VerifiedClaim}
	if len(with.Groups)+len(with.OperatorGroups) > 0 {
		needs = append(needs, with.GroupsClaim)
	}
	if from.UserInfoEndpoint() == "" || !slices.ContainsFunc(needs, func(name string) bool { return claims[name] == nil }) {
		return nil
	}
	info, err := from.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != subject { // OpenID Connect Core §5.3.2
		return errors.New("userinfo is about another person than the ID token")
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return err
	}
	for name, value := range more {
		if _, said := claims[name]; !said {
			claims[name] = value
		}
	}
	return nil
}
