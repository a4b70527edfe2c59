package oauth_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/tokens"
	"relance/internal/mail/bearer"
	"relance/internal/oauth"
	"relance/internal/settings"
)

func providerOf(t *testing.T, o tokens.Options) (oauth.Provider, *tokens.Server) {
	t.Helper()
	o.Dir = t.TempDir()
	server, err := tokens.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	provider, ok := oauth.New(oauth.Dev, settings.OAuth{DevURL: server.URL()})
	require.True(t, ok)
	return provider, server
}

// post sends a form as a browser does, and follows where it leads.
func post(ctx context.Context, address string, form url.Values) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return 0, err
	}
	request.URL.RawQuery = request.URL.Query().Encode()
	got, err := http.PostForm(request.URL.String(), form)
	if err != nil {
		return 0, err
	}
	return got.StatusCode, got.Body.Close()
}

func TestConsentInABrowser(t *testing.T) {
	t.Parallel()
	provider, server := providerOf(t, tokens.Options{})
	say := func(say string, before func(address *url.URL)) (oauth.Token, error) {
		answered := make(chan error, 1)
		token, err := provider.Browser(t.Context(), leas, func(address string) {
			parsed, err := url.Parse(address)
			require.NoError(t, err)
			query := parsed.Query()
			require.Equal(t, "S256", query.Get("code_challenge_method"))
			require.Equal(t, leas, query.Get("login_hint"))
			require.Regexp(t, `^http://127\.0\.0\.1:\d+/$`, query.Get("redirect_uri"))
			if before != nil {
				before(parsed)
			}
			go func() {
				_, err := post(t.Context(), address, url.Values{"say": {say}, "user": {leas}})
				answered <- err
			}()
		})
		require.NoError(t, <-answered)
		return token, err
	}
	token, err := say("yes", func(address *url.URL) {
		// Somebody else's answer, with a code of his own, is not taken.
		other := address.Query().Get("redirect_uri") + "?code=his&state=other"
		got, err := http.Get(other)
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		require.Equal(t, http.StatusBadRequest, got.StatusCode)
	})
	require.NoError(t, err)
	require.True(t, server.Valid(leas, string(token.Access)))
	require.NotEmpty(t, token.Refresh)
	require.WithinDuration(t, time.Now().Add(time.Hour), token.Expires, time.Minute)

	var refused *oauth.Refused
	_, err = say("no", nil)
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "the consent was not given (access_denied")
}

func TestConsentOnAnotherDevice(t *testing.T) {
	t.Parallel()
	provider, server := providerOf(t, tokens.Options{})
	for _, say := range []string{"yes", "no"} {
		token, err := provider.Device(t.Context(), leas, func(address, code string) {
			status, err := post(t.Context(), address, url.Values{"say": {say}, "user": {leas}, "code": {code}})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
		})
		if say == "yes" {
			require.NoError(t, err)
			require.True(t, server.Valid(leas, string(token.Access)))
			continue
		}
		var refused *oauth.Refused
		require.ErrorAs(t, err, &refused)
	}
	ended, cancel := context.WithCancel(t.Context())
	_, err := provider.Device(ended, leas, func(string, string) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
}

func TestProviders(t *testing.T) {
	t.Parallel()
	of := settings.OAuth{GoogleID: "g", MicrosoftTenant: "northwind.example"}
	google, ok := oauth.New(oauth.Google, of)
	require.True(t, ok)
	require.Empty(t, google.Missing())
	require.False(t, google.OnDevice, "Google's device flow gives no mail")
	require.Equal(t, "smtp.gmail.com", google.SMTP.Host)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := google.Browser(ctx, leas, func(address string) {
		parsed, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, "https://mail.google.com/", parsed.Query().Get("scope"))
		require.Equal(t, "offline", parsed.Query().Get("access_type"))
		require.Equal(t, "consent", parsed.Query().Get("prompt"))
		cancel()
	})
	require.ErrorIs(t, err, context.Canceled)

	microsoft, ok := oauth.New(oauth.Microsoft, of)
	require.True(t, ok)
	require.Equal(t, "RELANCE_OAUTH_MICROSOFT_CLIENT_ID", microsoft.Missing())
	require.True(t, microsoft.OnDevice)
	ctx, cancel = context.WithCancel(t.Context())
	_, err = microsoft.Browser(ctx, leas, func(address string) {
		parsed, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, "/northwind.example/oauth2/v2.0/authorize", parsed.Path)
		require.Equal(t, "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All offline_access", parsed.Query().Get("scope"))
		require.Regexp(t, `^http://localhost:\d+/$`, parsed.Query().Get("redirect_uri"))
		cancel()
	})
	require.ErrorIs(t, err, context.Canceled)
	_, ok = oauth.New("yahoo", of)
	require.False(t, ok)
}

func TestWhatATokenServerSays(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`400 {"error":"invalid_grant","error_description":"AADSTS50173: revoked"}`: "denied",
		`400 {"error":"interaction_required"}`:                                     "denied",
		`401 {"error":"invalid_client","error_description":"secret ended"}`:        "denied",
		`400 {"error":"temporarily_unavailable"}`:                                  "later",
		`503 {"error":"invalid_grant"}`:                                            "later",
		`429 {"error":"invalid_request"}`:                                          "later",
		`500 dev-refresh-canary`:                                                   "later",
		`400 <html>a proxy says dev-refresh-canary</html>`:                         "later",
		`200 not json dev-refresh-canary`:                                          "later",
		`302 `:                                                                     "later",
	} {
		provider := answering(t, answer)
		_, err := provider.Refresh(t.Context(), leas, "dev-refresh-canary")
		var denied *bearer.Denied
		require.Error(t, err, answer)
		require.NotContains(t, err.Error(), "canary", answer)
		if want == "denied" {
			require.ErrorAs(t, err, &denied, answer)
		} else {
			require.NotErrorAs(t, err, &denied, answer)
		}
	}
}
