package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/plaintext"
)

// Token is what came of a consent.
type Token struct {
	// Access is shown to mail servers until Expires; zero is for ever.
	Access  campaign.Secret
	Expires time.Time
	// Refresh gets the next one.
	Refresh campaign.Secret
}

// patience is how long a token server may take for one answer.
const patience = 20 * time.Second

// within makes the requests of the library end in time. It follows no redirects: a token is sent to
// the provider's own address alone.
func within(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// Refresh gets a new access token. A provider may replace the refresh token too; otherwise it
// stays. A *bearer.Denied when only a person can help, with the provider's words; any other error
// says that the provider could not be asked.
func (p Provider) Refresh(ctx context.Context, address string, refresh campaign.Secret) (Token, error) {
	got, err := p.config.TokenSource(within(ctx), &oauth2.Token{RefreshToken: string(refresh)}).Token()
	if err != nil {
		return Token{}, p.judge(address, err)
	}
	return tokenOf(got), nil
}

func tokenOf(got *oauth2.Token) Token {
	return Token{Access: campaign.Secret(got.AccessToken), Refresh: campaign.Secret(got.RefreshToken), Expires: got.Expiry}
}

// later are the codes of RFC 6749 §4.1.2.1 and RFC 8628 §3.5 that another time may be another.
var later = map[string]bool{"": true, "server_error": true, "temporarily_unavailable": true, "slow_down": true}

// judge says what an answer of a token server means (RFC 6749 §5.2): a code that names the
// consent, or our client, is for a person; all else is tried again. What the server has sent beside
// is not repeated: it may hold a token.
func (p Provider) judge(address string, err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return fmt.Errorf("the token server of %s cannot be asked: %w", p.Name, err)
	}
	status := 0
	if answer.Response != nil {
		status = answer.Response.StatusCode
	}
	if later[answer.ErrorCode] || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return fmt.Errorf("the token server of %s cannot be asked just now (status %d%s)", p.Name, status, spaced(answer.ErrorCode))
	}
	words := plaintext.Line(answer.ErrorCode, 60)
	if answer.ErrorDescription != "" {
		words += ": " + plaintext.Line(answer.ErrorDescription, 200)
	}
	what := "gives no token for " + address + " any more"
	if answer.ErrorCode == "invalid_client" || answer.ErrorCode == "unauthorized_client" {
		what = "does not know our client any more, so that there is no token for " + address + "; see docs/oauth.md"
	}
	return &bearer.Denied{Address: address, Provider: p.Key, Code: answer.ErrorCode, Why: p.Name + " " + what + " (" + words + ")"}
}

func spaced(code string) string {
	if code == "" {
		return ""
	}
	return ", " + plaintext.Line(code, 60)
}
