package smtp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/mail/smtp"
)

const refusedToken = "ya29.0ld"

// tokens gives the old one at first, and next for one that was refused; it notes what it was asked.
func tokens(asked *[]campaign.Secret, next campaign.Secret) smtp.Option {
	return smtp.WithTokens(func(_ context.Context, _ string, rejected campaign.Secret) (campaign.Secret, error) {
		*asked = append(*asked, rejected)
		if rejected == "" {
			return refusedToken, nil
		}
		return next, nil
	})
}

func (s *server) byToken() campaign.EmailAccount {
	account := s.account()
	account.SMTP.Password, account.SMTP.Provider = "", "google"
	return account
}

// A refused token is explained in JSON, which has to be answered: with an empty line under XOAUTH2,
// with one byte under OAUTHBEARER (RFC 7628 §3.2.3). Then it is replaced, once.
func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	reason := "334 " + base64.StdEncoding.EncodeToString([]byte(`{"status":"401","schemes":"bearer"}`))
	for offers, answered := range map[string]string{"AUTH PLAIN XOAUTH2": "", "AUTH LOGIN OAUTHBEARER": "AQ=="} {
		s := (&server{offers: []string{offers}, answers: map[string]string{"AUTH": reason + "\n235 2.7.0 welcome", "": "535 5.7.8 no", "AQ==": "535 5.7.8 no"}}).start(t)
		var asked []campaign.Secret
		require.NoError(t, newPool(t, tokens(&asked, "ya29.new")).Login(t.Context(), s.byToken()), offers)
		require.Equal(t, []campaign.Secret{"", refusedToken}, asked)
		s.look(func() {
			require.Contains(t, s.commands, answered)
			require.Equal(t, 2, s.logins)
			require.NotContains(t, s.commands, "AUTH PLAIN")
		})
	}
}

func TestATokenThatStaysRefused(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]campaign.Secret{"another is refused too": "ya29.new", "there is no other": refusedToken} {
		s := (&server{offers: []string{"AUTH XOAUTH2"}, answers: map[string]string{"AUTH": "535 5.7.8 ya29.0ld is no good, nor is ya29.new"}}).start(t)
		var asked []campaign.Secret
		err := newPool(t, tokens(&asked, next)).Login(t.Context(), s.byToken())
		var refused *smtp.Refused
		require.ErrorAs(t, err, &refused, name)
		require.Len(t, asked, 2, name)
		require.NotContains(t, err.Error(), string(next), "the server repeats it, and we do not")
	}
	s := (&server{offers: []string{"AUTH XOAUTH2"}, answers: map[string]string{"AUTH": "454 4.7.0 later"}}).start(t)
	var asked []campaign.Secret
	require.Error(t, newPool(t, tokens(&asked, "ya29.new")).Login(t.Context(), s.byToken()))
	require.Len(t, asked, 1, "what may pass is no fault of the token")
}

func TestWithoutAToken(t *testing.T) {
	t.Parallel()
	s := (&server{offers: []string{"AUTH XOAUTH2"}}).start(t)
	login := func(account campaign.EmailAccount, err error) *smtp.Unreachable {
		t.Helper()
		failed := newPool(t, smtp.WithTokens(func(context.Context, string, campaign.Secret) (campaign.Secret, error) { return "ya29", err })).Login(t.Context(), account)
		var unreachable *smtp.Unreachable
		require.ErrorAs(t, failed, &unreachable)
		return unreachable
	}
	down := errors.New("the token server cannot be asked")
	require.False(t, login(s.byToken(), down).Account, "it is tried again")
	denied := login(s.byToken(), &bearer.Denied{Address: "maya@northwind.example", Provider: "google", Why: "Google gives no token"})
	require.True(t, denied.Account, "a person has to mend it")
	require.EqualError(t, denied, "Google gives no token; connect it again: starter email-account connect maya@northwind.example --provider google")
	s.look(func() { require.Zero(t, s.connections, "nobody is dialled without a token") })

	plain := (&server{offers: []string{"AUTH PLAIN"}}).start(t)
	none := login(plain.byToken(), nil)
	require.True(t, none.Account)
	require.ErrorContains(t, none, "offers no login with a token (XOAUTH2 or OAUTHBEARER) on this connection, but only PLAIN")
}
