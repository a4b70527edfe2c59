package oauth

import (
	"context"
	"errors"

	"golang.org/x/oauth2"
)

// Device asks for consent on another device (RFC 8628): show gets the address to open there, and the
// code to type. It then asks the provider, as often as that wants, until somebody has answered or
// the code has ended. A *Refused when the consent is not given.
func (p Provider) Device(ctx context.Context, address string, show func(url, code string)) (Token, error) {
	asked, err := p.config.DeviceAuth(within(ctx))
	if err != nil {
		return Token{}, p.judge(address, err)
	}
	show(asked.VerificationURI, asked.UserCode)
	got, err := p.config.DeviceAccessToken(within(ctx), asked)
	var answer *oauth2.RetrieveError
	switch {
	case ctx.Err() != nil:
		return Token{}, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &answer) && answer.ErrorCode == "expired_token":
		return Token{}, &Refused{"nobody has typed the code in time"}
	case answer != nil && answer.ErrorCode == "access_denied":
		return Token{}, &Refused{"the consent was not given (access_denied)"}
	}
	return p.first(address, got, err)
}
